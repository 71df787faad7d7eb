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
        """By path from the root a value that identifies the content."""

    def called(self, path: str) -> str:
        """Return a file's name in messages."""


def touched(old: Tree, new: Tree, selected: Iterable[str] = ()) -> dict[str, tuple[str, ...]]:
    """Return the specs that a change may have touched, each with the changed files it depends on.

    All are paths from the root. `selected` are files and folders: a spec is taken where it, or a
    changed file it uses, is one of them or in one of them. A file that does not look like a spec is
    left out unless it is selected itself.
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
        if not depends:
            continue
        if selected and not any(
            _under(one, place) for one in (path, *depends) for place in selected
        ):
            continue
        if path in selected or (_own(path) and _is_spec(path, sides[path])):
            found[path] = tuple(sorted(depends))
    return found


def _is_spec(path: str, trees: Iterable[Tree]) -> bool:
    """Return whether a file looks like a spec in any of the trees."""
    return any(looks_like_spec(_text(tree, path) or "") for tree in trees)


def _reached(tree: Tree, path: str, known: dict[tuple[str, str], frozenset[str]]) -> frozenset[str]:
    """Return the places in the repository where a spec, and all it uses, looks for files."""
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
    """Return the text of a file, None for no file or one that cannot be read.

    The comparison of the spec reports that.
    """
    try:
        return tree.read(tree.root / path)[0] if path in tree.files else None
    except ProblemError:
        return None


def _differs(old: str | None, new: str | None) -> bool:
    """Return whether two texts differ in more than their line ends, which git may change."""
    return old is None or new is None or old.splitlines() != new.splitlines()


def _own(path: str) -> bool:
    """Return whether a file is in a folder of specs, as `check` walks through them."""
    return not any(part.startswith(".") or part in SKIPPED for part in PurePosixPath(path).parts)


def _under(path: str, place: str) -> bool:
    """Return whether a path is `place` or is in it."""
    return place in ("", ".") or path == place or path.startswith(f"{place}/")
