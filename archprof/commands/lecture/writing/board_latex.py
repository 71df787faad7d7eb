"""The calculations of claims as a LaTeX document that compiles."""

from __future__ import annotations

import ast
import itertools
import re
from collections.abc import Iterator

from archprof.commands.lecture.writing.board import BoardEntry, Judged, entries
from archprof.commands.lecture.writing.board_sums import Chain
from archprof.show.latex import latex
from archprof.show.latex_table import breakable, document
from archprof.units import printable

TERMS_PER_LINE = 4
"""Terms of a sum on one line: numbers of ten digits."""
MOST_IN_A_LINE = 48
"""Characters of equal expressions that stand on one line."""
MOST_IN_MATH = 75
"""Characters of an expression; one that is longer is text, which wraps."""
LABEL = 30
"""Characters of a label beside its calculation; a longer one stands above it."""


def latex_text(judged: Judged) -> str:
    """Return the calculations as a whole LaTeX document."""
    parts = []
    for subjects, one in judged:
        claim = one.claim
        heading = f"{claim.id} — {claim.slide}" if claim.slide else claim.id
        parts.append(rf"\subsection*{{{breakable(heading)}}}")
        if claim.says:
            parts.append(rf"\begin{{quote}}{breakable(claim.says)}\end{{quote}}")
        for entry in entries(subjects, one):
            parts += _entry_latex(entry)
        if claim.note:
            parts.append(rf"{breakable(claim.note)}\par")
    return document(parts)


def _entry_latex(entry: BoardEntry) -> Iterator[str]:
    decision = entry.decision
    name = rf"\textbf{{{breakable(decision.label)}}} " if decision.label else ""
    if name or entry.stated:
        yield rf"{name}{entry.role}: {breakable(entry.stated)}\par"
    for in_math, chains in itertools.groupby(entry.calculation, _is_math):
        if in_math:
            rows = [row for chain in chains for row in _rows(chain)]
            yield rf"\begin{{align*}}{_BREAK.join(rows)}\end{{align*}}"
        else:
            yield from (_in_words(chain) for chain in chains)
    for who, text in entry.reports:
        yield rf"{who}: {breakable(text)}\par"
    because = f": {breakable(entry.why)}" if entry.why else ""
    yield rf"\textbf{{{breakable(decision.verdict.word)}}}{because}\par\medskip"


_BREAK = "\\\\\n"


def _is_math(chain: Chain) -> bool:
    """Return whether a line of a calculation is set as one: all of it is expressions."""
    if not chain.parts or len(chain.label) > LABEL:
        return False
    return all(len(part) <= MOST_IN_MATH or _is_plain_sum(part) for part in chain.parts)


def _is_plain_sum(text: str) -> bool:
    """Return whether an expression is a sum that goes on over several lines."""
    return " + " in text and "(" not in text


def _rows(chain: Chain) -> Iterator[str]:
    """Yield a line of a calculation: its label, its first expression, then each equal one."""
    first, *others = (_lines(part) for part in chain.parts)
    label = rf"\text{{{latex(printable(chain.label))}}}\quad " if chain.label else ""
    if sum(map(len, chain.parts)) <= MOST_IN_A_LINE:
        yield f"{label}& {' = '.join([first, *others])}"
        return
    yield f"{label}& {first}"
    yield from (f"& = {other}" for other in others)


def _in_words(chain: Chain) -> str:
    """Return a line of a calculation that is too long to be set, as a text that wraps."""
    label = f"{chain.label}: " if chain.parts else f"{chain.label}:"
    return rf"{breakable(label + ' = '.join(chain.parts))}\par"


def _lines(text: str) -> str:
    """Return an expression in LaTeX, a long sum over several lines."""
    terms = text.split(" + ")
    if len(terms) <= TERMS_PER_LINE or not _is_plain_sum(text):
        return _math(text)
    rows = [
        " + ".join(_math(term) for term in terms[i : i + TERMS_PER_LINE])
        for i in range(0, len(terms), TERMS_PER_LINE)
    ]
    return r" \\ & \quad + ".join(rows)


def _math(text: str) -> str:
    """Return an expression in LaTeX: fractions stacked, products with dots.

    What is not an expression is printed as text.
    """
    plain = re.sub(r"(?<=\d),(?=\d{3})", "", text)
    try:
        return _node(ast.parse(plain, mode="eval").body)
    except (SyntaxError, ValueError, KeyError, RecursionError):
        return rf"\text{{{latex(printable(text))}}}"


_SIGNS: dict[type[ast.operator], str] = {
    ast.Add: " + ",
    ast.Sub: " - ",
    ast.Mult: r" \cdot ",
    ast.Mod: r" \bmod ",
}
_CALLS = {
    "floor": (r"\left\lfloor ", r" \right\rfloor"),
    "ceil": (r"\left\lceil ", r" \right\rceil"),
    "sqrt": (r"\sqrt{", "}"),
}


def _node(node: ast.expr) -> str:
    if isinstance(node, ast.Constant) and isinstance(node.value, int):
        return f"{node.value:,}".replace(",", r"\,")
    if isinstance(node, ast.Constant) and isinstance(node.value, float):
        return str(node.value)
    if isinstance(node, ast.Name):
        return node.id if len(node.id) == 1 else rf"\mathit{{{latex(node.id)}}}"
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        return f"-{_tight(node.operand)}"
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
        return _call(node.func.id, node.args)
    if isinstance(node, ast.BinOp):
        return _operation(node)
    raise ValueError(type(node).__name__)


def _call(name: str, arguments: list[ast.expr]) -> str:
    if name in _CALLS and len(arguments) == 1:
        before, after = _CALLS[name]
        return f"{before}{_node(arguments[0])}{after}"
    return rf"\mathrm{{{latex(name)}}}\left({', '.join(map(_node, arguments))}\right)"


def _operation(node: ast.BinOp) -> str:
    if isinstance(node.op, ast.Div):
        return rf"\frac{{{_node(node.left)}}}{{{_node(node.right)}}}"
    if isinstance(node.op, ast.FloorDiv):
        return rf"\left\lfloor \frac{{{_node(node.left)}}}{{{_node(node.right)}}} \right\rfloor"
    if isinstance(node.op, ast.Pow):
        base = _node(node.left)
        if isinstance(node.left, ast.BinOp):
            base = rf"\left({base}\right)"
        return f"{base}^{{{_node(node.right)}}}"
    left = _node(node.left) if _is_sum(node) else _tight(node.left)
    right = _node(node.right) if isinstance(node.op, ast.Add) else _tight(node.right)
    return left + _SIGNS[type(node.op)] + right


def _is_sum(node: ast.expr) -> bool:
    return isinstance(node, ast.BinOp) and isinstance(node.op, (ast.Add, ast.Sub))


def _tight(node: ast.expr) -> str:
    """Return an operand, in brackets where it is a sum."""
    inner = _node(node)
    return rf"\left({inner}\right)" if _is_sum(node) else inner
