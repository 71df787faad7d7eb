"""How far `use:` may reach: into the project that the spec stands in, and the shipped specs."""

from __future__ import annotations

import os
from pathlib import Path

MARKERS = ("archprof.toml", ".git", "pyproject.toml")  # the first that is found in a folder above says where a project begins
VARIABLE = "ARCHPROF_ALLOW_OUTSIDE"
"""Environment variable: further folders, separated as in PATH."""


def project(folder: Path) -> Path:
    """The root of the project that a folder belongs to; the folder itself where it belongs to none."""
    whole = folder.resolve()
    above = (whole, *whole.parents)
    return next((root for marker in MARKERS for root in above if (root / marker).exists()), whole)


def within(path: Path, spec: Path, *others: Path) -> bool:
    """Whether a file, its links followed, lies in the project of the file `spec`, in a folder that VARIABLE names, or in one of `others`."""
    try:
        whole = path.resolve()
    except (OSError, RuntimeError, ValueError):  # links in a circle, a NUL
        return False
    allowed = filter(None, os.environ.get(VARIABLE, "").split(os.pathsep))
    return any(whole.is_relative_to(root) for root in (project(spec.parent), *(folder.resolve() for folder in (*others, *map(Path, allowed)))))
