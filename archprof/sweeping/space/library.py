"""The spaces that come with archprof, and what a name is: one of them, or a file."""

from __future__ import annotations

from pathlib import Path

from archprof.language.shipped_folder import specs_folder
from archprof.problem import Mark, ProblemError, nearest
from archprof.sweeping.space.network import SUFFIXES
from archprof.sweeping.space.reader import load_space
from archprof.sweeping.space.space import Space


def shipped_spaces() -> dict[str, Path]:
    """Return the files of the spaces that come with archprof, by name."""
    return {path.stem: path for path in sorted((specs_folder() / "spaces").glob("*.yaml"))}


def read_space(target: str | Path) -> Space:
    """Return a space: a shipped one by its name, or that of a file. Raises ProblemError."""
    name = str(target)
    if isinstance(target, Path) or name.endswith(SUFFIXES) or "/" in name:
        return load_space(Path(target))
    known = shipped_spaces()
    if name in known:
        return load_space(known[name], f"specs/spaces/{name}.yaml")
    message, hint = f"there is no space called `{name}`", nearest(name, known, "spaces")
    raise ProblemError.of(Mark(name or "space"), "space", message, hint)
