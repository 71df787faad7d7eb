"""The shipped lectures, and what a name on the command line means: a lecture, a claim, or a
file.
"""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from archprof.commands.lecture.document import Claim, Lecture
from archprof.commands.lecture.reader import load_lecture
from archprof.language.loader import specs_folder
from archprof.problem import Mark, Problem, ProblemError, nearest


class Chosen(NamedTuple):
    """A lecture and the claims of it that are asked for."""

    lecture: Lecture
    claims: tuple[Claim, ...]


def shipped_lectures() -> list[Lecture]:
    """The lectures that come with archprof, in order of file name. Raises ProblemError."""
    return [
        load_lecture(path, f"specs/lectures/{path.name}")
        for path in sorted((specs_folder() / "lectures").glob("*.yaml"))
    ]


def choose(target: str | None, only: str | None = None) -> list[Chosen]:
    """Everything, one lecture by its short name, one claim by its id, or a file of claims, of
    which `only` names one. Raises ProblemError.
    """
    if target is not None and (target.endswith((".yaml", ".yml")) or "/" in target):
        lecture = load_lecture(Path(target))
        if only is not None and only not in lecture.claims:
            raise ProblemError(
                [
                    Problem(
                        Mark(lecture.file),
                        "claim",
                        f"there is no claim called `{only}`",
                        nearest(only, lecture.claims, "claims"),
                    )
                ]
            )
        return [
            Chosen(
                lecture,
                tuple(claim for claim in lecture.claims.values() if only in (None, claim.id)),
            )
        ]
    if only is not None:
        raise ProblemError(
            [
                Problem(
                    Mark(only),
                    "claim",
                    "a claim's id goes by itself unless a file of claims is named before it",
                    f"archprof lecture {only}",
                )
            ]
        )
    lectures = shipped_lectures()
    if target is None:
        return [Chosen(lecture, tuple(lecture.claims.values())) for lecture in lectures]
    for lecture in lectures:
        if target.lower() == lecture.id.lower():
            return [Chosen(lecture, tuple(lecture.claims.values()))]
        for claim in lecture.claims.values():
            if target.lower() == claim.id.lower():
                return [Chosen(lecture, (claim,))]
    known = [lecture.id for lecture in lectures] + [
        claim for lecture in lectures for claim in lecture.claims
    ]
    raise ProblemError(
        [
            Problem(
                Mark(target or "lecture"),
                "claim",
                f"there is no lecture and no claim called `{target}`",
                nearest(target, known)
                or f"lectures: {', '.join(lecture.id for lecture in lectures)}; or give a file's path",
            )
        ]
    )
