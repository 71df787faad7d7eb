"""Spec files to documents, with the files that their `use:` names."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from archprof.language.confined import VARIABLE, project, within
from archprof.language.document import Document, Template
from archprof.language.network import Network, pick
from archprof.language.reader import read_document
from archprof.language.shipped_folder import specs_folder
from archprof.language.source import parse
from archprof.language.text import beside, read
from archprof.language.value import Value
from archprof.problem import ProblemError, Problems

MAX_USE_DEPTH = 8


class Files(Protocol):
    """Where spec files are read: on the disk, or at a git revision."""

    def is_file(self, path: Path) -> bool:
        """Whether a file can be read there."""

    def read(self, path: Path, name: str | None = None) -> tuple[str, str]:
        """Return its text and the name that messages call it. Raises ProblemError."""


class Disk:
    """Files as they are on the disk."""

    def is_file(self, path: Path) -> bool:
        """Whether there is such a file."""
        try:
            return path.is_file()
        except (OSError, ValueError):  # a name too long, a NUL in it
            return False

    def read(self, path: Path, name: str | None = None) -> tuple[str, str]:
        """Return its text and the name that messages call it. Raises ProblemError."""
        return read(path, name)


DISK = Disk()


def load_file(path: Path, name: str | None = None, files: Files = DISK) -> Document:
    """Return the document at `path`, which messages call `name`.

    `files` is where it and what it uses are read. Raises ProblemError.
    """
    text, name = files.read(path, name)
    return _read(text, _Uses(path, name, files, (), {}))


def load_text(text: str, name: str = "<text>", folder: Path | None = None) -> Document:
    """Return a document from text; `use:` looks in `folder`. Raises ProblemError."""
    path = (folder or Path()) / name
    return _read(text, _Uses(path, name, DISK, (), {}))


def inline(value: Value, name: str, path: Path, file: str, text: str) -> Network:
    """Return the network of a spec inside another file; it needs no `name` of its own.

    `text` is that of the whole file, which messages call `file`. Raises ProblemError.
    """
    if isinstance(value.data, dict) and "name" not in value.data:
        value = Value(
            {"name": Value(name, value.mark), **value.data},
            value.mark,
            {"name": value.mark, **value.places()},
        )
    uses = _Uses(path, file, DISK, (), {})
    document = read_document(value, path, file, text, Problems(), uses.load)
    return pick(document, "", file)


class _Uses:
    """Loads the files that `use:` of one file names.

    `trail` are the files that led here; `known` keeps what was read for any of them, faulty files
    too, so that each is read once.
    """

    def __init__(
        self,
        path: Path,
        name: str,
        files: Files,
        trail: tuple[Path, ...],
        known: dict[Path, Document | ProblemError],
    ):
        self.path, self.name, self.files = path, name, files
        self.trail = (*trail, path.resolve())
        self.known = known

    def load(self, target: Template) -> Document | None:
        """Return the document, None for an empty name. Raises ProblemError."""
        relative = str(target.data)
        if not relative:
            return None

        def refuse(message: str, hint: str = "") -> ProblemError:
            return ProblemError.of(target.mark, "use", message, hint)

        if Path(relative).is_absolute():
            raise refuse(
                f"`use: {relative}` is an absolute path",
                "give it relative to this file, or to the shipped specs",
            )
        if not relative.endswith((".yaml", ".yml")):
            raise refuse(f"`use: {relative}` names no spec file", "its name ends in .yaml")
        path, name, files = self._find(relative, refuse)
        whole = path.resolve()
        if whole in self.trail:
            raise refuse(
                f"`use: {relative}` leads back to itself",
                "move the shared blocks into a file of their own",
            )
        if len(self.trail) > MAX_USE_DEPTH:
            raise refuse(f"files use files more than {MAX_USE_DEPTH} deep")
        if whole not in self.known:
            try:
                self.known[whole] = self._load(path, name, files)
            except ProblemError as error:
                self.known[whole] = error
        document = self.known[whole]
        if isinstance(document, ProblemError):
            raise document
        return document

    def _load(self, path: Path, name: str, files: Files) -> Document:
        text, name = files.read(path, name)
        return _read(text, _Uses(path, name, files, self.trail, self.known))

    def _find(self, relative: str, refuse: Callable[..., ProblemError]) -> tuple[Path, str, Files]:
        """Return the file beside this one or among the shipped specs.

        With its name in messages, and where it is read. Raises the error of `refuse`.
        """
        own = self.path.parent / relative
        shipped = specs_folder() / relative
        called = {own: str(Path(self.name).parent / relative), shipped: f"specs/{relative}"}
        reachable = {
            path: files
            for path, files in zip(called, (self.files, DISK), strict=False)
            if within(path, self.trail[0], specs_folder())
        }
        for path, files in reachable.items():
            if files.is_file(path):
                return path, called[path], files
        if own not in reachable:
            raise refuse(
                f"`use: {relative}` leads out of the project {project(self.trail[0].parent)}",
                f"copy the file into it, or set {VARIABLE} to the folder it is in",
            )
        hint = ""
        for path in reachable:
            other = beside(path)
            if other:
                hint = f"did you mean `{Path(relative).with_name(other.name).as_posix()}`?"
                break
        raise refuse(
            f"there is no file {relative} beside this one or among the shipped specs", hint
        )


def _read(text: str, uses: _Uses) -> Document:
    """Return the document of a whole file. Raises ProblemError with all of its faults."""
    found = Problems()
    value = parse(text, uses.name, found)
    return read_document(value, uses.path, uses.name, text, found, uses.load)
