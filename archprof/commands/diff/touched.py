"""Which specs a change of files touches: those that changed, and those that use one that did."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from pathlib import Path, PurePosixPath
from typing import Protocol

from archprof.language.loader import Files
from archprof.language.recognition import SKIPPED, looks_like_spec
from archprof.language.source import used
from archprof.problem import ProblemError


class Tree(Files, Protocol):
    """The YAML files of a repository at one time."""

    name: str
    root: Path

    @property
    def files(self) -> Mapping[str, str]:
        """By path from the root what tells one content from another."""

    def called(self, path: str) -> str:
        """A file's name in messages."""


def touched(old: Tree, new: Tree, selected: Iterable[str] = ()) -> dict[str, tuple[str, ...]]:
    """The specs that a change may have touched, each with the changed files it depends on, by path
    from the root.

    `selected`: files and folders; a spec is taken where it, or a changed file it uses, is or lies
    in one of them. What does not look like a spec is left out unless it is selected itself.
    """
    selected = tuple(selected)
    sides = {
        path: [tree for tree in (new, old) if path in tree.files]
        for path in sorted(old.files.keys() | new.files.keys())
    }
    changed = {
        path
        for path in sides
        if old.files.get(path) != new.files.get(path)
        and _differs(_text(old, path), _text(new, path))
    }
    found = {}
    known: dict[tuple[str, str], frozenset[str]] = {}
    for path in sides if changed else ():
        depends = changed & {path}.union(*(_reached(tree, path, known) for tree in sides[path]))
        wanted = not selected or any(
            _under(one, place) for one in (path, *depends) for place in selected
        )
        if (
            depends
            and wanted
            and (
                path in selected
                or (
                    _own(path)
                    and any(looks_like_spec(_text(tree, path) or "") for tree in sides[path])
                )
            )
        ):
            found[path] = tuple(sorted(depends))
    return found


def _reached(tree: Tree, path: str, known: dict[tuple[str, str], frozenset[str]]) -> frozenset[str]:
    """Every place in the repository where `use:` looks for a file on the way through a spec,
    whether there is one or not.
    """
    key = (tree.name, path)
    if key not in known:
        known[key] = frozenset()  # for files that use each other
        beside = PurePosixPath(path).parent
        places = {os.path.normpath(beside / name) for name in used(_text(tree, path) or "")}
        known[key] = frozenset(places).union(
            *(_reached(tree, place, known) for place in places if place in tree.files)
        )
    return known[key]


def _text(tree: Tree, path: str) -> str | None:
    """What stands in a file; None where it is not there or cannot be read, which is told when
    the spec is compared.
    """
    try:
        return tree.read(tree.root / path)[0] if path in tree.files else None
    except ProblemError:
        return None


def _differs(old: str | None, new: str | None) -> bool:
    """Whether two texts differ in more than their line ends, which git may change when it writes
    a file.
    """
    return old is None or new is None or old.splitlines() != new.splitlines()


def _own(path: str) -> bool:
    """Whether a file lies where people keep their own, as `check` has it."""
    return not any(part.startswith(".") or part in SKIPPED for part in PurePosixPath(path).parts)


def _under(path: str, place: str) -> bool:
    """Whether a path is `place` or lies in it."""
    return place in ("", ".") or path == place or path.startswith(f"{place}/")
