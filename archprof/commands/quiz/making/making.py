"""A quiz made from a request: its rows, its columns, and the cells that the seed leaves blank."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

from archprof.analysis.analysis import Analysis, analyze
from archprof.commands.lecture.deciding.layer_names import layer_hint
from archprof.commands.lecture.solving.moves import NORMS
from archprof.commands.quiz.making.levels import LEVELS, is_of_level
from archprof.commands.quiz.making.quiz import (
    ASKABLE,
    HIDDEN,
    POOLS,
    SETTINGS,
    SHAPED,
    SUMMED,
    TABLE,
    WEIGHTED,
    Cell,
    Quiz,
    QuizRequest,
    SheetRow,
)
from archprof.graph.graph import Graph, Node
from archprof.problem import Mark, Problem, ProblemError, nearest
from archprof.targets import graph_of, source


def make(request: QuizRequest) -> Quiz:
    """Return the requested quiz: the same for the same request. Raises ProblemError."""
    return quiz_of(analysed(request), request)


def check_level(request: QuizRequest) -> None:
    """Raise ProblemError where there is no such level."""
    if request.level and request.level not in LEVELS:
        message = f"there is no level `{request.level[:60]}`"
        raise refuse_option("--level", message, nearest(request.level, LEVELS, "levels"))


def analysed(request: QuizRequest) -> Analysis:
    """Return the analysis of a request's network, whatever its seed. Raises ProblemError."""
    inputs = ["x".join(map(str, request.input))] if request.input else None
    graph = graph_of(source(request.network, inputs, request.sets))
    if graph.problems:
        raise ProblemError(graph.problems)
    return analyze(graph, request.batch, request.dtype, "macs")


def quiz_of(analysis: Analysis, request: QuizRequest) -> Quiz:
    """Return the requested quiz of an analysed network. Raises ProblemError."""
    check_level(request)
    for column in request.ask:
        if column not in ASKABLE:
            raise refuse_option(
                "--ask",
                f"there is no column `{column}` to ask for",
                nearest(column, ASKABLE, "columns"),
            )
    quiz = table_of(analysis, request)
    return replace(quiz, blanks=_blanks(quiz, request))


def table_of(analysis: Analysis, request: QuizRequest) -> Quiz:
    """Return the table of a request without blanks. Raises ProblemError."""
    rows = _rows(analysis.graph, request)
    branched = any(row.sources not in ((), (i - 1,)) for i, row in enumerate(rows))
    shown = []
    for column in TABLE:
        optional = column in ("from", "flops", "field")
        if not optional or column in request.ask or (column == "from" and branched):
            shown.append(column)
    quiz = Quiz(request, analysis, rows, tuple(shown), ())
    filled = [
        column
        for column in shown
        if column in ("layer", "op", "output")
        or column in request.ask
        or any(quiz.contents[i, column] is not None for i in range(len(rows)))
    ]
    return replace(quiz, columns=tuple(filled))


def _rows(graph: Graph, request: QuizRequest) -> tuple[SheetRow, ...]:
    """Return the given rows, the layers from `first` to `last` as lectures list them, the total."""
    layers = _layers(graph, request)
    sources = {i: tuple(_shown(graph, s) for s in graph.nodes[i].inputs) for i in layers}
    arriving = dict.fromkeys(source for i in layers for source in sources[i])
    outside = [source for source in arriving if source not in sources]
    place = {node: n for n, node in enumerate([*outside, *layers])}
    paths = [node.path for node in graph.nodes]
    rows = [SheetRow(paths[s] if s >= 0 else "input", s, given=True) for s in outside]
    rows += [SheetRow(paths[i], i, tuple(place[s] for s in sources[i])) for i in layers]
    if len(layers) > 1:
        rows.append(SheetRow("total", None))
    return tuple(rows)


