"""What explains several figures at once: one layer that all of them miss, or count twice."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction
from typing import NamedTuple

from archprof.commands.lecture.claims.document import Quantity, Stated
from archprof.commands.lecture.claims.figures import PrintedFigure
from archprof.commands.lecture.deciding.decision import JudgedClaim
from archprof.commands.lecture.deciding.explanation import MAX_COST, Explanation, SolverMove
from archprof.commands.lecture.deciding.subjects import Subjects
from archprof.commands.lecture.solving.chance import near, posterior, printed
from archprof.commands.lecture.solving.space import SearchSpace

Judged = Iterable[tuple[Subjects, JudgedClaim]]


class JointFigure(NamedTuple):
    """A figure that a joint explanation is about; `also` are other variants that give it."""

    lecture: str
    claim: str
    label: str
    printed: str
    also: tuple[str, ...] = ()


class JointExplanation(NamedTuple):
    """One slip that gives several figures of a network.

    The layers that the `move` names are those which give all of the `figures`. `following` are
    worked out from one of them. `luck` is the probability that all of them match by luck.
    """

    network: str
    move: SolverMove
    figures: tuple[JointFigure, ...]
    following: tuple[JointFigure, ...]
    luck: Fraction


class _Case(NamedTuple):
    """A figure with one slip of a single layer that gives it."""

    subjects: Subjects
    about: JointFigure
    term: Quantity
    figure: PrintedFigure
    slip: SolverMove
    cause: Explanation


def joint_explanations(judged: Judged) -> list[JointExplanation]:
    """Return the slips of a single layer that several figures of a network have in common."""
    everything = list(judged)
    groups: dict[tuple[str, str], list[_Case]] = {}
    for case in _cases(everything):
        network = case.subjects.analysis(case.term.subject).graph.network.name
        groups.setdefault((network, case.slip.text), []).append(case)
    shared = ((network, _shared(cases)) for (network, _), cases in groups.items())
    return [_explained(network, cases, everything) for network, cases in shared if len(cases) > 1]


def _shared(cases: Sequence[_Case]) -> list[_Case]:
    """Return the cases, one of each figure, that most figures' layers have in common."""
    layers = Counter(name for case in cases for name in case.slip.names)
    most = layers.most_common(1)[0][0]
    found: dict[JointFigure, _Case] = {}
    for case in cases:
        if most in case.slip.names:
            found.setdefault(case.about, case)
    return list(found.values())


def _explained(network: str, cases: Sequence[_Case], judged: Judged) -> JointExplanation:
    first = cases[0].slip
    names = tuple(name for name in first.names if all(name in one.slip.names for one in cases))
    figures = tuple(case.about for case in cases)
    following = tuple(_following(judged, figures))
    return JointExplanation(network, first._replace(names=names), figures, following, _luck(cases))


def _cases(judged: Judged) -> Iterator[_Case]:
    for subjects, one in judged:
        for part, decision in zip(one.claim.parts, one.decisions, strict=True):
            statement = part.statement
            if not isinstance(statement, Stated) or not isinstance(statement.of, Quantity):
                continue
            causes = decision.verdict.causes
            for cause in causes:
                slip = next((move for move in cause.moves if _is_of_a_layer(move)), None)
                if slip is None or statement.figure is None:
                    continue
                also = tuple(
                    str(other)
                    for other in causes
                    if other.of_another_network and other.value == cause.value
                )
                about = JointFigure(
                    subjects.lecture.id, one.claim.id, part.label, statement.text, also
                )
                yield _Case(subjects, about, statement.of, statement.figure, slip, cause)


def _is_of_a_layer(move: SolverMove) -> bool:
    return move.about == "slip" and bool(move.names)


def _following(judged: Judged, figures: Sequence[JointFigure]) -> Iterator[JointFigure]:
    """Yield the figures that are worked out from one of these, as their lecture states it."""
    stated = {(figure.lecture, figure.claim) for figure in figures}
    for subjects, one in judged:
        for part, decision in zip(one.claim.parts, one.decisions, strict=True):
            used = {
                (subjects.lecture.id, name)
                for cause in decision.verdict.causes[:1]
                for move in cause.moves
                if move.about == "stated"
                for name in move.names
            }
            if used & stated and isinstance(part.statement, Stated):
                text = part.statement.text
                yield JointFigure(subjects.lecture.id, one.claim.id, part.label, text)


def _luck(cases: Sequence[_Case]) -> Fraction:
    """Return the probability that all figures match the slip by luck.

    The surest alone; then each other one as one of the figures near it that leaving out, or
    counting twice, one of the first one's layers gives, with everything else as it is.
    """
    first, *others = sorted(cases, key=lambda case: case.cause.luck or 1)
    luck = first.cause.luck or Fraction(1, 2)
    match = luck / (1 - luck)
    for case in others:
        match *= _match(case, set(first.slip.names))
    return posterior(match)


def _match(case: _Case, names: set[str]) -> Fraction:
    neighbours, conventions = near(case.figure), case.cause.conventions
    rest = conventions - {case.slip.convention}
    reached = set()
    for step in SearchSpace(case.subjects, "network", MAX_COST).steps(case.term):
        slip = next((move for move in step.moves if _is_of_a_layer(move)), None)
        if slip is None or slip.text != case.slip.text or not names & set(slip.names):
            continue
        made = {move.convention for move in step.moves} - {slip.convention}
        for number, printing in printed(case.figure, step.value, step.counted, neighbours):
            if made | {printing.convention} - {""} == rest:
                reached.add(number)
    return Fraction(max(1, len(reached)), max(1, len(neighbours) - 1))
