"""The networks that a figure may be of: as requested, with its heads, another variant or input."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from archprof.analysis.analysis import Analysis, LayerAnalysis
from archprof.commands.lecture.claims.document import Quantity, Selection, Subject
from archprof.commands.lecture.deciding.explanation import SolverMove
from archprof.commands.lecture.deciding.selection import select
from archprof.commands.lecture.deciding.subjects import Subjects
from archprof.problem import ProblemError

SIDES = (224, 227, 256, 299)
"""Input sizes that lectures mix up."""
REACHES = {"network": 0, "namesakes": 1, "family": 3}
"""How far the solver looks, and what the first step there costs."""
WITHOUT_OUTPUTS = ("params", "weights", "biases", "weight_bytes")
"""Quantities that are the same at every input."""


class Scene(NamedTuple):
    """A network with the layers that are counted, and the move that leads there."""

    move: SolverMove | None
    analysis: Analysis
    rows: list[LayerAnalysis]


def scenes(subjects: Subjects, term: Quantity, reach: str) -> Iterator[Scene]:
    """Yield the network as it is and with its auxiliary heads, then what is further off.

    Namesakes and other inputs come next; the rest of its family is furthest. Raises ProblemError
    where the term names layers that are not there.
    """
    base = subjects.analysis(term.subject)
    rows = select(subjects, base, term.selection, term.mark)
    yield Scene(None, base, rows)
    if not term.selection.aux and any(node.aux for node in base.graph.nodes):
        selection = term.selection._replace(aux=True)
        move = SolverMove("with the auxiliary heads", 1, "network")
        yield Scene(move, base, select(subjects, base, selection, term.mark))
    if reach != "network":
        yield from _variants(subjects, term, base, reach)
        yield from _inputs(subjects, term, base)


def _variants(subjects: Subjects, term: Quantity, base: Analysis, reach: str) -> Iterator[Scene]:
    network = base.graph.network
    for other in network.siblings if network.as_specified() else ():
        # resnet34_a of resnet34: what the lecture may well have meant
        namesake = other.startswith(network.name)
        if other == network.name or not (namesake or reach == "family"):
            continue
        analysis = analysis_or_none(subjects, term.subject._replace(network=other))
        if analysis is None:
            continue
        selection = _ends_there(term.selection, base.layers, analysis.layers)
        try:
            rows = select(subjects, analysis, selection, term.mark)
        except ProblemError:  # another variant without these layers
            continue
        move = SolverMove(f"for {other}", 1 if namesake else 3, "network", namesake)
        yield Scene(move, analysis, rows)


def _ends_there(
    selection: Selection, here: Sequence[LayerAnalysis], there: Sequence[LayerAnalysis]
) -> Selection:
    """Return the selection with the ends of its span as another variant calls them.

    VGG-13 has the third pooling, VGG-16's features.16, at features.14. An end is the layer of the
    same op and output, counted from the same side; it stays where there is none.
    """
    return selection._replace(
        first=_counterpart(selection.first, here, there),
        last=_counterpart(selection.last, here[::-1], there[::-1]),
    )


def _counterpart(path: str, here: Sequence[LayerAnalysis], there: Sequence[LayerAnalysis]) -> str:
    own = next((row.node for row in here if row.node.path == path), None)
    if own is None:
        return path
    alike = [row.node for row in here if (row.node.kind, row.node.output) == (own.kind, own.output)]
    others = [
        row.node for row in there if (row.node.kind, row.node.output) == (own.kind, own.output)
    ]
    place = alike.index(own)
    return others[place].path if place < len(others) else path


def _inputs(subjects: Subjects, term: Quantity, base: Analysis) -> Iterator[Scene]:
    shape = base.graph.input
    if len(shape) != 3 or term.name in WITHOUT_OUTPUTS:
        return
    for side in SIDES:
        if (side, side) == shape[1:] or side * 2 <= shape[1]:
            continue
        analysis = analysis_or_none(subjects, term.subject._replace(input=(shape[0], side, side)))
        if analysis is not None:
            move = SolverMove(f"at an input of {side}x{side}", 2, "network", reading=False)
            yield Scene(move, analysis, select(subjects, analysis, term.selection, term.mark))


def analysis_or_none(subjects: Subjects, subject: Subject) -> Analysis | None:
    """Return the analysis of a subject, None where its network cannot be built so."""
    try:
        return subjects.analysis(subject)
    except ProblemError:
        return None