def _layers(graph: Graph, request: QuizRequest) -> list[int]:
    """Return the layers from `first` to `last` that lectures list. Raises ProblemError where there
    are none.
    """
    low, high = 0, len(graph.nodes) - 1
    if request.first:
        low = _places(graph.nodes, request.first, "--from")[0]
    if request.last:
        high = _places(graph.nodes, request.last, "--to")[-1]
    layers = [i for i in graph.main if low <= i <= high and graph.nodes[i].kind not in HIDDEN]
    if not layers:
        first = request.first or graph.nodes[0].path
        last = request.last or graph.nodes[-1].path
        message = f"there is no layer from `{first}` to `{last}`"
        raise refuse_option("--from", message, "exchange --from and --to")
    return layers


def _shown(graph: Graph, index: int) -> int:
    """Return the node whose output a sheet shows in the place of this one's: itself, or what a
    hidden one reads first; below 0 the network's input.
    """
    while index >= 0 and graph.nodes[index].kind in HIDDEN and graph.nodes[index].inputs:
        index = graph.nodes[index].inputs[0]
    return index


def _places(nodes: Sequence[Node], name: str, option: str) -> list[int]:
    """Return the indices of the layers that have this name, or are inside what has it.

    Raises ProblemError where there is none.
    """
    paths = [node.path for node in nodes]
    found = [i for i, path in enumerate(paths) if path == name or path.startswith(f"{name}.")]
    if not found:
        raise refuse_option(option, f"there is no layer `{name}`", layer_hint(name, nodes, paths))
    return found


def _blanks(quiz: Quiz, request: QuizRequest) -> tuple[Cell, ...]:
    """Return as many cells as requested, so that each row can still be worked out.

    The seed gives the order in which they are tried.
    """
    import random

    chance = random.Random(request.seed)
    cells = [
        cell
        for cell in quiz.contents
        if cell[1] in request.ask and _can_be_asked(quiz, *cell) and is_of_level(quiz, cell)
    ]
    chosen: list[Cell] = []
    for cell in sorted(cells, key=lambda _: chance.random()):
        others = [column for row, column in chosen if row == cell[0]]
        if len(chosen) < request.blanks and _goes_with(cell, others):
            chosen.append(cell)
    if len(chosen) < request.blanks:
        least = "no cell can be asked for"
        if chosen:
            least = f"with this seed {len(chosen)} cells can be blank at once"
        raise refuse_option(
            "--blank",
            f"{request.blanks} blanks, and {least}",
            "ask for fewer, for more columns (--ask) or of another --level",
        )
    columns = list(TABLE)
    return tuple(sorted(chosen, key=lambda cell: (cell[0], columns.index(cell[1]))))


def _goes_with(cell: Cell, others: Sequence[str]) -> bool:
    """Return whether a cell can be blank beside the others of its row.

    One setting of a row follows from its output and parameters; two do not, nor one without
    these.
    """
    if cell[1] in SETTINGS:
        return not {*SETTINGS, "output", "params"} & {*others}
    return cell[1] not in ("output", "params") or not {*SETTINGS} & {*others}


def _can_be_asked(quiz: Quiz, i: int, column: str) -> bool:
    """Return whether the content of a cell follows from the rest of the table."""
    row, layer = quiz.rows[i], quiz.layer(i)
    if row.given or quiz.contents[i, column] is None:
        return False
    if layer is None:
        return column in SUMMED
    kind = layer.node.kind
    if column in ("op", "params", "macs", "flops"):
        return kind in WEIGHTED | POOLS or (kind in NORMS and column not in ("op", "macs"))
    if column in ("kernel", "stride", "padding"):
        return kind in WEIGHTED | POOLS
    if column == "field":
        return kind in SHAPED and not quiz.request.first and math.prod(layer.node.output[1:]) > 1
    return column in ("layer", "out") or kind in SHAPED


def refuse_option(option: str, message: str, hint: str = "") -> ProblemError:
    """Return the error of an option."""
    return ProblemError([Problem(Mark(option), "option", message, hint)])
