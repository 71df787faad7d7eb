"""The working of a whole claim, as a lecturer writes it on the board: in plain text, Markdown,
and LaTeX that compiles.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from archprof import units
from archprof.commands.lecture.document import Combined, Constant, Formula, Quantity, Stated, Term
from archprof.commands.lecture.evaluate import Subjects, evaluate, select
from archprof.commands.lecture.judge import Finding, Judged, answer_text, describe, term_text
from archprof.commands.lecture.quantities import QUANTITIES, Last, Summed
from archprof.commands.lecture.solver import ARITHMETIC
from archprof.commands.lecture.tables import explanation
from archprof.commands.lecture.verdicts import AS
from archprof.ops.base import ShapeError
from archprof.show.markdown import markdown, paragraph
from archprof.show.table import Line, hanging, latex
from archprof.show.working import steps

MAX_TERMS = 24  # of a sum written out
TERMS_A_LINE = 4  # of a sum in LaTeX: numbers of ten digits
_STEP = {
    "height": "height",
    "width": "width",
    "channels": "channels",
    "params": "params",
    "macs": "MACs",
    "flops": "FLOPs",
    "field": "field size",
}
"""Quantities of one layer that have a formula on the board, and which."""


class Chain(NamedTuple):
    """One line of a calculation: what, and the expressions equal to it from left to right."""

    label: str
    parts: tuple[str, ...]


def chains(subjects: Subjects, judged: Judged) -> Iterator[tuple[Finding, list[Chain]]]:
    """Each statement of a claim with its calculation: the lecture's own, then archprof's.

    Raises ProblemError.
    """
    for part, finding in zip(judged.claim.parts, judged.findings, strict=True):
        found = []
        if isinstance(part.statement, Stated):
            if part.statement.formula is not None:
                found.append(_by_hand(part.statement.formula, finding))
            found += _term(subjects, part.statement.of, judged.claim.channels_last)
            found += _otherwise(subjects, part.statement.of, finding)
        yield finding, found


def _otherwise(subjects: Subjects, term: Term, finding: Finding) -> list[Chain]:
    """Arithmetic by the convention that the verdict, or the likeliest cause, counts by."""
    moves = (
        ", ".join((finding.verdict.word, *finding.verdict.causes[:1])).removeprefix(AS).split(", ")
    )
    name = next((name for name, label in ARITHMETIC.items() if label in moves), None)
    if not isinstance(term, Quantity) or name is None:
        return []
    value = evaluate(subjects, term._replace(name=name))
    return (
        [
            Chain(
                f"as {ARITHMETIC[name]}",
                (*_quantity(subjects, term._replace(name=name)), answer_text(value, "", False)),
            )
        ]
        if value is not None
        else []
    )


def _by_hand(formula: Formula, finding: Finding) -> Chain:
    result = finding.worked.rpartition(" = ")[2]
    numbers = dict(formula.numbers)
    put_in = re.sub(r"[A-Za-z]\w*", lambda m: str(numbers.get(m[0], m[0])), formula.text)
    return Chain("by hand", (formula.text, *([put_in] if put_in != formula.text else []), result))


def _term(subjects: Subjects, term: Term, last: bool) -> list[Chain]:
    """The working of a term, its parts first; `last`: shapes have their channels last."""
    if isinstance(term, Constant):
        return []
    value = evaluate(subjects, term)
    result = answer_text(value, "", last) if value is not None else "differs from block to block"
    if isinstance(term, Combined):
        sign = {"ratio": " / ", "difference": " - ", "sum": " + ", "product": " * "}[term.how]
        values = [evaluate(subjects, part) for part in term.parts]
        texts = [
            answer_text(v, "", False).replace(",", "") if v is not None else "?" for v in values
        ]
        return [chain for part in term.parts for chain in _term(subjects, part, last)] + [
            Chain(term.how, (sign.join(texts), result))
        ]
    return [Chain(term_text(term), (*_quantity(subjects, term), result))]


def _quantity(subjects: Subjects, term: Quantity) -> list[str]:
    """A layer's formula with its numbers; the sum over several layers."""
    quantity = QUANTITIES[term.name]
    if not isinstance(quantity, (Summed, Last)) or term.each:
        return []
    analysis = subjects.analysis(term.subject)
    rows = select(subjects, analysis, term.selection, term.mark)
    if len(rows) == 1 or (isinstance(quantity, Last) and rows):
        index = next(i for i, row in enumerate(analysis.layers) if row is rows[-1])
        try:
            step = next(
                (s for s in steps(analysis, index) if s.quantity == _STEP.get(term.name)), None
            )
        except ShapeError:
            step = None
        return [text for text in (step.formula, step.numbers) if text] if step else []
    parts = [quantity.of(row, analysis) for row in rows] if isinstance(quantity, Summed) else []
    shown = [answer_text(part, "", False).replace(",", "") for part in parts if part]
    return [" + ".join(shown)] if 1 < len(shown) <= MAX_TERMS and term.name != "layers" else []


