"""`archprof device`: what this device reaches, measured once and kept."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Annotated

import typer

from archprof.cli.measuring import DTYPES, Threads
from archprof.cli.options import Format, FormatOption, Output


def device(
    device: Annotated[str, typer.Option("--device", metavar="NAME", help="cpu, cuda or cuda:N. Nothing else is tried.")] = "cpu",
    dtype: Annotated[str | None, typer.Option("--dtype", metavar="LIST", help="float32, tf32, float16 or bfloat16; several with commas.",
                                              show_default="all it has")] = None,
    threads: Threads = None,
    again: Annotated[bool, typer.Option("--again", help="Measure anew what is kept already.")] = False,
    format: FormatOption = Format.table,
    output: Output = None,
) -> int:
    """Peak arithmetic by dtype, bandwidth and the time of the smallest op: what rooflines are drawn from. Needs torch.

    Measured once for each device, version of its software and number of threads, and kept in the user's cache directory.

    Example: archprof device --dtype float32
    """
    from archprof.cli.measuring import require_torch
    from archprof.cli.ranges import names
    from archprof.problem import ProblemError
    from archprof.report import terminal
    from archprof.report.rooflines import device_data, device_tables
    from archprof.report.table import put

    asked = names(dtype, "--dtype", DTYPES) if dtype is not None else None
    require_torch("device")
    from archprof.runtime.conditions import Settings, applied, check, resolve
    from archprof.runtime.kept_peaks import identity, peaks
    from archprof.runtime.sensors import sensors

    where = resolve(device)
    speaker = sensors(where)
    kept = []
    with applied(where, Settings(threads), "float32"), _saying() as tell:
        for name in asked or DTYPES:
            try:
                check(where, name)
            except ProblemError:
                if asked:
                    raise
                continue
            kept.append(peaks(where, name, terminal.write_whole, again, tell, speaker))
        key = identity(where, speaker)
    if format is Format.json:
        import json

        terminal.emit(json.dumps(device_data(key, kept), indent=1), output)
    else:
        put(device_tables(key, kept), format.value, output)
    return 0


@contextmanager
def _saying() -> Iterator[Callable[[str], object]]:
    """Says on a terminal what is being measured."""
    if not sys.stderr.isatty():
        yield lambda what: None
        return
    from rich.console import Console

    with Console(stderr=True).status("measuring, about half a minute for each dtype") as status:
        yield lambda what: status.update(f"measuring {what}, about half a minute for each dtype")
