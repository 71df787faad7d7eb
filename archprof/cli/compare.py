"""`archprof compare`: networks side by side, without running them."""

from __future__ import annotations

from typing import Annotated

import typer

from archprof.cli.options import NET_HELP, Batch, Dtype, DtypeOption, Format, FormatOption, Input, Output, complete_network, network, whole_graph


def compare(
    nets: Annotated[list[str], typer.Argument(help=f"Two or more networks. {NET_HELP}", autocompletion=complete_network, show_default=False)],
    input: Input = None,
    batch: Batch = 1,
    dtype: DtypeOption = Dtype.float32,
    format: FormatOption = Format.table,
    output: Output = None,
) -> int:
    """Networks side by side: totals with ratios, stage by stage, what they are made of, and what changed.

    Example: archprof compare googlenet googlenet_bn
    """
    from archprof.analysis.analysis import analyze
    from archprof.problem import Mark, Problem, ProblemError
    from archprof.report import terminal
    from archprof.report.comparison import comparison_data, comparison_tables
    from archprof.report.table import put

    if len(nets) < 2:
        raise ProblemError([Problem(Mark("compare"), "option", f"found {len(nets)} network, expected at least 2", f"archprof compare {nets[0]} resnet50")])
    analyses = [analyze(whole_graph(network(net, input)), batch, dtype.value, "macs") for net in nets]
    if format is Format.json:
        import json

        terminal.emit(json.dumps(comparison_data(analyses), indent=1), output)
    else:
        put(comparison_tables(analyses), format.value, output)
    return 0