Work = Sequence[tuple[Subjects, Judged]]


def text_lines(decided: Work, width: int) -> Iterator[Line]:
    """The working in plain text, wrapped."""
    for i, (subjects, judged) in enumerate(decided):
        if i:
            yield []
        claim = judged.claim
        yield from hanging(
            "", f"{claim.id}{f' · {claim.slide}' if claim.slide else ''}", width, "bold"
        )
        if claim.says:
            yield from hanging("", f"“{claim.says}”", width)
        for part, (finding, calculation) in zip(claim.parts, chains(subjects, judged), strict=True):
            yield []
            yield from _statement_lines(finding, calculation, describe(part.statement), width)
        if claim.note:
            yield []
            yield from hanging("note      ", claim.note, width)


def _statement_lines(
    finding: Finding, calculation: list[Chain], what: str, width: int
) -> Iterator[Line]:
    if finding.label:
        yield from hanging("", finding.label, width, "bold")
    rows = [("stated", finding.stated or what)] + [
        (c.label, " = ".join(c.parts)) for c in calculation
    ]
    rows += [("analysis", finding.analysis)] * (not calculation) + [
        ("torch", finding.torch),
        ("fvcore", finding.fvcore),
        ("verdict", finding.verdict.word),
    ]
    indent = min(max(len(label) for label, text in rows if text), 34) + 2
    for label, text in rows:
        if text and len(label) < indent:
            yield from hanging(
                f"{label:{indent}}", text, width, "bold" if label == "verdict" else ""
            )
        elif text:
            yield from hanging("", label, width, "cyan")
            yield from hanging(" " * indent, f"= {text}", width)
    why = explanation(finding)
    if why:
        yield from hanging(f"{'why':{indent}}", why, width)


def markdown_text(decided: Work) -> str:
    """The working as Markdown, its calculations in code."""
    parts = []
    for subjects, judged in decided:
        claim = judged.claim
        parts.append(
            f"### {markdown(claim.id)}{f' · {markdown(claim.slide)}' if claim.slide else ''}\n"
        )
        if claim.says:
            parts.append(f"> {paragraph(claim.says)}\n")
        for part, (finding, calculation) in zip(claim.parts, chains(subjects, judged), strict=True):
            name = f"**{markdown(finding.label)}** " if finding.label else ""
            parts.append(f"{name}stated: {markdown(finding.stated or describe(part.statement))}\n")
            parts += [
                f"- {markdown(c.label)}: `{units.printable(' = '.join(c.parts)).replace('`', '')}`"
                for c in calculation
            ]
            parts += [
                f"- {who}: {markdown(text)}"
                for who, text in (
                    ("analysis", finding.analysis if not calculation else ""),
                    ("torch", finding.torch),
                    ("fvcore", finding.fvcore),
                )
                if text
            ]
            why = explanation(finding)
            parts.append(
                f"- **{markdown(finding.verdict.word)}**{f': {markdown(why)}' if why else ''}\n"
            )
        if claim.note:
            parts.append(f"{paragraph(claim.note)}\n")
    return "\n".join(parts)


_PREAMBLE = r"""\documentclass{article}
\usepackage[T1]{fontenc}
\usepackage[utf8]{inputenc}
\usepackage[margin=2.5cm]{geometry}
\usepackage{amsmath}
\usepackage{textcomp}
\begin{document}
"""


