"""Small faults that could be in a source file: every place where one edit makes other Python of it.

Left out: texts and docstrings (a wrong word is not a wrong number, and tests compare the texts of
messages whole), annotations, imports, and what cannot matter by construction: `strict=` of zip,
`slots=` and `frozen=` of a dataclass, the size of a cache, the order of what `max` or `gcd` gets.
"""

from __future__ import annotations

import ast
from typing import NamedTuple

COMPARISONS: dict[type[ast.cmpop], tuple[str, ...]] = {
    ast.Lt: ("<=", ">="),
    ast.LtE: ("<", ">"),
    ast.Gt: (">=", "<="),
    ast.GtE: (">", "<"),
    ast.Eq: ("!=",),
    ast.NotEq: ("==",),
    ast.Is: ("is not",),
    ast.IsNot: ("is",),
    ast.In: ("not in",),
    ast.NotIn: ("in",),
}
OPERATORS: dict[type[ast.operator], str] = {
    ast.Add: "-",
    ast.Sub: "+",
    ast.Mult: "//",
    ast.Div: "*",
    ast.FloorDiv: "*",
    ast.Mod: "//",
    ast.Pow: "*",
    ast.BitOr: "&",
    ast.BitAnd: "|",
}
CALLS = {"min": "max", "max": "min", "any": "all", "all": "any"}
COMMUTATIVE = {"min", "max", "gcd", "lcm", "isclose"}
HARMLESS = {"strict", "slots", "frozen", "maxsize", "kw_only"}


class Mutant(NamedTuple):
    """One edit: the bytes from `start` to `end` of a file become `text`; `line` is where, `change`
    what a reader sees of it.

    `on_import`: it is in no function, so that whichever case imports the file first executes it for
    all others.
    """

    file: str
    line: int
    start: int
    end: int
    text: str
    change: str
    on_import: bool = False

    def applied(self, source: bytes) -> bytes:
        """Return the file with this fault."""
        return source[: self.start] + self.text.encode() + source[self.end :]

    def is_python(self, source: bytes) -> bool:
        """Return whether the file with this fault compiles."""
        try:
            compile(self.applied(source), self.file, "exec", dont_inherit=True)
        except (SyntaxError, ValueError):
            return False
        return True


def mutants(source: bytes, file: str) -> list[Mutant]:
    """All mutants of a file in the order of their places; a few may be no Python."""
    finder = _Finder(source, file)
    finder.visit(ast.parse(source))
    return sorted(set(finder.found), key=lambda mutant: mutant[1:])


