"""Spec files at a git revision: nothing of the repository is run, nothing is written."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import Self

from archprof import git
from archprof.git import problem
from archprof.language.reading import read_bytes
from archprof.language.text import MAX_BYTES, decode, read
from archprof.problem import Mark, Problem, ProblemError, nearest

SUFFIXES = (".yaml", ".yml")
WORKING_TREE = "working tree"


class Repository:
    """The repository of the working directory.

    A context manager, which ends the git process that hands out contents.
    """

    def __init__(self) -> None:
        """Find the repository.

        Raises ProblemError where the working directory is in none, or in one inside another.
        """
        self.root = git.root()
        self._contents = git.Contents(self.root, MAX_BYTES)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._contents.__exit__(kind, error, trace)

    def run(self, *arguments: str) -> bytes:
        """Return what git prints. Raises ProblemError with its complaint."""
        return git.run(self.root, *arguments)

    def commit(self, revision: str, option: str) -> str:
        """Return the commit of a revision: a branch, a tag, a hash, HEAD~2. Raises ProblemError."""
        if revision and not revision.startswith("-") and "\0" not in revision:
            try:
                return (
                    self.run("rev-parse", "--verify", "--quiet", f"{revision}^{{commit}}")
                    .decode()
                    .strip()
                )
            except ProblemError:
                pass
        names = (
            self.run("for-each-ref", "--format=%(refname:short)", "--count=200")
            .decode(errors="replace")
            .split()
        )
        remote, _, branch = revision.partition("/")
        fetch = f"git fetch {remote} {branch}" if branch and remote == "origin" else ""
        raise problem(
            option,
            f"there is no revision `{revision}` in {self.root}",
            fetch or nearest(revision, names, "revisions") or "git log shows them",
        )

    def is_unborn(self, revision: str) -> bool:
        """Whether the revision is HEAD, on a branch that has no commit yet."""
        if revision not in ("HEAD", "@"):
            return False
        try:
            self.run("symbolic-ref", "--quiet", "HEAD")
        except ProblemError:  # HEAD names a commit, no branch
            return False
        try:
            self.run("rev-parse", "--verify", "--quiet", "HEAD")
        except ProblemError:
            return True
        return False

    def merge_base(self, commit: str, other: str) -> str | None:
        """Return the last commit that both come from.

        None where there is none, or a shallow clone does not reach it.
        """
        try:
            return self.run("merge-base", commit, other).decode().strip()
        except ProblemError:
            return None

    def place(self, path: Path) -> str:
        """Return a path from here as one from the root.

        Raises ProblemError for one outside of the repository.
        """
        whole = Path(os.path.normpath(Path.cwd().resolve() / path))
        if not whole.is_relative_to(self.root):
            raise problem(str(path), f"it is not in the repository {self.root}")
        return whole.relative_to(self.root).as_posix()

    def entries(self, commit: str) -> Iterator[tuple[str, str, str]]:
        """Yield every file and link of a commit: its mode, the hash of its content, its path."""
        for entry in self.run("ls-tree", "-r", "-z", "--full-tree", commit).split(b"\0"):
            about, _, path = entry.partition(b"\t")
            if about:
                yield about[:6].decode(), about.split()[2].decode(), os.fsdecode(path)

    def tree(self, commit: str, endings: tuple[str, ...] = SUFFIXES) -> dict[str, str]:
        """Return the YAML files of a commit by path from the root, with the hash of each content.

        Links and submodules are left out. `endings`: of other files' names.
        """
        return {
            path: identity
            for mode, identity, path in self.entries(commit)
            if mode.startswith("100") and path.endswith(endings)
        }

    def listed(self, endings: tuple[str, ...] = SUFFIXES) -> list[str]:
        """Return the YAML files of the working tree by path from the root, without ignored ones.

        `endings`: of other files' names.
        """
        found = map(
            os.fsdecode,
            self.run(
                "ls-files", "-z", "--cached", "--others", "--exclude-standard", "--full-name"
            ).split(b"\0"),
        )
        return sorted({path for path in found if path.endswith(endings)})

    def content(self, identity: str, name: str) -> bytes:
        """Return a file's content by its hash.

        Raises ProblemError for one that is too large or missing.
        """
        raw = self._contents.read(identity)
        if raw is None:
            raise problem(
                name, f"git does not have the content {identity[:12]}", "a partial clone: git fetch"
            )
        return raw


class Revision:
    """The spec files of one commit."""

    def __init__(self, repository: Repository, name: str, commit: str):
        self.repository, self.name, self.commit, self.root = (
            repository,
            name,
            commit,
            repository.root,
        )

    @cached_property
    def files(self) -> Mapping[str, str]:
        """By path from the root, the hash of each file's content."""
        return self.ending(SUFFIXES)

    def ending(self, endings: tuple[str, ...]) -> Mapping[str, str]:
        """Return the files with such names: by path from the root, the hash of each content."""
        return self.repository.tree(self.commit, endings)

    def called(self, path: str) -> str:
        """Return a file's name in messages."""
        return f"{self.name}:{path}"

    def is_file(self, path: Path) -> bool:
        """Whether the commit has the file."""
        return self.place(path) in self.files

    def place(self, path: Path) -> str:
        """Return the path from the root, "" for one outside of it."""
        try:
            return Path(os.path.normpath(path)).relative_to(self.root).as_posix()
        except ValueError:
            return ""

    def read(self, path: Path, name: str | None = None) -> tuple[str, str]:
        """Return a file's text and its name in messages. Raises ProblemError."""
        place = self.place(path)
        name = name or self.called(place or str(path))
        if place not in self.files:
            raise ProblemError(
                [
                    Problem(
                        Mark(name),
                        "file",
                        f"there is no such file at {self.name}",
                        nearest(place, self.files),
                    )
                ]
            )
        return decode(self.repository.content(self.files[place], name), name), name


class EmptyRevision(Revision):
    """The spec files of a branch without a commit: none."""

    def __init__(self, repository: Repository, name: str):
        super().__init__(repository, name, "")

    def ending(self, endings: tuple[str, ...]) -> Mapping[str, str]:
        """Return no file."""
        return {}


class WorkingTree:
    """The spec files as they are in the repository's folder now."""

    name = WORKING_TREE

    def __init__(self, repository: Repository):
        self.repository, self.root = repository, repository.root

    @cached_property
    def files(self) -> Mapping[str, str]:
        """By path from the root, the hash that git would give each content."""
        return self.ending(SUFFIXES)

    def ending(self, endings: tuple[str, ...]) -> Mapping[str, str]:
        """Return the files with such names: by path from the root, the hash that git would give
        each content.

        No filter is run, so that line ends may make it another one.
        """
        kind = self.repository.run("rev-parse", "--show-object-format").decode().strip()
        present = (
            path
            for path in self.repository.listed(endings)
            if (self.root / path).is_file() and not (self.root / path).is_symlink()
        )
        return {path: _identity(self.root / path, kind) for path in present}

    def called(self, path: str) -> str:
        """Return a file's name in messages, as seen from here."""
        return os.path.relpath(self.root / path)

    def is_file(self, path: Path) -> bool:
        """Whether there is such a file."""
        return path.is_file()

    def read(self, path: Path, name: str | None = None) -> tuple[str, str]:
        """Return a file's text and its name in messages. Raises ProblemError."""
        return read(path, name or self.called(str(path)))


def _identity(path: Path, kind: str) -> str:
    try:
        raw = read_bytes(path, MAX_BYTES)
    except OSError:
        return "unreadable"
    if len(raw) > MAX_BYTES:
        return "too large"
    return git.blob_hash(raw, kind)
