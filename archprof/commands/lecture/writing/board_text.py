"""The calculations of claims as plain text and as Markdown."""

from __future__ import annotations

from collections.abc import Iterator

from archprof import units
from archprof.commands.lecture.writing.board import BoardEntry, Judged, entries
from archprof.commands.lecture.writing.board_sums import Chain
from archprof.show.markdown import markdown, paragraph
from archprof.show.table import Line, hanging

MAX_LABEL = 34
"""Longest label that has its text beside it; that of a longer one begins on the next line."""


def text_lines(judged: Judged, width: int) -> Iterator[Line]:
    """Yield the calculations in plain text, wrapped."""
    for i, (subjects, one) in enumerate(judged):
        if i:
            yield []
        claim = one.claim
        yield from hanging("", " · ".join(filter(None, (claim.id, claim.slide))), width, "bold")
        if claim.says:
            yield from hanging("", f"“{claim.says}”", width)
        for entry in entries(subjects, one):
            yield []
            yield from _entry_lines(entry, width)
        if claim.note:
            yield []
            yield from hanging("note      ", claim.note, width)


def _entry_lines(entry: BoardEntry, width: int) -> Iterator[Line]:
    decision = entry.decision
    if decision.label:
        yield from hanging("", decision.label, width, "bold")
    rows = [(entry.role, entry.stated)] if entry.stated else []
    rows += [(chain.label, _on_a_board(chain)) for chain in entry.calculation]
    rows += [*entry.reports, ("verdict", decision.verdict.word)]
    indent = min(max(len(label) for label, _ in rows), MAX_LABEL) + 2
    for label, text in rows:
        if not text:
            yield from hanging("", label, width, "cyan")
        elif len(label) <= MAX_LABEL:
            style = "bold" if label == "verdict" else ""
            yield from hanging(f"{label:{indent}}", text, width, style)
        else:
            yield from hanging("", label, width, "cyan")
            yield from hanging(" " * indent, f"= {text}", width)
    if entry.why:
        yield from hanging(f"{'why':{indent}}", entry.why, width)


def _on_a_board(chain: Chain) -> str:
    """Return a line of a calculation, products with dots and powers with ^."""
    return " = ".join(chain.parts).replace("**", "^").replace("*", "·")


def markdown_text(judged: Judged) -> str:
    """Return the calculations as Markdown, each in code."""
    parts = []
    for subjects, one in judged:
        claim = one.claim
        slide = f" · {markdown(claim.slide)}" if claim.slide else ""
        parts.append(f"### {markdown(claim.id)}{slide}\n")
        if claim.says:
            parts.append(f"> {paragraph(claim.says)}\n")
        for entry in entries(subjects, one):
            parts += _entry_markdown(entry)
        if claim.note:
            parts.append(f"{paragraph(claim.note)}\n")
    return "\n".join(parts)


def _entry_markdown(entry: BoardEntry) -> Iterator[str]:
    decision = entry.decision
    name = f"**{markdown(decision.label)}** " if decision.label else ""
    yield f"{name}{entry.role}: {markdown(entry.stated)}\n"
    for chain in entry.calculation:
        code = units.printable(_on_a_board(chain)).replace("`", "")
        label = f"{markdown(chain.label)}: " if chain.label else ""
        yield f"- {label}`{code}`" if code else f"- {label.strip()}"
    for who, text in entry.reports:
        yield f"- {who}: {markdown(text)}"
    because = f": {markdown(entry.why)}" if entry.why else ""
    yield f"- **{markdown(decision.verdict.word)}**{because}\n"
