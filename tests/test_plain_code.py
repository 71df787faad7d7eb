"""The code is plain: short modules, short lines, one decision in an expression."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import archprof

PACKAGE = Path(archprof.__file__).parent
ROOT = Path(__file__).parent.parent
FILES = sorted(PACKAGE.rglob("*.py"))
MOST_LINES = 300
PUBLIC_CLASS = re.compile(r"^ *class ([A-Za-z]\w*)[(:]", re.MULTILINE)


def named(path: Path) -> str:
    return str(path.relative_to(PACKAGE))


def chained_conditionals(tree: ast.AST) -> Iterator[int]:
    """Yield the lines of conditional expressions that hold another as one of their two results."""
    for node in ast.walk(tree):
        results = (node.body, node.orelse) if isinstance(node, ast.IfExp) else ()
        if any(isinstance(part, ast.IfExp) for part in results):
            yield node.lineno


def products_with_conditions(tree: ast.AST) -> Iterator[int]:
    """Yield the lines where a text or a list is multiplied by a condition: `"s" * (n != 1)`."""
    for node in ast.walk(tree):
        product = isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult)
        if product and (is_condition(node.left) or is_condition(node.right)):
            yield node.lineno


def is_condition(node: ast.expr) -> bool:
    if isinstance(node, ast.Call):
        return isinstance(node.func, ast.Name) and node.func.id == "bool"
    negated = isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not)
    return negated or isinstance(node, (ast.Compare, ast.BoolOp))


def not_plain(path: Path) -> Iterator[str]:
    """Yield what a file has that plain code has not."""
    text = path.read_text(encoding="utf-8")
    tree = ast.parse(text)
    for line in chained_conditionals(tree):
        yield f"{named(path)}:{line}: a chained conditional expression"
    for line in products_with_conditions(tree):
        yield f"{named(path)}:{line}: a product with a condition"
    if (lines := text.count("\n")) > MOST_LINES:
        yield f"{named(path)}: {lines} lines"


def test_every_file_is_plain() -> None:
    assert not [fault for path in FILES for fault in not_plain(path)]


def test_what_is_not_plain_is_found() -> None:
    tree = ast.parse("a = 1 if x else (2 if y else 3)\nb = (1 if x else 2) + 1\n")
    assert list(chained_conditionals(tree)) == [1]
    tree = ast.parse('a = "s" * (n != 1)\nb = [1] * bool(y)\nc = (not d) * "e"\nf = g * 2\n')
    assert list(products_with_conditions(tree)) == [1, 2, 3]


def test_a_class_name_means_one_thing() -> None:
    """Apart from private classes. The model of a contract has the name of what it publishes, and
    a torch module that of its op.
    """
    places = defaultdict(list)
    for path in FILES:
        if path.stem.endswith("contract") or path.parent.name == "model":
            continue
        for name in PUBLIC_CLASS.findall(path.read_text(encoding="utf-8")):
            places[name].append(named(path))
    assert not {name: files for name, files in places.items() if len(files) > 1}


def test_the_formatter_is_content() -> None:
    command = [sys.executable, "-m", "ruff", "format", "--check", "."]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
