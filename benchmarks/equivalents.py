"""Mutants that no test can notice, each with the reason."""

from __future__ import annotations

import ast
import importlib
import sys
import tomllib
from pathlib import Path
from typing import Any, NamedTuple

from mutants import Mutant

HERE = Path(__file__).resolve().parent


class Equivalent(NamedTuple):
    """Changes of lines with this code in a file, and why no test can notice them."""

    file: str
    code: str
    changes: list[str]
    reason: str


TABLE = tomllib.loads((HERE / "equivalent.toml").read_text(encoding="utf-8"))
EQUIVALENT = [Equivalent(**entry) for entry in TABLE["equivalent"]]


def reason(mutant: Mutant, sources: dict[str, bytes]) -> str:
    """Return why no test can notice a mutant, "" where one could."""
    if mutant.change == "0 -> (-1)" and _first_of_one(mutant, sources[mutant.file]):
        return "it has one input"
    line = sources[mutant.file].decode().splitlines()[mutant.line - 1]
    for known in EQUIVALENT:
        if known.file == mutant.file and known.code in line and mutant.change in known.changes:
            return known.reason
    return ""


def _first_of_one(mutant: Mutant, source: bytes) -> bool:
    """Return whether the place is `inputs[0]` in the class of an op of one input."""
    if not mutant.file.startswith("archprof/ops/"):
        return False
    if not source[: mutant.start].endswith(b"inputs["):
        return False
    classes = [node for node in ast.parse(source).body if isinstance(node, ast.ClassDef)]
    inside = [node.name for node in classes if node.lineno <= mutant.line <= (node.end_lineno or 0)]
    sys.path.insert(0, str(HERE.parent))
    module = importlib.import_module(mutant.file.removesuffix(".py").replace("/", "."))
    return any(_has_one_input(getattr(module, name)) for name in inside)


def _has_one_input(cls: Any) -> bool:
    """Return whether a class and all that come from it are ops of one input."""
    return cls.arity == (1, 1) and all(map(_has_one_input, cls.__subclasses__()))
