"""`archprof explain`: the working behind one layer's numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from archprof.cli.declared import Argument
from archprof.cli.options import (
    Batch,
    Dtype,
    DtypeOption,
    Format,
    FormatOption,
    Input,
    Net,
    Output,
    Set,
    Submodule,
    complain,
    complete_layer,
    network,
)

if TYPE_CHECKING:
    from archprof.graph.graph import Graph


def explain(
    net: Net,
    layer: Annotated[
        str | None,
        Argument(
            help=(
                "A layer's or block's path, or the end of one that only it has; without it: what"
                " there is to explain."
            ),
            autocompletion=complete_layer,
            show_default=False,
        ),
    ] = None,
    input: Input = None,
    batch: Batch = 1,
    dtype: DtypeOption = Dtype.float32,
    set: Set = None,
    submodule: Submodule = None,
    format: FormatOption = Format.table,
    output: Output = None,
) -> int:
    """The working of one layer: formula, numbers put in, result; for a block its layers and their
    sums.

    Example: archprof explain alexnet conv1
    """
    from archprof.analysis.analysis import analyze
    from archprof.commands.summary.explain_tables import (
        block_table,
        board,
        contents_data,
        contents_table,
        working_data,
        working_table,
    )
    from archprof.show import terminal
    from archprof.show.table import put, put_lines

    graph = network(net, input, set, submodule)
    found = _find(graph, layer, net) if layer is not None else None
    analysis = analyze(graph, batch, dtype.value, "macs")
    if found is None:
        if format is Format.json:
            import json

            terminal.emit(json.dumps(contents_data(analysis), indent=1), output)
        else:
            put([contents_table(analysis, net)], format.value, output)
    elif format is Format.json:
        import json

        paths = {i: row.node.path for i, row in enumerate(analysis.layers)}
        if isinstance(found, int):
            terminal.emit(json.dumps(working_data(analysis, found), indent=1), output)
        else:
            inside = {i: path for i, path in paths.items() if path.startswith(f"{found}.")}
            data = {path: working_data(analysis, i) for i, path in inside.items()}
            terminal.emit(json.dumps(data, indent=1), output)
    elif isinstance(found, int) and format is Format.table:
        put_lines(board(analysis, found, terminal.width()), output)
    else:
        if isinstance(found, int):
            table = working_table(analysis, found)
        else:
            table = block_table(analysis, found)
        put([table], format.value, output)
    return complain(graph.problems)


def _find(graph: Graph, name: str, target: str) -> int | str:
    """Return the index of the layer called `name`, or the path of a block.

    `target` is the network as the user named it.

    Raises ProblemError, with the graph's own problems where it lacks layers because of them.
    """
    import shlex

    from archprof.problem import STATED, Mark, Problem, ProblemError, nearest

    def refused(message: str, hint: str) -> ProblemError:
        return ProblemError([Problem(Mark("explain"), "layer", message, hint)])

    if not name:
        hint = f"`archprof explain {shlex.quote(target)}` shows what there is to explain"
        raise refused("an empty name, expected a layer's or a block's", hint)
    paths = [node.path for node in graph.nodes]
    if name in paths:
        return paths.index(name)
    if any(path.startswith(f"{name}.") for path in paths):
        return name
    ends = [i for i, path in enumerate(paths) if path.endswith(f".{name}")]
    if len(ends) == 1:
        return ends[0]
    if ends:
        some = ", ".join(paths[i] for i in ends[:4]) + (", …" if len(ends) > 4 else "")
        message = f"{len(ends)} layers of {graph.network.name} end in `{name}`"
        raise refused(message, f"name one: {some}")
    if any(p.rule not in STATED for p in graph.problems):
        raise ProblemError(graph.problems)
    blocks = {path.rsplit(".", i)[0] for path in paths for i in range(1, path.count(".") + 1)}
    hint = nearest(name, {*paths, *blocks})
    hint = hint or f"`archprof summary {shlex.quote(target)} --full` shows them all"
    raise refused(f"{graph.network.name} has no layer `{name}`", hint)
