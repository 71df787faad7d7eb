"""`archprof list`: every shipped network with its totals."""

from __future__ import annotations

from typing import Annotated

from archprof.cli.declared import Argument, Option
from archprof.cli.options import Format, FormatOption, Output

SORTS = ("family", "name", "year", "params", "macs", "depth")


def list(
    pattern: Annotated[
        str | None,
        Argument(
            help="Only networks whose name, family or title has this in it.", show_default=False
        ),
    ] = None,
    family: Annotated[str | None, Option(help="Only this family.", show_default=False)] = None,
    sort: Annotated[
        str, Option(metavar="QUANTITY", help="family, name, year, params, macs or depth.")
    ] = "family",
    full: Annotated[
        bool, Option("--full", help="Memory, receptive field, source and confirmation too.")
    ] = False,
    format: FormatOption = Format.table,
    output: Output = None,
) -> int:
    """Every network archprof ships: family, year, parameters, MACs, depth, input.

    Example: archprof list resnet --sort params
    """
    from archprof.commands.summary.catalogue import (
        by_family,
        catalogue,
        catalogue_table,
        full_table,
        known_words,
    )
    from archprof.problem import Mark, Problem, ProblemError, nearest
    from archprof.show import terminal
    from archprof.show.table import put

    if sort not in SORTS:
        message, hint = f"cannot sort by `{sort}`", nearest(sort, SORTS, "orders")
        raise ProblemError([Problem(Mark("--sort"), "option", message, hint)])
    entries = catalogue(pattern or "", family)
    if not entries:
        hint = nearest(
            (family or pattern or "").lower(), known_words(families_only=family is not None)
        )
        raise ProblemError(
            [Problem(Mark("list"), "network", f"no network matches {pattern or family!r}", hint)]
        )
    if sort == "family":
        entries = by_family(entries, pattern or "")
    else:
        entries.sort(key=lambda e: (getattr(e, sort), e.name))
    if format is Format.json:
        import json

        terminal.emit(json.dumps([e.data() for e in entries], indent=1), output)
        return 0
    put([full_table(entries) if full else catalogue_table(entries)], format.value, output)
    return 0
