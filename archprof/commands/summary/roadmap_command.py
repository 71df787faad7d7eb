"""`archprof roadmap`: the steps from ResNet to ConvNeXt, beside what the paper prints."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from archprof.cli.declared import Argument
from archprof.cli.options import Format, FormatOption, Output


class Regime(StrEnum):
    """Which of the paper's two tables."""

    t = "t"
    b = "b"


def roadmap(
    regime: Annotated[
        Regime | None,
        Argument(
            help="t: ResNet-50 to ConvNeXt-T; b: ResNet-200 to ConvNeXt-B; both without it.",
            show_default=False,
        ),
    ] = None,
    format: FormatOption = Format.table,
    output: Output = None,
) -> int:
    """The ConvNeXt paper's roadmap: each step's change, parameters and MACs, the paper's figures,
    and where they differ.

    Example: archprof roadmap t
    """
    from archprof.commands.summary.roadmap import regimes, roadmap_data, roadmap_table
    from archprof.show import terminal
    from archprof.show.table import put

    if format is Format.json:
        import json

        terminal.emit(json.dumps(roadmap_data(), indent=1), output)
        return 0
    chosen = [key for key in regimes() if regime is None or key == regime.value]
    tables = [roadmap_table(*regimes()[key]) for key in chosen]
    if format is Format.html:
        from archprof.commands.page.report import roadmap_page

        terminal.emit(roadmap_page(tables, chosen), output)
    else:
        put(tables, format.value, output)
    return 0