def latex_text(decided: Work) -> str:
    """The working as a LaTeX document of its own."""
    parts = [_PREAMBLE]
    for subjects, judged in decided:
        claim = judged.claim
        parts.append(
            rf"\subsection*{{{_latex(claim.id)}{f' --- {_latex(claim.slide)}' if claim.slide else ''}}}"
        )
        if claim.says:
            parts.append(rf"\begin{{quote}}{_latex(claim.says)}\end{{quote}}")
        for part, (finding, calculation) in zip(claim.parts, chains(subjects, judged), strict=True):
            name = rf"\textbf{{{_latex(finding.label)}}} " if finding.label else ""
            parts.append(rf"{name}stated: {_latex(finding.stated or describe(part.statement))}\par")
            for chain in calculation:
                steps_ = [_broken(p) for p in chain.parts]
                body = steps_[0] + "".join(rf" \\ &= {step}" for step in steps_[1:])
                parts.append(
                    rf"\noindent {_latex(chain.label)}:"
                    "\n"
                    rf"\begin{{align*}}&\phantom{{={{}}}}{body}\end{{align*}}"
                )
            for who, text in (
                ("analysis", finding.analysis if not calculation else ""),
                ("torch", finding.torch),
                ("fvcore", finding.fvcore),
            ):
                if text:
                    parts.append(rf"\noindent {who}: {_latex(text)}\par")
            why = explanation(finding)
            parts.append(
                rf"\noindent\textbf{{{_latex(finding.verdict.word)}}}{f': {_latex(why)}' if why else ''}\par\medskip"
            )
        if claim.note:
            parts.append(rf"\noindent {_latex(claim.note)}\par")
    return "\n".join([*parts, r"\end{document}", ""])


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
    """A text that LaTeX prints as it stands; what its fonts lack as a question mark."""
    escaped = "".join(_BEYOND.get(c, latex(c)) for c in units.printable(text))
    return "".join(c if ord(c) < 256 else "?" for c in escaped)


def _broken(text: str) -> str:
    """An expression as LaTeX sets it, a long sum over several lines."""
    terms = text.split(" + ")
    if len(terms) <= TERMS_A_LINE or "(" in text:
        return _math(text)
    rows = [
        " + ".join(_math(term) for term in terms[i : i + TERMS_A_LINE])
        for i in range(0, len(terms), TERMS_A_LINE)
    ]
    return r" \\ &\phantom{={}} + ".join(rows)


def _math(text: str) -> str:
    """An expression as LaTeX sets it: fractions stacked, products with dots; what is no
    expression as text.
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
    if isinstance(node, ast.Constant) and isinstance(node.value, (int, float)):
        return (
            f"{node.value:,}".replace(",", r"\,")
            if isinstance(node.value, int)
            else str(node.value)
        )
    if isinstance(node, ast.Name):
        return node.id if len(node.id) == 1 else rf"\mathit{{{_latex(node.id)}}}"
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        return f"-{_tight(node.operand)}"
    if (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id in _CALLS
        and len(node.args) == 1
    ):
        before, after = _CALLS[node.func.id]
        return f"{before}{_node(node.args[0])}{after}"
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
        return rf"\mathrm{{{_latex(node.func.id)}}}\left({', '.join(map(_node, node.args))}\right)"
    if isinstance(node, ast.BinOp):
        if isinstance(node.op, ast.Div):
            return rf"\frac{{{_node(node.left)}}}{{{_node(node.right)}}}"
        if isinstance(node.op, ast.FloorDiv):
            return rf"\left\lfloor \frac{{{_node(node.left)}}}{{{_node(node.right)}}} \right\rfloor"
        sums = isinstance(node.op, (ast.Add, ast.Sub))
        left = _node(node.left) if sums else _tight(node.left)
        return (
            left
            + _SIGNS[type(node.op)]
            + (_tight(node.right) if not isinstance(node.op, ast.Add) else _node(node.right))
        )
    raise ValueError(type(node).__name__)


def _tight(node: ast.expr) -> str:
    """An operand that keeps its brackets."""
    inner = _node(node)
    return (
        rf"\left({inner}\right)"
        if isinstance(node, ast.BinOp) and isinstance(node.op, (ast.Add, ast.Sub))
        else inner
    )
