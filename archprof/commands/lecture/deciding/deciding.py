"""Chosen lectures decided: each claim judged beside the witnesses, and the contradictions found."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from archprof.allowance import paused, share
from archprof.commands.lecture.claims.document import Claim, Lecture
from archprof.commands.lecture.claims.library import choose, shipped_lectures
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

    `judged` has each decided claim with its lecture's subjects, which show their calculations.
    `joint` is what explains several figures at once.
    """

    lectures: list[DecidedLecture]
    contradictions: list[Contradiction]
    missing: tuple[str, ...]
    judged: list[tuple[Subjects, JudgedClaim]]
    joint: Sequence[JointExplanation] = ()


def decide(
    target: str | None = None, claim: str | None = None, consult: Consult | None = None
) -> DecidedLectures:
    """Decide a lecture (L8), a claim (L8-07) or a file of claims; all shipped lectures without.

    `claim` is one claim of that file. `consult` brings the witnesses, `consult_all` torch and
    fvcore; without it the analysis decides alone. Raises ProblemError.
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
    beside = [entry.lecture for entry in chosen]
    if target is not None:
        beside = _with_shipped(beside)
    shown = {one.id for entry in chosen for one in entry.claims}
    pairs = [
        pair
        for pair in contradictions(beside)
        if pair.first[1].id in shown or pair.second[1].id in shown
    ]
    return DecidedLectures(lectures, pairs, missing, everything, joint_explanations(everything))


def _with_shipped(lectures: Iterable[Lecture]) -> list[Lecture]:
    """Return these lectures and the shipped ones, which they may contradict."""
    own = {lecture.id: lecture for lecture in lectures}
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
