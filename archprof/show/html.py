"""A table as HTML, for a notebook."""

from __future__ import annotations

from html import escape

from archprof.show.table import Table
from archprof.units import printable


def html_table(table: Table) -> str:
    """Return a table as HTML: its title, its rows, its notes. Every text is escaped."""
    from tabulate import tabulate

    body = tabulate(
        [[printable(cell) for cell in row] for row in table.rows],
        [printable(column.title) for column in table.columns],
        tablefmt="html",
        disable_numparse=True,
        colalign=["right" if column.right else "left" for column in table.columns],
    )
    notes = "".join(
        f"<br><b>{escape(printable(label))}</b> {escape(printable(text))}"
        for label, text in table.notes
    )
    return f"<p>{escape(printable(table.title))}</p>{body}<p>{notes.removeprefix('<br>')}</p>"
