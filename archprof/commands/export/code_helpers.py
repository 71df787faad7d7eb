"""The functions and modules of archprof that exported code brings along, as source text.

They are read from the files of `archprof/model`, which would load torch if they were imported.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import NamedTuple

import archprof.model

_FOLDER = Path(archprof.model.__file__).parent
_FILES = ("functions.py", "modules.py", "constants.py")
_PRAGMA = re.compile(r"  # type: ignore\S*( .*)?$", re.MULTILINE)


class Definition(NamedTuple):
    """A function or class, and what its source names."""

    source: str
    uses: frozenset[str]


@cache
def definitions() -> dict[str, Definition]:
    """Return what the files define, by name, each behind what it is derived from."""
    found = {}
    for file in _FILES:
        text = (_FOLDER / file).read_text(encoding="utf-8")
        for node in ast.parse(text).body:
            if isinstance(node, ast.FunctionDef | ast.ClassDef):
                source = ast.get_source_segment(text, node) or ""
                found[node.name] = Definition(_PRAGMA.sub("", source), names_in(node))
    return found


@cache
def by_name_in_nn() -> dict[str, str]:
    """Return what the namespace that ops get adds to torch.nn: the name there, that of the
    definition.
    """
    tree = ast.parse((_FOLDER / "namespace.py").read_text(encoding="utf-8"))
    layers = next(n for n in tree.body if isinstance(n, ast.ClassDef) and n.name == "_Layers")
    found = {}
    for node in layers.body:
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            value = node.value
            if isinstance(value, ast.Call):  # staticmethod(functions.add)
                value = value.args[0]
            if isinstance(value, ast.Attribute):
                found[node.targets[0].id] = value.attr
    return found


def names_in(tree: ast.AST) -> frozenset[str]:
    """Return every name that code reads."""
    return frozenset(node.id for node in ast.walk(tree) if isinstance(node, ast.Name))


def needed(names: Iterable[str]) -> list[Definition]:
    """Return the definitions among the names, and what they use in turn."""
    known = definitions()
    found: set[str] = set()
    waiting = [name for name in names if name in known]
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting += [used for used in known[name].uses if used in known]
    return [definition for name, definition in known.items() if name in found]
