"""Specs of a revision that a walk through folders no longer finds, though they are still there.

Nothing else reports that they are no longer checked.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from archprof.commands.check.base import Finding
from archprof.language.recognition import SKIPPED, looks_like_spec
from archprof.language.revisions import SUFFIXES, Revision
from archprof.problem import Mark, Problem, ProblemError, Severity


def passed_over(
    tree: Revision, folders: Iterable[Path], checked: frozenset[Path]
) -> Iterator[Finding]:
    """Yield an error for each spec of the revision that is in these folders and is not checked.

    Both are absolute paths. A spec that is gone is none of them: a comparison with the revision
    lists it.
    """
    folders = list(folders)
    for place in tree.files:
        path = tree.root / place
        if path in checked or not any(_walked(path, folder) for folder in folders):
            continue
        now = _now(path)
        if now is None or now.resolve() in checked or not _was_spec(tree, place):
            continue
        message = f"it was a spec at {tree.name} and is passed over now: {_reason(now)}"
        hint = (
            "a spec's name ends in .yaml or .yml, and it has `layers`, `blocks` or `variants` at"
            " its top; remove a file that is not meant to be one"
        )
        problem = Problem(Mark(os.path.relpath(now)), "file", message, hint)
        yield Finding(problem, Severity.error)


def _walked(path: Path, folder: Path) -> bool:
    """Return whether a walk through the folder reaches this path."""
    if not path.is_relative_to(folder):
        return False
    return not any(
        part.startswith(".") or part in SKIPPED for part in path.relative_to(folder).parts
    )


def _was_spec(tree: Revision, place: str) -> bool:
    try:
        raw = tree.repository.content(tree.files[place], tree.called(place))
    except ProblemError:
        return False
    return looks_like_spec(raw.decode("utf-8-sig", "replace"))


def _now(path: Path) -> Path | None:
    """Return what is in a file's place, None for nothing.

    That is the file, or one whose name differs by capitals or by the form of the suffix.
    """
    if os.path.lexists(path):
        return path
    try:
        beside = sorted(path.parent.iterdir())
    except OSError:
        return None
    return next(
        (
            one
            for one in beside
            if one.stem.casefold() == path.stem.casefold() and one.suffix.casefold() in SUFFIXES
        ),
        None,
    )


def _reason(now: Path) -> str:
    if now.is_symlink():
        return "it is a link"
    if not now.is_file():
        return "it is not a regular file"
    if now.suffix not in SUFFIXES:
        return f"its name ends in {now.suffix}"
    return "it is empty" if now.stat().st_size == 0 else "it has none of a spec's words at its top"
