"""The sweep that lies in a folder, of which more is asked."""

from __future__ import annotations

from pathlib import Path

from archprof.problem import Mark, ProblemError
from archprof.sweeping.storing.folder import Stored, open_folder


def opened(folder: Path, **making: object) -> Stored:
    """Return the sweep whose parts lie in a folder.

    `making`: the options that say how a sweep is made, by name, None where they are not given.
    Raises ProblemError for one that is, as nothing is made, and where there is no sweep.
    """
    for name, value in making.items():
        if value is not None:
            message = "nothing is made: a folder is asked"
            hint = f"archprof sweep SPACE -o {folder} makes what is missing"
            raise ProblemError.of(Mark(f"--{name}"), "option", message, hint)
    found = open_folder(folder)
    if found is None:
        message = "no part of a sweep lies in this folder"
        hint = "archprof sweep SPACE -o DIR makes one"
        raise ProblemError.of(Mark(str(folder)), "file", message, hint)
    return found
