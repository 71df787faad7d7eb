"""`archprof device`: what this device reaches, measured once and kept."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

from archprof.cli.declared import Option
from archprof.cli.options import Format, FormatOption, Output
from archprof.commands.measure.measurement_options import PEAK_DTYPES, Threads

if TYPE_CHECKING:
    import torch

    from archprof.commands.measure.device.kept_peaks import Kept
    from archprof.commands.measure.on_device.sensors import Sensors

LIMITS = {"cpu": 40.0, "cuda": 50.0}
"""Seconds for all that is measured, without --time-limit.

With the import of torch the command ends within a minute.
"""

PAUSE = 10.0  # seconds between two plain lines


def device(
    device: Annotated[
        str,
        Option("--device", metavar="NAME", help="cpu, cuda or cuda:N. Nothing else is tried."),
    ] = "cpu",
    dtype: Annotated[
        str | None,
        Option(
            "--dtype",
            metavar="LIST",
            help="float32, tf32, float16 or bfloat16; several with commas.",
            show_default="those it computes natively",
        ),
    ] = None,
    threads: Threads = None,
    again: Annotated[bool, Option("--again", help="Measure anew what is kept already.")] = False,
    time_limit: Annotated[
        float | None,
        Option(
            min=1,
            max=3600,
            metavar="SECONDS",
            help="For all together; what it cuts short is not kept.",
            show_default="40 on a CPU, 50 on CUDA",
        ),
    ] = None,
    format: FormatOption = Format.table,
    output: Output = None,
) -> int:
    """Peak arithmetic by dtype, bandwidth and the time of the smallest op: what rooflines are drawn
    from. Needs torch.

    Measured once for each device, version of its software and number of threads, and kept in the
    user's cache directory.

    Example: archprof device --dtype float32
    """
    from archprof.cli.ranges import names
    from archprof.commands.measure.device.tables import device_data, device_tables
    from archprof.commands.measure.planning.measurement_plan import require_torch
    from archprof.show import terminal
    from archprof.show.table import put

    chosen = names(dtype, "--dtype", PEAK_DTYPES) if dtype is not None else None
    require_torch("device")
    from archprof.commands.measure.device.kept_peaks import identity
    from archprof.commands.measure.on_device.sensors import sensors
    from archprof.commands.measure.on_device.torch_device import TorchFlags, applied, resolve

    where = resolve(device)
    speaker = sensors(where)
    with applied(where, TorchFlags(threads), "float32"):
        dtypes, left_out = _dtypes(where, chosen)
        kept = _peaks(where, dtypes, speaker, again, time_limit or LIMITS[where.type])
        key = identity(where, speaker)
    if format is Format.json:
        import json

        terminal.emit(json.dumps(device_data(key, kept, left_out), indent=1), output)
    else:
        put(device_tables(key, kept, left_out), format.value, output)
    return 1 if any(found.contradictions for found in kept) else 0


def _dtypes(where: torch.device, chosen: list[str] | None) -> tuple[list[str], list[str]]:
    """Return the dtypes to measure, and those left out because they are not computed natively.

    Raises ProblemError for a chosen one that the device lacks.
    """
    from archprof.commands.measure.device.native import native
    from archprof.commands.measure.on_device.torch_device import check
    from archprof.problem import ProblemError

    found: list[str] = []
    for name in chosen or PEAK_DTYPES:
        try:
            check(where, name)
        except ProblemError:
            if chosen:
                raise
            continue
        found.append(name)
    left_out = [name for name in found if not chosen and not native(where, name)]
    return [name for name in found if name not in left_out], left_out


def _peaks(
    where: torch.device, dtypes: list[str], speaker: Sensors, again: bool, seconds: float
) -> list[Kept]:
    """Return the peaks of each dtype.

    The time is shared out evenly among the dtypes to come: what one leaves, the others have.
    """
    from archprof.commands.measure.device.kept_peaks import peaks
    from archprof.show import terminal

    end = time.monotonic() + seconds
    kept = []
    for number, name in enumerate(dtypes):
        share = max(1.0, (end - time.monotonic()) / (len(dtypes) - number))
        with _progress(name, share) as show:
            kept.append(
                peaks(where, name, terminal.write_whole, again, show, speaker, seconds=share)
            )
    return kept


@contextmanager
def _progress(dtype: str, seconds: float) -> Iterator[Callable[[str], object]]:
    """Yield what shows on standard error what is being measured.

    It is a status line on a terminal, elsewhere a plain line now and then.
    """
    limit = f"at most about {seconds:.0f} s"
    if not sys.stderr.isatty():
        from archprof.commands.measure.planning.progress import Lines

        lines = Lines(patience=0, pause=PAUSE)
        yield lambda what: lines.say(f"measuring {dtype}, {limit}: {what}")
        return
    from rich.console import Console

    with Console(stderr=True).status(f"measuring {dtype}, {limit}") as status:
        yield lambda what: status.update(f"measuring {dtype}, {limit}: {what}")
