"""The values of a combined term, whose parts are counted alike.

One quantity is counted by one convention in all parts: nobody divides FLOPs by MACs. So is one
network one variant, wherever it occurs. What all parts share costs once.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from archprof.commands.lecture.claims.document import Combined, Quantity, Term, leaves
from archprof.commands.lecture.deciding.evaluate import combine
from archprof.commands.lecture.deciding.explanation import SolverMove, SolverStep

Common = tuple[str, str]
"""What parts have in common: ("count", a quantity's name) or ("network", a network's)."""


class _Alike(NamedTuple):
    """Steps from one part that make the same common moves.

    `common` has the moves by what they are common to, and `steps` each step with the cost of its
    other moves, cheapest first.
    """

    common: dict[Common, tuple[SolverMove, ...]]
    steps: list[tuple[int, SolverStep]]


def combined_steps(
    term: Combined, sides: Sequence[Iterable[SolverStep]], most: int
) -> Iterator[SolverStep]:
    """Yield the values of a combined term, each of its parts reached by the steps of its side.

    The moves cost together at most `most`.
    """
    alike = [_gathered(part, side) for part, side in zip(term.parts, sides, strict=True)]
    for chosen in _one_of_each(alike, {}, most):
        value = combine(term.how, [step.value for step in chosen])
        if value is not None:
            moves = tuple(dict.fromkeys(_named(term, chosen)))
            cost = sum(move.cost for move in moves)
            yield SolverStep(moves, value, any(step.counted for step in chosen), cost)


def _gathered(part: Term, steps: Iterable[SolverStep]) -> list[_Alike]:
    """Return the steps from a part, together those that make the same common moves."""
    found: dict[object, _Alike] = {}
    for step in steps:
        common = _common(part, step)
        key = tuple(common.items())
        alike = found.setdefault(key, _Alike(common, []))
        shared = sum(move.cost for moves in common.values() for move in moves)
        alike.steps.append((step.cost - shared, step))
    for alike in found.values():
        alike.steps.sort(key=lambda costs: costs[0])
    return list(found.values())


def _common(part: Term, step: SolverStep) -> dict[Common, tuple[SolverMove, ...]]:
    """Return the moves that other parts make too; none of a figure in place of the quantity."""
    if not isinstance(part, Quantity) or any(move.about == "stated" for move in step.moves):
        return {}
    return {
        ("count", part.name): tuple(move for move in step.moves if move.about == "count"),
        ("network", called(part)): tuple(move for move in step.moves if move.about == "network"),
    }


def _one_of_each(
    sides: Sequence[list[_Alike]], common: dict[Common, tuple[SolverMove, ...]], most: int
) -> Iterator[tuple[SolverStep, ...]]:
    """Yield one step of each side that agree in their common moves, which cost at most `most`."""
    if not sides:
        yield ()
        return
    for alike in sides[0]:
        if any(common.get(key, moves) != moves for key, moves in alike.common.items()):
            continue
        fresh = (moves for key, moves in alike.common.items() if key not in common)
        left = most - sum(move.cost for moves in fresh for move in moves)
        for cost, step in alike.steps:
            if cost > left:
                break
            for others in _one_of_each(sides[1:], common | alike.common, left - cost):
                yield (step, *others)


def _named(term: Combined, chosen: Sequence[SolverStep]) -> Iterator[SolverMove]:
    """Yield the moves of all parts; one that not all of them make names its network."""
    parts = zip(term.parts, chosen, strict=True)
    made = [set(step.moves) for part, step in parts if any(leaves(part))]
    for part, step in zip(term.parts, chosen, strict=True):
        for move in step.moves:
            everywhere = all(move in moves for moves in made)
            yield move if everywhere else move._replace(text=f"{move.text} (of {called(part)})")


def called(term: Term) -> str:
    """Return the network of a quantity, or what else a move may be about."""
    return term.subject.network if isinstance(term, Quantity) else "the figure"
