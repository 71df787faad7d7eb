"""Folders that a file for each student is written into."""

from __future__ import annotations

from pathlib import Path

from archprof.problem import Mark, ProblemError


def make_folder(folder: Path, option: str) -> None:
    """Make a folder that an option names, unless it is there.

    Raises ProblemError where a file is in its place.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except (FileExistsError, NotADirectoryError):
        message = f"{folder} is, or is in, a file, expected a folder"
        raise ProblemError.of(Mark(option), "option", message, "name another folder") from None
