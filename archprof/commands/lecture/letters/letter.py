"""A decided lecture as a letter to its author: the records, without their words."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from archprof.commands.lecture.claims.document import Claim, Lecture, Quantity, Stated
from archprof.commands.lecture.deciding.contradictions import Contradiction
from archprof.commands.lecture.deciding.deciding import DecidedLectures
from archprof.commands.lecture.deciding.decision import Decision, JudgedClaim
from archprof.commands.lecture.deciding.joint import JointExplanation
from archprof.commands.lecture.deciding.subjects import Subjects
from archprof.commands.lecture.deciding.verdicts import DIFFERS, HOLDS_AS
from archprof.commands.lecture.letters.corrections import Correction, correction

_OF = re.compile(r" \(of [^()]*\)")  # which network a reading is of, the lecture's own word
Judged = Sequence[tuple[Subjects, JudgedClaim]]


class UnnamedReading(NamedTuple):
    """A reading by which figures are right that the lecture does not name.

    `throughout` says that every figure of its kind that is right is right so.
    """

    reading: str
    figures: tuple[str, ...]
    throughout: bool


class Unchecked(NamedTuple):
    """Why claims could not be checked, and which."""

    why: str
    claims: tuple[Claim, ...]


class Letter(NamedTuple):
    """What there is to say to the author of a lecture.

    `counts` are its statements by kind of verdict.
    """

    lecture: Lecture
    counts: Counter[str]
    change: tuple[Correction, ...]
    consider: tuple[Correction, ...]
    conventions: tuple[UnnamedReading, ...]
    joint: tuple[JointExplanation, ...]
    contradictions: tuple[Contradiction, ...]
    unchecked: tuple[Unchecked, ...]
    judged: Judged


def letters(outcome: DecidedLectures) -> list[Letter]:
    """Return a letter for each decided lecture."""
    return [_letter(lecture, outcome) for lecture, _ in outcome.lectures]


def _letter(lecture: Lecture, outcome: DecidedLectures) -> Letter:
    judged = [pair for pair in outcome.judged if pair[0].lecture is lecture]
    wrong = [
        (subjects, one)
        for subjects, one in judged
        if any(decision.verdict.kind == DIFFERS for decision in one.decisions)
    ]
    corrections = [correction(one, subjects) for subjects, one in wrong]
    decisions = [decision for _, one in judged for decision in one.decisions]
    return Letter(
        lecture,
        Counter(decision.verdict.kind for decision in decisions),
        tuple(one for one in corrections if not one.claim.aside),
        tuple(one for one in corrections if one.claim.aside),
        tuple(_conventions(judged)),
        tuple(one for one in outcome.joint if lecture.id in {f.lecture for f in one.figures}),
        tuple(_contradictions(lecture, outcome.contradictions, {one.claim.id for _, one in wrong})),
        tuple(_unchecked(judged)),
        judged,
    )


def _contradictions(
    lecture: Lecture, pairs: Sequence[Contradiction], wrong: set[str]
) -> Iterator[Contradiction]:
    """Yield what contradicts itself in the lecture, and of what is wrong who has it otherwise.

    Each claim is named once.
    """
    named: set[str] = set()
    for pair in pairs:
        own = {claim.id for of, claim in (pair.first, pair.second) if of is lecture}
        if own - named and (len(own) == 2 or own & wrong):
            named |= own
            yield pair


def _conventions(judged: Judged) -> Iterator[UnnamedReading]:
    """Yield each reading that the lecture does not name, with the figures that are right so."""
    figures: dict[str, list[str]] = {}
    kinds: dict[str, set[str]] = {}
    others: Counter[str] = Counter()
    for statement, decision in _stated(judged):
        kind = statement.of.name if isinstance(statement.of, Quantity) else ""
        if decision.verdict.kind != HOLDS_AS:
            others[kind] += decision.verdict.is_true and not _is_zero(statement)
            continue
        reading = ", ".join(decision.verdict.reading).replace(f"{decision.stated} ", "")
        reading = _OF.sub("", reading)
        figures.setdefault(reading, []).append(decision.stated)
        kinds.setdefault(reading, set()).add(kind)
    for reading, stated in figures.items():
        alone = not any(others[kind] for kind in kinds[reading])
        rivals = (other for other in figures if other != reading)
        alone = alone and not any(kinds[reading] & kinds[other] for other in rivals)
        yield UnnamedReading(reading, tuple(dict.fromkeys(stated)), alone and len(stated) > 1)


def _is_zero(statement: Stated) -> bool:
    """Return whether a figure is nothing, by whatever convention."""
    return statement.figure is not None and not statement.figure.value


def _stated(judged: Judged) -> Iterator[tuple[Stated, Decision]]:
    for _, one in judged:
        for part, decision in zip(one.claim.parts, one.decisions, strict=True):
            if isinstance(part.statement, Stated):
                yield part.statement, decision


def _unchecked(judged: Judged) -> Iterator[Unchecked]:
    """Yield each reason why something is not decided, with the claims."""
    claims: dict[str, dict[str, Claim]] = {}
    for _, one in judged:
        for decision in one.decisions:
            fault = decision.verdict.fault
            if decision.verdict.is_open:
                why = fault if isinstance(fault, str) else ""
                claims.setdefault(why, {})[one.claim.id] = one.claim
    for why, by_id in claims.items():
        yield Unchecked(why, tuple(by_id.values()))
