"""`archprof verify`: the analysis beside what torch, fvcore, autograd and a gradient say."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

from archprof.cli.declared import Option
from archprof.cli.options import Format, FormatOption, Input, Net, Output, Set, network, whole

if TYPE_CHECKING:
    from archprof.commands.verify.verification import Verification
    from archprof.graph.graph import Graph


def verify(
    net: Net,
    input: Input = None,
    set: Set = None,
    full: Annotated[
        bool, Option("--full", help="Show every layer, not only totals and what differs.")
    ] = False,
    format: FormatOption = Format.table,
    output: Output = None,
) -> int:
    """The witnesses side by side, layer by layer and in total; exit 1 when any differs.

    Needs torch and fvcore.

    Example: archprof verify resnet18
    """
    from archprof.commands.verify.tables import layers_table, totals_table, verification_data
    from archprof.show import terminal
    from archprof.show.table import put

    graph = whole(network(net, input, set))
    found = _verified(graph)
    if format is Format.json:
        import json

        terminal.emit(json.dumps(verification_data(graph, found), indent=1), output)
    else:
        tables = [totals_table(graph, found)]
        if full or found.differing:
            tables.insert(0, layers_table(found, full))
        put(tables, format.value, output)
    return 0 if found.holds else 1


def _verified(graph: Graph) -> Verification:
    """Runs the witnesses, telling on a terminal which one is at work.

    Raises ProblemError where torch or fvcore is missing.
    """
    from archprof.allowance import lift
    from archprof.problem import Mark, Problem, ProblemError

    lift()
    try:
        from archprof.commands.verify.oracle import verify as run
    except ImportError as error:
        name = (error.name or "torch").partition(".")[0]
        raise ProblemError(
            [
                Problem(
                    Mark("verify"),
                    "torch",
                    f"{name} is not installed, and it is a witness here",
                    'pip install "archprof[torch]"',
                )
            ]
        ) from None
    if not sys.stderr.isatty():
        return run(graph)
    from rich.console import Console

    with Console(stderr=True).status("verifying") as status:
        return run(graph, lambda witness: status.update(f"asking {witness}"))
