"""SECURITY.md promises nothing that no test backs."""

from __future__ import annotations

import ast
import re
from pathlib import Path

ROOT = Path(__file__).parent.parent
NAMED = re.compile(r"`(tests/[\w/]+\.py)::(\w+)`")


def rows() -> list[str]:
    """The rows of the table of promises, without its head."""
    text = (ROOT / "SECURITY.md").read_text(encoding="utf-8")
    return [line for line in text.splitlines() if line.startswith("| **")]


def test_every_promise_names_a_test() -> None:
    assert len(rows()) == 14
    assert [row for row in rows() if not NAMED.search(row)] == []


def test_every_named_test_exists() -> None:
    named = [name for row in rows() for name in NAMED.findall(row)]
    missing = [f"{file}::{name}" for file, name in named if name not in functions(ROOT / file)]
    assert missing == []


def functions(path: Path) -> set[str]:
    """The names of the functions that a file has at its top."""
    if not path.is_file():
        return set()
    return {
        node.name
        for node in ast.parse(path.read_text(encoding="utf-8")).body
        if isinstance(node, ast.FunctionDef)
    }