class _Finder(ast.NodeVisitor):
    def __init__(self, source: bytes, file: str):
        self.source, self.file = source, file
        self.starts = [0]
        for row in source.splitlines(keepends=True):
            self.starts.append(self.starts[-1] + len(row))
        self.found: list[Mutant] = []
        self.functions = 0  # around the place at work

    def span(self, node: ast.expr | ast.stmt) -> tuple[int, int]:
        assert node.end_lineno is not None and node.end_col_offset is not None  # noqa: S101, PT018 - ast.parse sets them
        return (
            self.starts[node.lineno - 1] + node.col_offset,
            self.starts[node.end_lineno - 1] + node.end_col_offset,
        )

    def text(self, node: ast.expr | ast.stmt) -> str:
        start, end = self.span(node)
        return self.source[start:end].decode()

    def replace(self, node: ast.expr | ast.stmt, text: str) -> None:
        start, end = self.span(node)
        self.edit(node.lineno, start, end, text)

    def between(self, left: ast.expr, right: ast.expr, old: str, new: str) -> None:
        """Replaces the operator `old` that stands between two operands, brackets and comments
        around it.
        """
        start, end = self.span(left)[1], self.span(right)[0]
        at = self.source.find(old.encode(), start, end)
        if at >= 0:
            self.edit(right.lineno, at, at + len(old), new)

    def edit(self, line: int, start: int, end: int, text: str) -> None:
        old = self.source[start:end].decode()
        self.found.append(
            Mutant(
                self.file,
                line,
                start,
                end,
                text,
                f"{_short(old)} -> {_short(text)}",
                not self.functions,
            )
        )

    # --- what is left out ---

    def visit_JoinedStr(self, node: ast.JoinedStr) -> None:
        """A message."""

    def visit_Import(self, node: ast.Import) -> None:
        """Nothing to decide."""

    visit_ImportFrom = visit_Import

    def visit_AnnAssign(self, node: ast.AnnAssign) -> None:
        if node.value:
            self.visit(node.value)

    def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
        for part in (
            *node.decorator_list,
            *node.args.defaults,
            *(default for default in node.args.kw_defaults if default),
        ):
            self.visit(part)
        self.functions += 1
        for statement in node.body:
            self.visit(statement)
        self.functions -= 1

    def visit_Lambda(self, node: ast.Lambda) -> None:
        self.functions += 1
        self.visit(node.body)
        self.functions -= 1

    def visit_keyword(self, node: ast.keyword) -> None:
        if node.arg not in HARMLESS:
            self.visit(node.value)

    def visit_If(self, node: ast.If) -> None:
        if "TYPE_CHECKING" in self.text(node.test):
            return
        self.condition(node.test)
        self.generic_visit(node)

    # --- what is changed ---

    def visit_Constant(self, node: ast.Constant) -> None:
        if isinstance(node.value, bool):
            self.replace(node, str(not node.value))
        elif isinstance(node.value, (int, float)):
            self.replace(node, repr(node.value + 1))
            self.replace(node, f"({node.value - 1!r})")

    def visit_Compare(self, node: ast.Compare) -> None:
        operands = [node.left, *node.comparators]
        for left, operator, right in zip(operands, node.ops, operands[1:], strict=False):
            old = _operator(self.source[self.span(left)[1] : self.span(right)[0]].decode())
            for new in COMPARISONS[type(operator)]:
                self.between(left, right, old, new)
        self.generic_visit(node)

    def visit_BinOp(self, node: ast.BinOp) -> None:
        new = OPERATORS.get(type(node.op))
        if (
            new
            and not isinstance(node.left, ast.JoinedStr)
            and not isinstance(node.right, ast.JoinedStr)
        ):
            self.between(
                node.left,
                node.right,
                _operator(self.source[self.span(node.left)[1] : self.span(node.right)[0]].decode()),
                new,
            )
        self.generic_visit(node)

    def visit_AugAssign(self, node: ast.AugAssign) -> None:
        new = OPERATORS.get(type(node.op))
        if new:
            start, end = self.span(node.target)[1], self.span(node.value)[0]
            self.edit(node.lineno, start, end, f" {new}= ")
        self.generic_visit(node)

    def visit_BoolOp(self, node: ast.BoolOp) -> None:
        old, new = ("and", "or") if isinstance(node.op, ast.And) else ("or", "and")
        for left, right in zip(node.values, node.values[1:], strict=False):
            self.between(left, right, old, new)
        self.generic_visit(node)

    def visit_UnaryOp(self, node: ast.UnaryOp) -> None:
        if isinstance(node.op, (ast.Not, ast.USub)):
            self.replace(node, f"({self.text(node.operand)})")
        self.generic_visit(node)

    def visit_IfExp(self, node: ast.IfExp) -> None:
        self.condition(node.test)
        self.generic_visit(node)

    def visit_While(self, node: ast.While) -> None:
        self.replace(node.test, "False")
        self.generic_visit(node)

    def visit_comprehension(self, node: ast.comprehension) -> None:
        for condition in node.ifs:
            self.condition(condition)
        self.generic_visit(node)

    def visit_Call(self, node: ast.Call) -> None:
        if isinstance(node.func, ast.Name) and node.func.id in CALLS:
            self.replace(node.func, CALLS[node.func.id])
        first = node.args[:2]
        if (
            len(first) == 2
            and not any(isinstance(argument, ast.Starred) for argument in first)
            and not _either_way(node)
        ):
            a, b = (self.text(argument) for argument in first)
            if a != b:
                self.edit(node.lineno, self.span(first[0])[0], self.span(first[1])[1], f"{b}, {a}")
        self.generic_visit(node)

    def visit_Expr(self, node: ast.Expr) -> None:
        if isinstance(node.value, ast.Constant):
            return  # a docstring
        self.replace(node, "pass")
        self.generic_visit(node)

    def visit_Return(self, node: ast.Return) -> None:
        if node.value is not None and not isinstance(node.value, ast.Constant):
            self.replace(node.value, "None")
        self.generic_visit(node)

    def condition(self, node: ast.expr) -> None:
        self.replace(node, "True")
        self.replace(node, "False")


def _operator(text: str) -> str:
    """Return the operator between two operands, without brackets and white space around it."""
    return text.partition("#")[0].strip(" ()\n\\")


def _either_way(node: ast.Call) -> bool:
    """Return whether swapped arguments make no difference, or only raise TypeError as those of
    isinstance and its like do.
    """
    name = ""
    if isinstance(node.func, ast.Attribute):
        name = node.func.attr
    elif isinstance(node.func, ast.Name):
        name = node.func.id
    return name in COMMUTATIVE or name in {
        "isinstance",
        "issubclass",
        "getattr",
        "hasattr",
        "setattr",
    }


def _short(text: str) -> str:
    row = " ".join(text.split())
    return row if len(row) <= 60 else f"{row[:40]} … {row[-16:]}"
