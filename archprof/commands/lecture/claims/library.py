"""The shipped lectures and papers, and what a name on the command line is: one, a claim, a file."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from archprof.commands.lecture.claims.document import Claim, Lecture
from archprof.commands.lecture.claims.reader import load_lecture
from archprof.language.shipped_folder import specs_folder
from archprof.problem import Mark, Problem, ProblemError, nearest

SLIDES = (".txt", ".pdf", ".pptx")
"""Endings of what `--draft` reads."""


class Chosen(NamedTuple):
    """A lecture and its requested claims."""

    lecture: Lecture
    claims: tuple[Claim, ...]


def shipped_lectures() -> list[Lecture]:
    """Return the lectures that come with archprof, in order of file name. Raises ProblemError."""
    return _shipped("lectures")


def shipped_papers() -> list[Lecture]:
    """Return the papers whose tables come with archprof as claims. Raises ProblemError."""
    return _shipped("papers")


def _shipped(folder: str) -> list[Lecture]:
    return [
        load_lecture(path, f"specs/{folder}/{path.name}")
        for path in sorted((specs_folder() / folder).glob("*.yaml"))
    ]


def is_shipped(lecture: Lecture) -> bool:
    """Return whether a lecture is one of those that come with archprof."""
    return lecture.path.parent == specs_folder() / "lectures"


def choose(target: str | None, only: str | None = None) -> list[Chosen]:
    """Return one lecture or paper by its short name, one claim by its id, or a file of claims.

    Without a target it is every shipped lecture. `only` is one claim of a file. Raises
    ProblemError.
    """
    if target is not None and target.lower().endswith(SLIDES):
        hint = f"archprof lecture --draft {target} -o claims.yaml makes one of it"
        raise _refuse(target, "this is not a file of claims, which ends in .yaml", hint)
    if target is not None and is_file(target):
        return [_of_file(target, only)]
    if only is not None:
        message = "a claim's id goes by itself unless a file of claims is named before it"
        raise _refuse(only, message, f"archprof lecture {only}")
    lectures = shipped_lectures()
    if target is None:
        return [Chosen(lecture, tuple(lecture.claims.values())) for lecture in lectures]
    lectures += shipped_papers()
    for lecture in lectures:
        if target.lower() == lecture.id.lower():
            return [Chosen(lecture, tuple(lecture.claims.values()))]
        for claim in lecture.claims.values():
            if target.lower() == claim.id.lower():
                return [Chosen(lecture, (claim,))]
    names = [lecture.id for lecture in lectures]
    claims = [claim for lecture in lectures for claim in lecture.claims]
    raise _refuse(
        target or "lecture",
        f"there is no lecture and no claim called `{target}`",
        nearest(target, names + claims)
        or f"lectures and papers: {', '.join(names)}; or give a file's path",
    )


def is_file(target: str | None) -> bool:
    """Return whether a target on the command line is a file of claims, not a name."""
    return target is not None and (target.endswith((".yaml", ".yml")) or "/" in target)


def _of_file(path: str, only: str | None) -> Chosen:
    lecture = load_lecture(Path(path))
    if only is None:
        return Chosen(lecture, tuple(lecture.claims.values()))
    if only not in lecture.claims:
        hint = nearest(only, lecture.claims, "claims")
        raise _refuse(lecture.file, f"there is no claim called `{only}`", hint)
    return Chosen(lecture, (lecture.claims[only],))


def _refuse(place: str, message: str, hint: str) -> ProblemError:
    return ProblemError([Problem(Mark(place), "claim", message, hint)])
