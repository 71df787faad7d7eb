"""The lines of the user's code among the frames of a stack."""

from __future__ import annotations

import re
import sysconfig
import traceback
from pathlib import Path
from types import FrameType

import torch

_FRAME = re.compile(r'File "([^"\n]*)", line (\d+), in ([^\n]*)')
_TORCH = str(Path(torch.__file__).parent)
_OURS = str(Path(__file__).parent.parent)
_PYTHON = sysconfig.get_path("stdlib")


def is_users(file: str) -> bool:
    """Whether a file is of the user or a library, and not torch's, Python's or archprof's."""
    if file.startswith((_TORCH, _OURS, "<")):
        return False
    return "site-packages" in file or not file.startswith(_PYTHON)


def place(trace: str) -> tuple[str, int]:
    """Return the file and line of a stack's innermost frame of the user's, or of torch's where all
    are, "" where there is none.
    """
    found = [(file, int(line)) for file, line, _ in _FRAME.findall(trace)]
    theirs = [frame for frame in found if is_users(frame[0])]
    file, line = (theirs or found or [("", 0)])[-1]
    return called(file), line


def raised_at(error: BaseException) -> tuple[str, int]:
    """Return the file and line of the user's code at which an error was raised, "" for none."""
    frames = [f for f in traceback.extract_tb(error.__traceback__) if is_users(f.filename)]
    if not frames:
        return "", 0
    return called(frames[-1].filename), frames[-1].lineno or 0


def running_at(frame: FrameType | None) -> tuple[str, int]:
    """Return the file and line of the innermost frame of the user's that is running."""
    while frame is not None:
        if is_users(frame.f_code.co_filename):
            return called(frame.f_code.co_filename), frame.f_lineno
        frame = frame.f_back
    return "", 0


def called(file: str) -> str:
    """Return a file as messages call it: from its package, or from the working directory."""
    _, installed, inside = file.rpartition("site-packages/")
    if installed:
        return inside
    try:
        return str(Path(file).relative_to(Path.cwd()))
    except ValueError:
        return file
