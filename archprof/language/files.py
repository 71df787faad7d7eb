"""The files to check: those that are named, and in a named folder those that look like specs."""

from __future__ import annotations

import contextlib
import glob
import os
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from archprof.language.document import Document
from archprof.language.find import shipped_hint, shipped_network
from archprof.language.loader import load_file, load_text
from archprof.language.reading import read_bytes, refuse_link_out
from archprof.language.recognition import SKIPPED, looks_like_spec
from archprof.language.text import MAX_BYTES, decode, neighbour
from archprof.problem import Mark, Problem, closest

STANDARD_INPUT = "-"
SUFFIXES = (".yaml", ".yml")


class Source(NamedTuple):
    """A file to check: where it is, and what messages call it.

    Without a `path`, `content` came through standard input. `shipped`: it was named by a network
    that comes with archprof.
    """

    path: Path | None
    name: str
    content: bytes = b""
    shipped: bool = False

    def document(self) -> Document:
        """Return its spec, with what it uses from beside it or from the working directory.

        Raises ProblemError.
        """
        if self.path:
            return load_file(self.path.absolute(), self.name)
        return load_text(decode(self.content, self.name), self.name)

    @property
    def folder(self) -> Path:
        """The folder where its configuration is looked for."""
        folder = self.path.parent if self.path and not self.shipped else Path()
        return folder.absolute()


def find(
    paths: Iterable[str],
    problems: list[Problem],
    passed_over: set[str] | None = None,
    alike: Callable[[str], bool] = looks_like_spec,
) -> list[Source]:
    """Return the files that paths, folders, globs and names of shipped networks mean, each once.

    Paths that mean nothing are added to `problems`. `-` is left to the caller. The YAML files of
    folders that do not look like specs, or are not `alike` by their text, are added to
    `passed_over`.
    """
    found: dict[str, Source] = {}
    others = set() if passed_over is None else passed_over
    for path in paths:
        if path == STANDARD_INPUT:
            found.setdefault(path, Source(None, "<stdin>"))
            continue
        before = len(problems)
        files = list(_files(path, problems, others, alike))
        if not files and (network := shipped_network(path)):
            file = network.document.path
            found.setdefault(
                os.path.realpath(file), Source(file, f"specs/{file.name}", shipped=True)
            )
        elif not files and len(problems) == before:
            problems.append(_nothing(path))
        for file in map(Path, files):
            found.setdefault(os.path.realpath(file), Source(file, str(file)))
    return list(found.values())


def folders(paths: Iterable[str]) -> Iterator[Path]:
    """Yield the folders among the paths and the matches of globs, which `find` walks through."""
    for path in paths:
        with contextlib.suppress(ValueError):  # a NUL in the path
            matches = [path]
            if glob.has_magic(path) and not os.path.exists(path):
                matches = glob.glob(path, recursive=True)
            yield from (Path(match) for match in matches if os.path.isdir(match))


def _nothing(path: str) -> Problem:
    if os.path.isdir(path):
        return Problem(
            Mark(path),
            "file",
            "there is no spec in this folder",
            "a spec is a .yaml file with `layers`, `blocks` or `variants` at its top",
        )
    if glob.has_magic(path):
        return Problem(Mark(path), "file", "nothing matches this")
    hint = neighbour(Path(path)) or _folder_beside(Path(path)) or shipped_hint(Path(path))
    return Problem(Mark(path), "file", "there is no such file", hint)


def _folder_beside(path: Path) -> str:
    """Return a hint naming the folder with nearly the name of a missing one, "" for none."""
    with contextlib.suppress(OSError, ValueError):
        near = closest(path.name, (other.name for other in path.parent.iterdir() if other.is_dir()))
        return f"did you mean `{path.parent / near}`?" if near else ""
    return ""


def _files(
    path: str, problems: list[Problem], others: set[str], alike: Callable[[str], bool]
) -> Iterator[str]:
    try:
        if os.path.isdir(path):
            yield from _folder(path, problems, others, alike)
        elif os.path.exists(path):
            yield path
        elif glob.has_magic(path):
            for match in sorted(glob.glob(path, recursive=True)):
                if os.path.isdir(match):
                    yield from _folder(match, problems, others, alike)
                else:
                    yield match
    except ValueError:  # a NUL in the path
        return


def _folder(
    top: str, problems: list[Problem], others: set[str], alike: Callable[[str], bool]
) -> Iterator[str]:
    """Yield the specs below a folder in order of their paths.

    Left out are hidden folders, installed packages, virtual environments, and links that lead out.
    """

    def unreadable(error: OSError) -> None:
        message = f"cannot be looked into: {error.strerror or error}"
        problems.append(Problem(Mark(str(error.filename)), "file", message))

    try:
        refuse_link_out(Path(top))
    except OSError as error:
        message = f"cannot be looked into: {error.strerror}"
        problems.append(Problem(Mark(top), "file", message, getattr(error, "hint", "")))
        return
    whole = os.path.realpath(top)
    for folder, folders, files in os.walk(top, onerror=unreadable):
        folders[:] = sorted(name for name in folders if _is_own(folder, name))
        for name in sorted(files):
            file = os.path.join(folder, name)
            if name.startswith(".") or not name.lower().endswith(SUFFIXES):
                continue
            if name.endswith(SUFFIXES) and _inside(file, whole) and is_spec(file, alike):
                yield file
            else:
                others.add(os.path.abspath(file))


def _is_own(folder: str, name: str) -> bool:
    """Whether a folder is looked into: not a hidden one, nor one that tools have filled."""
    if name.startswith(".") or name in SKIPPED:
        return False
    return not os.path.exists(os.path.join(folder, name, "pyvenv.cfg"))


def _inside(file: str, folder: str) -> bool:
    """Whether a file is a regular one and, links followed, in the folder."""
    if not os.path.isfile(file):
        return False
    return not os.path.islink(file) or os.path.realpath(file).startswith(os.path.join(folder, ""))


def is_spec(file: str, alike: Callable[[str], bool] = looks_like_spec) -> bool:
    """Whether a file has a spec's words at its top, broken or not, or is `alike` by its text.

    One that cannot be read might be a spec.
    """
    try:
        text = read_bytes(Path(file), MAX_BYTES).decode("utf-8-sig", "replace")
    except OSError:
        return True
    return alike(text)
