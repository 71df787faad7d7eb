"""`archprof list`: every shipped network with its totals, or one spec from outside."""

from __future__ import annotations

from typing import Annotated

from archprof.cli.declared import Argument, Option
from archprof.cli.options import Format, FormatOption, Output

SORTS = ("family", "name", "year", "params", "macs", "depth")


def list(
    pattern: Annotated[
        str | None,
        Argument(
            metavar="PATTERN|NET",
            help=(
                "Only networks whose name, family or title has this in it; of a network's own name,"
                " or of a spec's path, the parameters and variants."
            ),
            show_default=False,
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
    """Every network archprof ships: family, year, parameters, MACs, depth, input; or the parameters
    of one spec with their defaults, its variants, its blocks and its source.

    Example: archprof list resnet --sort params
    """
    if pattern is not None and family is None and not full and _show_spec(pattern, format, output):
        return 0
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


def _show_spec(target: str, format: Format, output: Output) -> bool:
    """Write the page of a spec. Return whether `target` names one; raises ProblemError."""
    from archprof.commands.summary.spec_page import spec_page
    from archprof.commands.summary.spec_tables import spec_tables
    from archprof.show import terminal
    from archprof.show.table import put

    page = spec_page(target)
    if page is None:
        return False
    if format is Format.json:
        import json

        terminal.emit(json.dumps(page.data(), indent=1), output)
    else:
        put(spec_tables(page, target), format.value, output)
    return True
