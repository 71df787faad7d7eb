"""A table of texts, and how it is written: for a terminal, as plain text, Markdown, LaTeX or CSV."""

from __future__ import annotations

import csv
import io
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass, field

from archprof.report import terminal
from archprof.units import printable


@dataclass(frozen=True)
class Column:
    """A title and how the column is set; a column that `wraps` may take several lines."""

    title: str
    right: bool = True
    style: str = ""
    wraps: bool = False


@dataclass(frozen=True)
class Table:
    """Rows of texts under columns, what stands above and below, and which rows are totals (set off by a rule).

    A note is a short label and a text, set with a hanging indent.
    """

    columns: Sequence[Column]
    rows: Sequence[Sequence[str]]
    title: str = ""
    notes: Sequence[tuple[str, str]] = ()
    totals: int = 0  # so many of the last rows
    quiet: frozenset[int] = field(default_factory=frozenset)  # rows set dim


def render(table: Table, style: str) -> str:
    """The table as text: md, latex, csv; or `table`, plain text of the terminal's width."""
    if style == "csv":
        out = io.StringIO()
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow([c.title for c in table.columns])
        writer.writerows([[_inert(cell) for cell in row] for row in table.rows])
        return out.getvalue()
    if style in ("md", "latex"):
        return _tabulated(table, style)
    from rich.console import Console

    out = io.StringIO()
    show(table, Console(file=out, width=max(terminal.width(), 60), markup=False, emoji=False, highlight=False, no_color=True, force_terminal=False))
    return "\n".join(line.rstrip() for line in out.getvalue().splitlines()) + "\n"


def natural_width(columns: Sequence[Column], rows: Sequence[Sequence[str]], gap: int = 1) -> int:
    """Terminal columns the table takes with nothing cut and `gap` spaces between its columns."""
    return sum(max([len(c.title), *(len(row[i]) for row in rows)]) + gap for i, c in enumerate(columns)) - gap


def show(table: Table, console: object) -> None:
    """Writes the table to a rich console. Where it is too narrow, texts are cut, numbers never."""
    from rich.box import Box
    from rich.console import Console
    from rich.table import Table as RichTable
    from rich.text import Text

    assert isinstance(console, Console)  # noqa: S101 - typed as object so that rich is imported late
    if table.title:
        _wrapped(console, printable(table.title), "", "bold")
    rule = " ── " if terminal.unicode_output() else " -- "
    lines = Box("\n".join(["    ", "    ", rule, "    ", rule, "    ", "    ", "    "]) + "\n", ascii=not terminal.unicode_output())
    roomy = natural_width(table.columns, table.rows, gap=2) <= console.width
    grid = RichTable(box=lines, show_edge=False, pad_edge=False, padding=(0, 1 if roomy else 0, 0, 0), header_style="bold cyan")
    for i, column in enumerate(table.columns):
        longest = max([len(column.title), *(len(row[i]) for row in table.rows)])
        least = min(longest, 8) if column.wraps or not column.right and i else min(longest, 40)
        grid.add_column(Text(column.title), justify="right" if column.right else "left", style=column.style, no_wrap=not column.wraps,
                        overflow="fold" if column.wraps else "ellipsis", min_width=least)
    body = len(table.rows) - table.totals
    for i, row in enumerate(table.rows):
        style = "bold" if i >= body else "dim" if i in table.quiet else ""
        grid.add_row(*(Text(printable(cell)) for cell in row), style=style, end_section=i == body - 1 and table.totals > 0)
    console.print(grid)
    indent = max((len(label) for label, _ in table.notes), default=0) + 1
    for label, text in table.notes:
        _wrapped(console, f"{label:{indent}}{printable(text)}", " " * indent, "")


def _wrapped(console: object, text: str, indent: str, style: str) -> None:
    from rich.console import Console
    from rich.text import Text

    assert isinstance(console, Console)  # noqa: S101 - typed as object so that rich is imported late
    lines = textwrap.wrap(text, console.width, subsequent_indent=indent, break_on_hyphens=False) or [""]
    for line in lines:
        console.print(Text(line, style=style), soft_wrap=True)


def _tabulated(table: Table, style: str) -> str:
    from tabulate import tabulate

    escape = _markdown if style == "md" else _latex
    rows = [[escape(printable(cell)) for cell in row] for row in table.rows]
    text = tabulate(rows, [escape(c.title) for c in table.columns], tablefmt="pipe" if style == "md" else "latex_raw", disable_numparse=True,
                    colalign=["right" if c.right else "left" for c in table.columns])
    title = printable(table.title)
    if style == "md":
        notes = "".join(f"\n{_markdown(f'{label}: {printable(note)}')}  " for label, note in table.notes)
        return (f"**{_markdown(title)}**\n\n" if title else "") + text + "\n" + notes.rstrip() + ("\n" if notes else "")
    notes = "".join(f"\n{_latex(f'{label}: {printable(note)}')}\\\\" for label, note in table.notes)
    return (f"% {title}\n" if title else "") + text + "\n" + (notes.rstrip("\\") + "\n" if notes else "")


def _inert(cell: str) -> str:
    """A cell no spreadsheet takes for a formula."""
    return f"'{cell}" if cell[:1] in "=+-@\t\r" and not cell[1:2].isdigit() and cell not in ("-", "+") else cell


def _markdown(text: str) -> str:
    for character in "\\`*_[]<>|#":
        text = text.replace(character, f"\\{character}" if character != "<" else "&lt;")
    return text


_LATEX = {"\\": r"\textbackslash{}", "&": r"\&", "%": r"\%", "$": r"\$", "#": r"\#", "_": r"\_", "{": r"\{", "}": r"\}", "~": r"\textasciitilde{}",
          "^": r"\textasciicircum{}", "×": r"$\times$", "·": r"$\cdot$", "→": r"$\to$", "█": "", "▏": ""}


def _latex(text: str) -> str:
    return "".join(_LATEX.get(c, c) for c in text)
