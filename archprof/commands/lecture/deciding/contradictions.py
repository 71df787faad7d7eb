"""Claims that cannot both be true.

They say so themselves, or they state two figures of one thing.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from archprof.commands.lecture.claims.document import (
    Claim,
    Lecture,
    Stated,
    Term,
    leaves,
    without_marks,
)
from archprof.problem import Problem, ProblemError

MOST_PAIRS = 10_000


class Contradiction(NamedTuple):
    """Two claims about the same thing, each with its lecture.

    `found` is True where no claim says so, but archprof found it; `stated` is then what each
    prints of one thing.
    """

    first: tuple[Lecture, Claim]
    second: tuple[Lecture, Claim]
    found: bool
    stated: tuple[str, str] = ("", "")


def contradictions(lectures: Iterable[Lecture]) -> list[Contradiction]:
    """Return each pair once, in the order of the lectures.

    Raises ProblemError where there are more than MOST_PAIRS.
    """
    everything = [(lecture, claim) for lecture in lectures for claim in lecture.claims.values()]
    by_id = {claim.id: (lecture, claim) for lecture, claim in everything}
    pairs: dict[frozenset[str], Contradiction] = {}
    for lecture, claim in everything:
        for other in claim.contradicts:
            if other in by_id:
                pair = Contradiction((lecture, claim), by_id[other], False)
                pairs.setdefault(frozenset((claim.id, other)), pair)
    for same in _by_term(everything).values():
        for i, (lecture, claim, one) in enumerate(same):
            if len(pairs) > MOST_PAIRS:
                message = f"more than {MOST_PAIRS:,} pairs of claims contradict each other"
                raise ProblemError(
                    [Problem(claim.mark, "limit", message, "fewer figures of one thing in a file")]
                )
            for other_lecture, other_claim, two in same[i + 1 :]:
                if claim is not other_claim and _differ(one, two):
                    stated = one.text, two.text
                    pair = Contradiction(
                        (lecture, claim), (other_lecture, other_claim), True, stated
                    )
                    pairs.setdefault(frozenset((claim.id, other_claim.id)), pair)
    return list(pairs.values())


def _by_term(
    everything: Iterable[tuple[Lecture, Claim]],
) -> dict[Term, list[tuple[Lecture, Claim, Stated]]]:
    """Return the statements of each term, with their lectures and claims.

    A term of a lecture's own networks is omitted: their names mean nothing in another lecture.
    """
    found: dict[Term, list[tuple[Lecture, Claim, Stated]]] = {}
    for lecture, claim in everything:
        for part in claim.parts:
            statement = part.statement
            if not isinstance(statement, Stated):
                continue
            if any(q.subject.network in lecture.networks for q in leaves(statement.of)):
                continue
            key = without_marks(statement.of)
            found.setdefault(key, []).append((lecture, claim, statement))
    return found


def _differ(one: Stated, two: Stated) -> bool:
    """Return whether no value is printed both ways."""
    if one.figure is None or two.figure is None:
        return one.shape != two.shape
    return abs(one.figure.value - two.figure.value) > (one.figure.step + two.figure.step) / 2
