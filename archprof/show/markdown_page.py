"""The parts of a page in Markdown that archprof writes itself: headings, prose, code, tables."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from archprof.show.markdown import markdown

_KEPT = re.compile(r"(`[^`]*`|https?://[^\s,;)]*[^\s,;).])")


def heading(level: int, text: str) -> str:
    """Return a heading, 1 the highest."""
    return f"{'#' * level} {text}"


def prose(text: str) -> str:
    """Return a paragraph of a docstring, or of another text of archprof's own, in one line.

    Code spans stay, addresses become links, and nothing else of it is markup.
    """
    parts = _KEPT.split(" ".join(text.split()))
    return "".join(_kept(part) if i % 2 else markdown(part) for i, part in enumerate(parts))


def _kept(part: str) -> str:
    return part if part.startswith("`") else f"<{part}>"


def code(text: str) -> str:
    """Return a text as a code span; nothing of nothing."""
    if not text:
        return ""
    return f"`` {text} ``" if "`" in text else f"`{text}`"


def fenced(language: str, text: str) -> str:
    """Return a text as a block of code."""
    return f"```{language}\n{text.rstrip()}\n```"


def pipe_table(titles: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table whose cells are Markdown already; each row is one line of the text."""
    lines = [_row(titles), _row(["---"] * len(titles))]
    return "\n".join([*lines, *map(_row, rows)])


def _row(cells: Sequence[str]) -> str:
    return "".join(f"| {_cell(cell)} " for cell in cells) + "|"


def _cell(text: str) -> str:
    """Return a cell whose bars do not end it, as they would in a code span too."""
    return re.sub(r"(?<!\\)\|", r"\|", text)
