"""A table of texts, and how it is written: for a terminal, as plain text, Markdown or CSV, by
`table_markup` as HTML, and by `latex_table` as LaTeX.
"""

from __future__ import annotations

import io
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from archprof.record import Record
from archprof.show import terminal
from archprof.units import Figure, Inexact, csv_cell, inert, printable

# columns a text keeps where the terminal is narrow; the first column names the row
LEAST_TEXT, LEAST_FIRST, LEAST_WRAPPED = 8, 40, 12


class TableColumn(Record):
    """A title and how the column is set; a column that `wraps` may take several lines.

    `unit` is what the bare numbers of a CSV count, where the title does not say it. On a terminal
    too narrow for all columns those with a `drop` are left out, the highest first.
    """

    title: str
    right: bool = True
    style: str = ""
    wraps: bool = False
    unit: str = ""
    drop: int = 0


class Table(NamedTuple):
    """Rows of texts under columns, what is above and below, and which rows are totals (set off
    by a rule).

    A note is a short label and a text, set with a hanging indent.
    """

    columns: Sequence[TableColumn]
    rows: Sequence[Sequence[str]]
    title: str = ""
    notes: Sequence[tuple[str, str]] = ()
    totals: int = 0  # so many of the last rows
    quiet: frozenset[int] = frozenset()  # rows set dim


class AnswerLine(str):
    """A cell to write in: where a table becomes paper, a line of some length."""


Line = list[tuple[str, str]]  # texts and their styles, side by side


def put(tables: Sequence[Table], style: str, output: Path | None) -> None:
    """Write tables to where they are wanted: in colour to a terminal, as text to a pipe or, whole
    or not at all, to a file.
    """
    if style == "table":
        put_lines(_apart(tables), output)
    elif style == "html":
        from archprof.show.table_markup import table_page

        terminal.emit(table_page(tables), output)
    elif style == "latex":
        from archprof.show.latex_table import latex_tables

        terminal.emit(latex_tables(tables), output)
    else:
        terminal.emit("\n".join(render(table, style) for table in tables), output)


def _apart(tables: Sequence[Table]) -> Iterator[Line]:
    """Yield the lines of tables, with an empty one between two."""
    for i, table in enumerate(tables):
        if i:
            yield []
        yield from lines(table, terminal.width())


def put_lines(text: Iterable[Line], output: Path | None) -> None:
    """Write lines, styled where that is a terminal."""
    if output is None and sys.stdout.isatty():
        from rich.text import Text

        console = terminal.console()
        for line in text:
            console.print(Text.assemble(*line), soft_wrap=True)
    else:
        terminal.emit(
            "".join(inert("".join(part for part, _ in line).rstrip()) + "\n" for line in text),
            output,
        )


def render(table: Table, style: str) -> str:
    """Return the table as md, csv or latex, which is a part of a document."""
    if style == "csv":
        import csv

        out = io.StringIO()
        writer = csv.writer(out, lineterminator="\n")
        titles = [f"{c.title} ({c.unit})" if c.unit else c.title for c in table.columns]
        writer.writerow(map(csv_cell, titles))
        writer.writerows([[_comma_separated(cell) for cell in row] for row in table.rows])
        return out.getvalue()
    if style == "latex":
        from archprof.show.latex_table import latex_table

        return latex_table(table)
    return _markdown(table)


def lines(table: Table, width: int) -> Iterator[Line]:
    """Yield the table line by line, at most `width` wide: texts wrap or are cut, columns that may
    go do; numbers are never cut.
    """
    if table.title:
        yield from hanging("", table.title, width, "bold")
    rows = [[printable(cell) for cell in row] for row in table.rows]
    places, widths, gap = _fit(table.columns, rows, width)
    columns = [table.columns[i] for i in places]
    rule: Line = [("─" * (sum(widths) + gap * (len(widths) - 1)), "")]
    yield from _row([c.title for c in columns], columns, widths, gap, "bold cyan", head=True)
    yield rule
    body = len(rows) - table.totals
    for i, row in enumerate(rows):
        if i == body and i:
            yield rule
        if i >= body:
            style = "bold"
        elif i in table.quiet:
            style = "dim"
        else:
            style = ""
        yield from _row([row[place] for place in places], columns, widths, gap, style)
    indent = max((len(label) for label, _ in table.notes), default=0) + 1
    for label, text in table.notes:
        yield from hanging(f"{label:{indent}}", text, width)


def _fit(
    columns: Sequence[TableColumn], rows: Sequence[Sequence[str]], width: int
) -> tuple[list[int], list[int], int]:
    """Return which columns are shown, how wide each is, and the gap between them."""
    widths = [max([len(c.title), *(len(row[i]) for row in rows)]) for i, c in enumerate(columns)]
    places = list(range(len(columns)))
    if sum(widths) + 2 * (len(widths) - 1) <= width:
        return places, widths, 2
    least = [
        _least(column, width, first=not i)
        for i, (column, width) in enumerate(zip(columns, widths, strict=True))
    ]
    places = _shown(columns, least, width)
    room = width - len(places) + 1
    if sum(least[i] for i in places) > room:  # names are cut before numbers
        least[0] = min(least[0], LEAST_WRAPPED)
    shrunk = _shrunk(
        [columns[i] for i in places], [widths[i] for i in places], [least[i] for i in places], room
    )
    return places, shrunk, 1


