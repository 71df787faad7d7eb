"""Chosen lectures decided: each claim judged beside the witnesses, and the contradictions found."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from archprof.allowance import paused, share
from archprof.commands.lecture.claims.document import Claim, Lecture
from archprof.commands.lecture.claims.library import (
    Chosen,
    choose,
    is_shipped,
    shipped_lectures,
)
from archprof.commands.lecture.deciding.contradictions import Contradiction, contradictions
from archprof.commands.lecture.deciding.decision import JudgedClaim, Witnesses
from archprof.commands.lecture.deciding.joint import JointExplanation, joint_explanations
from archprof.commands.lecture.deciding.judge import judge
from archprof.commands.lecture.deciding.subjects import KnownNetworks, Subjects

DecidedLecture = tuple[Lecture, Sequence[JudgedClaim]]
Consult = Callable[[Subjects, Iterable[Claim]], Witnesses]
"""Returns what the witnesses report of the subjects of these claims."""

NOBODY = Witnesses(missing=("torch", "fvcore"))


class DecidedLectures(NamedTuple):
    """The decided lectures, contradictions among them, and the witnesses that are missing.

    `beside` are the lectures that they were compared with, themselves among them. `judged` has
    each decided claim with its lecture's subjects, which show their calculations. `joint` is what
    explains several figures at once.
    """

    lectures: list[DecidedLecture]
    contradictions: list[Contradiction]
    missing: tuple[str, ...]
    judged: list[tuple[Subjects, JudgedClaim]]
    beside: list[Lecture]
    joint: Sequence[JointExplanation] = ()


def decide(
    target: str | None = None,
    claim: str | None = None,
    consult: Consult | None = None,
    others: bool = False,
) -> DecidedLectures:
    """Decide a lecture (L8), a claim (L8-07) or a file of claims; all shipped lectures without.

    `claim` is one claim of that file. `consult` brings the witnesses, `consult_all` torch and
    fvcore; without it the analysis decides alone. A file of one's own is compared with the
    shipped lectures only where its claims name theirs, or with `others`. Raises ProblemError.
    """
    chosen = choose(target, claim)
    share(len(chosen))
    lectures: list[DecidedLecture] = []
    everything: list[tuple[Subjects, JudgedClaim]] = []
    missing: tuple[str, ...] = ()
    shared = KnownNetworks()
    for lecture, claims in chosen:
        subjects = Subjects(lecture, shared=shared)
        with paused():  # the time that torch and fvcore take is not ours
            witnesses = NOBODY if consult is None else consult(subjects, claims)
        missing = tuple(dict.fromkeys((*missing, *witnesses.missing)))
        judged = [judge(lecture, one, subjects, witnesses) for one in claims]
        lectures.append((lecture, judged))
        everything += [(subjects, one) for one in judged]
    others = others or all(is_shipped(entry.lecture) for entry in chosen)
    beside = _beside(chosen, others)
    shown = {id(one) for entry in chosen for one in entry.claims}
    pairs = [
        pair
        for pair in contradictions(beside)
        if (id(pair.first[1]) in shown or id(pair.second[1]) in shown)
        and (others or not pair.found or pair.first[0] is pair.second[0])
    ]
    joint = joint_explanations(everything)
    return DecidedLectures(lectures, pairs, missing, everything, beside, joint)


def _beside(chosen: Iterable[Chosen], others: bool) -> list[Lecture]:
    """Return the chosen lectures, and the shipped ones where these are compared with them."""
    own = {entry.lecture.id: entry.lecture for entry in chosen}
    if sum(map(is_shipped, own.values())) > 1:  # all that are shipped are chosen
        return list(own.values())
    ids = {name for lecture in own.values() for name in lecture.claims}
    named = {name for entry in chosen for claim in entry.claims for name in claim.contradicts} - ids
    if not others and not named:
        return list(own.values())
    return [*own.values(), *(other for other in shipped_lectures() if other.id not in own)]


def consult_all(
    subjects: Subjects, claims: Iterable[Claim], progress: Callable[[str], None] | None = None
) -> Witnesses:
    """Return what torch and fvcore report, or that they are not installed.

    `progress` receives the name of each network before it is built.
    """
    try:
        from archprof.commands.lecture.deciding.witnesses import witnesses
    except ImportError as error:
        if (error.name or "").partition(".")[0] not in ("torch", "numpy"):
            raise
        return NOBODY
    return witnesses(subjects, claims, progress)
