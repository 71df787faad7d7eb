"""Claims that cannot both be true: those said to contradict each other, and those that state two
figures of one thing.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from archprof.commands.lecture.document import Claim, Lecture, Stated, Term, leaves, without_marks
from archprof.problem import Problem, ProblemError

MOST_PAIRS = 10_000


class Contradiction(NamedTuple):
    """Two claims of the same thing, each with its lecture; `found` is true where archprof saw it
    by itself.
    """

    first: tuple[Lecture, Claim]
    second: tuple[Lecture, Claim]
    found: bool


def contradictions(lectures: Iterable[Lecture]) -> list[Contradiction]:
    """Each pair once, in the order of the lectures.

    Raises ProblemError where there are more than MOST_PAIRS.
    """
    everything = [(lecture, claim) for lecture in lectures for claim in lecture.claims.values()]
    by_id = {claim.id: (lecture, claim) for lecture, claim in everything}
    pairs: dict[frozenset[str], Contradiction] = {}
    for lecture, claim in everything:
        for other in claim.contradicts:
            if other in by_id:
                pairs.setdefault(
                    frozenset((claim.id, other)),
                    Contradiction((lecture, claim), by_id[other], False),
                )
    # a lecture's own names for networks mean nothing in another
    said: dict[Term, list[tuple[Lecture, Claim, Stated]]] = {}
    for lecture, claim in everything:
        for part in claim.parts:
            if isinstance(part.statement, Stated) and not any(
                q.subject.network in lecture.networks for q in leaves(part.statement.of)
            ):
                said.setdefault(without_marks(part.statement.of), []).append(
                    (lecture, claim, part.statement)
                )
    for same in said.values():
        for i, (lecture, claim, one) in enumerate(same):
            if len(pairs) > MOST_PAIRS:
                message = f"more than {MOST_PAIRS:,} pairs of claims contradict each other"
                raise ProblemError(
                    [Problem(claim.mark, "limit", message, "fewer figures of one thing in a file")]
                )
            for other_lecture, other_claim, two in same[i + 1 :]:
                if claim is not other_claim and _apart(one, two):
                    pairs.setdefault(
                        frozenset((claim.id, other_claim.id)),
                        Contradiction((lecture, claim), (other_lecture, other_claim), True),
                    )
    return list(pairs.values())


def _apart(one: Stated, two: Stated) -> bool:
    """Whether no value is printed both ways."""
    if one.figure is None or two.figure is None:
        return one.shape != two.shape
    return abs(one.figure.value - two.figure.value) > (one.figure.step + two.figure.step) / 2
