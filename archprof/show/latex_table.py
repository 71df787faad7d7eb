"""Tables as a LaTeX document that compiles with pdflatex and fits its pages.

A table is set over as many pages as it needs, its columns as wide as their texts where the page
has the room; otherwise texts wrap. It needs the packages of `PREAMBLE`, all of texlive-latex-base
and texlive-latex-recommended.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from archprof.show.latex import latex
from archprof.show.table import AnswerLine, Table
from archprof.units import printable

PREAMBLE = r"""\documentclass[10pt]{{article}}
\usepackage[a4paper,margin=14mm{orientation}]{{geometry}}
\usepackage{{amsmath,array,booktabs,longtable,pdflscape}}
\setlength{{\parindent}}{{0pt}}
\setlength{{\LTleft}}{{0pt}}
\raggedright
\raggedbottom
\begin{{document}}
"""
"""The beginning of every document, for str.format."""


class Page(NamedTuple):
    """A size of letters, and how wide a line of them is in em."""

    size: str
    room: float


# A4 without its margins is 515 pt wide and 762 pt high; an em of these sizes is 10, 9.25, 8.5, 8
# and 6.8 pt
UPRIGHT = (Page("normalsize", 51), Page("small", 55), Page("footnotesize", 60))
SMALLEST = Page("scriptsize", 64)
ON_ITS_SIDE = (
    Page("footnotesize", 89),
    Page("scriptsize", 95),
    Page("tiny", 110),
)
LINE, LINE_EM = r"\rule[-0.4ex]{5.5em}{0.4pt}", 5.5
"""To write on by hand, and how wide that is."""
GAP = 1.0  # em between two columns
_WIDE = re.compile(r"[A-LN-VX-Zmw%&+<>=~±×→≥≤≈]")
_WIDEST = re.compile(r"[MW—…@]")
_NARROW = re.compile(r"[ijl.,:;'|!\[\]()ft ]")
LEAST = 5.0  # em that a column keeps
PREFERRED = 10.0  # em that a column of texts keeps, as far as smaller letters make that possible
LONG = 12  # letters of a word that may be broken behind a sign


def latex_tables(tables: Sequence[Table]) -> str:
    """Return tables, one below the other, as a whole document, on its side where one needs that.

    A page stays upright only where no text wraps.
    """
    widths = [sum(_natural(table)) + _gaps(table) for table in tables]
    landscape = max(widths, default=0) > UPRIGHT[-1].room
    pages = ON_ITS_SIDE if landscape else UPRIGHT
    return document([latex_table(table, pages) for table in tables], landscape)


def document(parts: Iterable[str], landscape: bool = False) -> str:
    """Return parts that are LaTeX already as a whole document."""
    orientation = ",landscape" if landscape else ""
    return "\n".join([PREAMBLE.format(orientation=orientation), *parts, "\\end{document}\n"])


def latex_table(table: Table, pages: Sequence[Page] = UPRIGHT) -> str:
    """Return a table for the first of these pages that it fits: its title, its rows, its notes."""
    page = _page(table, pages)
    parts = [rf"{{\bfseries {breakable(table.title, page.room)}\par}}"] if table.title else []
    if table.columns:
        paper = any(isinstance(cell, AnswerLine) for row in table.rows for cell in row)
        stretch = r"\renewcommand{\arraystretch}{1.6}" if paper else ""
        parts += [rf"{{\{page.size}\setlength{{\tabcolsep}}{{{GAP / 2}em}}{stretch}"]
        parts += [*_rows(table, _widths(table, page.room)), "}"]
    notes = (breakable(f"{label}: {text}", page.room) for label, text in table.notes)
    return "\n".join([*parts, *(rf"{{\small {note}\par}}" for note in notes)])


def _rows(table: Table, widths: Sequence[float]) -> Iterable[str]:
    """Yield the rows under columns of so many em."""
    columns = list(zip(table.columns, widths, strict=True))
    yield rf"\begin{{longtable}}{{@{{}}{''.join(_column(c.right, w) for c, w in columns)}@{{}}}}"
    titles = [rf"\bfseries {breakable(column.title, width)}" for column, width in columns]
    yield rf"\toprule {' & '.join(titles)} \\ \midrule \endhead"
    yield r"\bottomrule \endfoot"
    body = len(table.rows) - table.totals
    for i, row in enumerate(table.rows):
        rule = r"\midrule " if i == body and i else ""
        yield rf"{rule}{' & '.join(map(_cell, row, widths))} \\"
    yield r"\end{longtable}"


def _column(right: bool, width: float) -> str:
    """Return how a column is set, in lines of so many em.

    The width is stated, as a column as wide as its texts is right only in TeX's third run.
    """
    return rf">{{\ragged{'left' if right else 'right'}\arraybackslash}}p{{{width:.1f}em}}"


def _page(table: Table, pages: Sequence[Page]) -> Page:
    """Return the page with the largest letters that a table fits, the last where it fits none."""
    wrapped = [
        min(width, PREFERRED) if column.wraps else width
        for column, width in zip(table.columns, _natural(table), strict=True)
    ]
    needed = sum(wrapped) + _gaps(table)
    return next((page for page in pages if needed <= page.room), pages[-1])


def _gaps(table: Table) -> float:
    return GAP * max(len(table.columns) - 1, 0)


def _widths(table: Table, room: float) -> list[float]:
    """Return the width of each column.

    Where texts do not fit, columns that wrap give way first, the one that is widest for what it
    has: its width goes with the square root of its texts, as they have about the fewest lines then.
    """
    widths = _natural(table)
    texts = [sum(_em(row[i]) for row in table.rows) + 1 for i in range(len(widths))]
    excess = sum(widths) + _gaps(table) - room
    while excess > 0 and max(widths) > LEAST:
        gives = [w > LEAST for w in widths]
        wraps = [c.wraps and w > LEAST for c, w in zip(table.columns, widths, strict=True)]
        most = [w / math.sqrt(text) for w, text in zip(widths, texts, strict=True)]
        place = max(range(len(widths)), key=lambda i: (wraps[i], gives[i], most[i]))
        widths[place] -= 0.5
        excess -= 0.5
    return widths


def _natural(table: Table) -> list[float]:
    """Return how wide each column's texts are, in em."""
    return [
        max([1.15 * _em(column.title), *(_em_of_cell(row[i]) for row in table.rows)])
        for i, column in enumerate(table.columns)
    ]


