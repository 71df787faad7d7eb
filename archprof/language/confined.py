"""How far `use:` and links may reach: into the spec's project and the shipped specs."""

from __future__ import annotations

import errno
import os
from pathlib import Path

# the first that is found in a folder above says where a project begins
MARKERS = ("archprof.toml", ".git", "pyproject.toml")
VARIABLE = "ARCHPROF_ALLOW_OUTSIDE"
"""Environment variable: further folders, separated as in PATH."""


def project(folder: Path) -> Path:
    """Return the root of the project that a folder belongs to, the folder itself without one."""
    whole = folder.resolve()
    return _marked(whole) or whole


def within(path: Path, spec: Path, *others: Path) -> bool:
    """Whether a file may be used by the file `spec`, its links followed.

    It may be in the project of `spec`, in a folder that VARIABLE names, or in one of `others`.
    """
    try:
        whole = path.resolve()
    except (OSError, RuntimeError, ValueError):  # links in a circle, a NUL
        return False
    roots = (project(spec.parent), *(folder.resolve() for folder in others), *_allowed())
    return any(whole.is_relative_to(root) for root in roots)


def link_out(path: Path) -> Path | None:
    """Return the first link on the way to `path` that leads out of its project, None for none.

    What is under the working directory counts as a project, marked or not. Other links are the
    user's own: a home on another disk. Raises OSError and ValueError as `os.lstat` does.
    """
    current = Path(path.anchor) if path.is_absolute() else Path.cwd()
    for part in path.parts[1:] if path.is_absolute() else path.parts:
        step = current / part
        if part == os.pardir:
            current = current.parent
        elif not step.is_symlink():
            current = step
        else:
            current = _target(step)
            if not _may_reach(current, step.parent):
                return step
    return None


def _target(link: Path) -> Path:
    try:
        return link.resolve()
    except RuntimeError:  # links in a circle
        raise OSError(errno.ELOOP, os.strerror(errno.ELOOP), str(link)) from None


def _may_reach(target: Path, folder: Path) -> bool:
    """Whether a link in a folder may lead to a target."""
    here = Path.cwd()
    root = _marked(folder) or (here if folder.is_relative_to(here) else Path(folder.anchor))
    return any(target.is_relative_to(one) for one in (root, *_allowed()))


def _marked(whole: Path) -> Path | None:
    """Return the root of the project around a folder by its marks, None without any."""
    above = (whole, *whole.parents)
    for marker in MARKERS:
        for root in above:
            if (root / marker).exists():
                return root
    return None


def _allowed() -> list[Path]:
    """Return the folders that the environment allows."""
    folders = os.environ.get(VARIABLE, "").split(os.pathsep)
    return [Path(folder).resolve() for folder in folders if folder]
