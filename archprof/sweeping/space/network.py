"""The network of a space: a shipped one by its name, or one of a file beside the space."""

from __future__ import annotations

from pathlib import Path

from archprof.language.confined import VARIABLE, project, within
from archprof.language.find import find_shipped
from archprof.language.loader import DISK, load_file
from archprof.language.network import Network, pick
from archprof.language.shipped_folder import specs_folder
from archprof.language.text import neighbour
from archprof.problem import Mark, Problem, ProblemError

SUFFIXES = (".yaml", ".yml")


def network_of(name: str, mark: Mark, space: Path) -> Network:
    """Return the network that a space at `space` names: a shipped one, PATH or PATH:VARIANT.

    A path is relative to the space, and inside its project. Raises ProblemError: what has no place
    of its own has that of the name, `mark`.
    """
    path, _, variant = name.partition(":")
    try:
        if path.endswith(SUFFIXES) or "/" in path:
            return _of_file(path, variant, mark, space)
        return find_shipped(name)
    except ProblemError as error:
        problems = [p if p.mark.line else p.replaced(mark=mark) for p in error.problems]
        link = f"network {name} ({mark})"
        raise ProblemError(
            p if p.mark.file == mark.file else p.replaced(chain=(link, *p.chain)) for p in problems
        ) from None


def _of_file(path: str, variant: str, mark: Mark, space: Path) -> Network:
    beside = space.parent / path

    def refuse(message: str, hint: str) -> ProblemError:
        return ProblemError([Problem(mark, "file", message, hint)])

    if Path(path).is_absolute() or not within(beside, space, specs_folder()):
        raise refuse(
            f"`{path}` leads out of the project {project(space.parent)}",
            f"copy the file into it, or set {VARIABLE} to the folder it is in",
        )
    if not DISK.is_file(beside):
        raise refuse(f"there is no file `{path}` beside the space", neighbour(beside))
    return pick(load_file(beside, path), variant, path)