def _shown(columns: Sequence[TableColumn], least: Sequence[int], width: int) -> list[int]:
    """Return the columns that are left when those that may go did, until the rest fits."""
    places = list(range(len(columns)))
    while sum(least[i] + 1 for i in places) - 1 > width and any(columns[i].drop for i in places):
        places.remove(max(places, key=lambda i: columns[i].drop))
    return places


def _shrunk(
    columns: Sequence[TableColumn], widths: Sequence[int], least: Sequence[int], room: int
) -> list[int]:
    """Return the widths after each column gave what it can, until they fit into the room: those
    that wrap give first, of these the widest.
    """
    left = list(widths)
    while sum(left) > room:
        shrinkable = [i for i, width in enumerate(left) if width > least[i]]
        if not shrinkable:
            break
        left[max(shrinkable, key=lambda i: (columns[i].wraps, left[i]))] -= 1
    return left


def _least(column: TableColumn, width: int, first: bool) -> int:
    """Return the width below which a column of `width` does not go: numbers keep theirs."""
    if column.wraps:
        return min(width, LEAST_WRAPPED)
    if first:
        return min(width, LEAST_FIRST)
    if column.right:
        return width
    return min(width, max(LEAST_TEXT, len(column.title)))


def _row(
    cells: Sequence[str],
    columns: Sequence[TableColumn],
    widths: Sequence[int],
    gap: int,
    style: str,
    head: bool = False,
) -> Iterator[Line]:
    """Yield one row, of several lines where a cell wraps."""
    stacks = [
        _wrapped(cell, width) if c.wraps else [_cut(cell, width, front=not i)]
        for i, (cell, c, width) in enumerate(zip(cells, columns, widths, strict=True))
    ]
    for n in range(max(map(len, stacks), default=0)):
        line: Line = []
        for i, (stack, c, width) in enumerate(zip(stacks, columns, widths, strict=True)):
            text = stack[n] if n < len(stack) else ""
            if i:
                line.append((" " * gap, ""))
            placed = text.rjust(width) if c.right else text.ljust(width)
            line.append((placed, style if head else f"{c.style} {style}".strip()))
        yield line


def _wrapped(text: str, width: int) -> list[str]:
    """Return a text in lines of at most `width` columns, one at least."""
    if len(text) <= width:  # the usual case; the imports take time
        return [text.rstrip()]
    import re
    import textwrap

    text = re.sub(rf"\S{{{width + 1},}}", lambda word: _broken(word[0], width), text)
    lines = textwrap.wrap(text, width, break_on_hyphens=False)
    return lines if lines else [""]


def _broken(word: str, width: int) -> str:
    """Return a word that is wider than a line with spaces where it breaks best: behind a sign of
    a formula, a path or a name.

    No two of its parts fit on one line, so that none of these spaces is seen.
    """
    import re

    parts = [""]
    for piece in re.findall(rf"[^*/_.,=]{{,{width - 1}}}[*/_.,=]|[^*/_.,=]{{1,{width}}}", word):
        if parts[-1] and len(parts[-1] + piece) > width:
            parts.append(piece)
        else:
            parts[-1] += piece
    return " ".join(parts)


def _cut(text: str, width: int, front: bool) -> str:
    """Return a text in `width` columns; of a path, which leads the row, the end says more than the
    front.
    """
    if len(text) <= width:
        return text
    return f"…{text[len(text) - width + 1 :]}" if front else f"{text[: width - 1]}…"


def hanging(label: str, text: str, width: int, style: str = "") -> Iterator[Line]:
    """Yield the lines of a text wrapped under its label."""
    for i, part in enumerate(_wrapped(printable(text), width - len(label))):
        yield [(label if not i else " " * len(label), "cyan"), (part, style)]


def _markdown(table: Table) -> str:
    from tabulate import tabulate

    from archprof.show.markdown import markdown, paragraph

    text = tabulate(
        [[markdown(printable(cell)) for cell in row] for row in table.rows],
        [markdown(c.title) for c in table.columns],
        tablefmt="pipe",
        disable_numparse=True,
        colalign=["right" if c.right else "left" for c in table.columns],
    )
    title = f"**{markdown(printable(table.title))}**\n\n" if table.title else ""
    notes = "".join(f"\n{paragraph(f'{label}: {note}')}  " for label, note in table.notes)
    return title + text + "\n" + notes.rstrip() + ("\n" if notes else "")


def _comma_separated(cell: str) -> str | int | float:
    """Return a cell of a CSV: a bare number, a text that is inert, nothing where there is no
    value.
    """
    if isinstance(cell, Figure):
        return cell.value
    return "" if cell == "-" or isinstance(cell, Inexact) else csv_cell(cell)
