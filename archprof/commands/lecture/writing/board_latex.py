"""The calculations of claims as a LaTeX document that compiles."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from archprof import units
from archprof.commands.lecture.writing.board import BoardEntry, Judged, entries
from archprof.commands.lecture.writing.wording import reason_text
from archprof.show.latex import latex

TERMS_PER_LINE = 4
"""Terms of a sum on one line: numbers of ten digits."""

_PREAMBLE = r"""\documentclass{article}
\usepackage[T1]{fontenc}
\usepackage[utf8]{inputenc}
\usepackage[margin=2.5cm]{geometry}
\usepackage{amsmath}
\usepackage{textcomp}
\begin{document}
"""


def latex_text(judged: Judged) -> str:
    """Return the calculations as a whole LaTeX document."""
    parts = [_PREAMBLE]
    for subjects, one in judged:
        claim = one.claim
        slide = f" --- {_latex(claim.slide)}" if claim.slide else ""
        parts.append(rf"\subsection*{{{_latex(claim.id)}{slide}}}")
        if claim.says:
            parts.append(rf"\begin{{quote}}{_latex(claim.says)}\end{{quote}}")
        for entry in entries(subjects, one):
            parts += _entry_latex(entry)
        if claim.note:
            parts.append(rf"\noindent {_latex(claim.note)}\par")
    return "\n".join([*parts, r"\end{document}", ""])


def _entry_latex(entry: BoardEntry) -> Iterator[str]:
    decision = entry.decision
    name = rf"\textbf{{{_latex(decision.label)}}} " if decision.label else ""
    yield rf"{name}{entry.role}: {_latex(entry.stated)}\par"
    for chain in entry.calculation:
        body = r" \\ &= ".join(_lines(part) for part in chain.parts)
        yield rf"\noindent {_latex(chain.label)}:"
        yield rf"\begin{{align*}}&\phantom{{={{}}}}{body}\end{{align*}}"
    for who, text in entry.reports:
        yield rf"\noindent {who}: {_latex(text)}\par"
    why = reason_text(decision)
    because = f": {_latex(why)}" if why else ""
    word = _latex(decision.verdict.word)
    yield rf"\noindent\textbf{{{word}}}{because}\par\medskip"


_BEYOND = {
    "“": "``",
    "”": "''",
    "‘": "`",
    "’": "'",
    "−": "-",
    "–": "--",
    "—": "---",
    "≈": r"$\approx$",
    "α": r"$\alpha$",
    "β": r"$\beta$",
    "γ": r"$\gamma$",
    "φ": r"$\phi$",
    "Φ": r"$\Phi$",
    "σ": r"$\sigma$",
    "μ": r"$\mu$",
    "√": r"$\surd$",
    "²": "$^2$",
    "³": "$^3$",
    "≥": r"$\geq$",
    "≤": r"$\leq$",
    "ᵀ": r"$^T$",
    "∈": r"$\in$",
    "λ": r"$\lambda$",
    "θ": r"$\theta$",
}


def _latex(text: str) -> str:
    """Return a text so that LaTeX prints it; what its fonts lack is a question mark."""
    escaped = "".join(_BEYOND.get(c, latex(c)) for c in units.printable(text))
    return "".join(c if ord(c) < 256 else "?" for c in escaped)


def _lines(text: str) -> str:
    """Return an expression in LaTeX, a long sum over several lines."""
    terms = text.split(" + ")
    if len(terms) <= TERMS_PER_LINE or "(" in text:
        return _math(text)
    rows = [
        " + ".join(_math(term) for term in terms[i : i + TERMS_PER_LINE])
        for i in range(0, len(terms), TERMS_PER_LINE)
    ]
    return r" \\ &\phantom{={}} + ".join(rows)


def _math(text: str) -> str:
    """Return an expression in LaTeX: fractions stacked, products with dots.

    What is not an expression is printed as text.
    """
    plain = re.sub(r"(?<=\d),(?=\d{3})", "", text)
    try:
        return _node(ast.parse(plain, mode="eval").body)
    except (SyntaxError, ValueError, KeyError, RecursionError):
        return rf"\text{{{_latex(text)}}}"


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
        return node.id if len(node.id) == 1 else rf"\mathit{{{_latex(node.id)}}}"
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
    return rf"\mathrm{{{_latex(name)}}}\left({', '.join(map(_node, arguments))}\right)"


def _operation(node: ast.BinOp) -> str:
    if isinstance(node.op, ast.Div):
        return rf"\frac{{{_node(node.left)}}}{{{_node(node.right)}}}"
    if isinstance(node.op, ast.FloorDiv):
        return rf"\left\lfloor \frac{{{_node(node.left)}}}{{{_node(node.right)}}} \right\rfloor"
    left = _node(node.left) if _is_sum(node) else _tight(node.left)
    right = _node(node.right) if isinstance(node.op, ast.Add) else _tight(node.right)
    return left + _SIGNS[type(node.op)] + right


def _is_sum(node: ast.expr) -> bool:
    return isinstance(node, ast.BinOp) and isinstance(node.op, (ast.Add, ast.Sub))


def _tight(node: ast.expr) -> str:
    """Return an operand, in brackets where it is a sum."""
    inner = _node(node)
    return rf"\left({inner}\right)" if _is_sum(node) else inner