def _em_of_cell(cell: str) -> float:
    return LINE_EM if isinstance(cell, AnswerLine) else _em(cell)


def _em(text: str) -> float:
    """Return about how wide a text is, rather too much: a digit is half an em."""
    wide, widest = len(_WIDE.findall(text)), len(_WIDEST.findall(text))
    narrow = len(_NARROW.findall(text))
    return 0.53 * (len(text) - wide - widest - narrow) + 0.8 * wide + 1.05 * widest + 0.38 * narrow


def _cell(cell: str, width: float) -> str:
    return LINE if isinstance(cell, AnswerLine) else breakable(cell, width)


def breakable(text: str, width: float = UPRIGHT[0].room) -> str:
    """Return a text whose long words may be broken, behind a sign or where a line is no wider."""
    return " ".join(_word(word, width) for word in printable(text).split(" "))


def _word(word: str, width: float) -> str:
    if len(word) <= LONG and _em(word) <= width:
        return latex(word)
    parts = re.findall(r"[^*·/_.,=\-]*[*·/_.,=\-]|[^*·/_.,=\-]+", word)
    return r"\allowbreak{}".join(_broken(part, width) for part in parts)


def _broken(part: str, width: float) -> str:
    """Return a part of a word, broken only where a line would be too wide otherwise."""
    if _em(part) <= width:
        return latex(part)
    size = max(int(width / 1.1), 1)
    return r"\penalty500{}".join(latex(part[i : i + size]) for i in range(0, len(part), size))
