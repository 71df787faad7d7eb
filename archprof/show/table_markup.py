"""Tables as HTML: what a page shows of them, with and without its script."""

from __future__ import annotations

from collections.abc import Sequence

from archprof.show.document import HtmlPage, html, section
from archprof.show.markup import Markup, element
from archprof.show.table import Table


def table_page(tables: Sequence[Table]) -> str:
    """Return a page that shows tables, one after the other."""
    titles = tables[0].title.split(" · ") if tables else ["archprof"]
    if len(tables) > 1:
        parts = [section(table.title, table_markup(table)) for table in tables]
        return html(HtmlPage(titles[0], (), parts))
    alone = [element("section", table_markup(table)) for table in tables]
    return html(HtmlPage(titles[0], titles[1:], alone))


def table_markup(table: Table) -> Markup:
    """Return a table, which may be scrolled sideways, and its notes below."""
    if not table.columns:
        return _notes(table.notes)
    head = element("thead", element("tr", *(_head(table, i) for i in range(len(table.columns)))))
    body = element("tbody", *(_row(table, i) for i in range(len(table.rows))))
    scrolled = element(
        "div",
        element("table", head, body),
        class_="scroll",
        tabindex="0",
        role="region",
        aria_label=table.title or "Table",
    )
    return Markup(scrolled + _notes(table.notes))


def _head(table: Table, place: int) -> Markup:
    """Return a column's head; one without a title is none, which would be read before each cell."""
    column = table.columns[place]
    if not column.title:
        return element("td")
    return element("th", column.title, scope="col", class_="r" if column.right else None)


def _row(table: Table, number: int) -> Markup:
    classes = []
    if number >= len(table.rows) - table.totals:
        classes.append("total")
    if number in table.quiet:
        classes.append("quiet")
    cells = [_cell(table, place, cell) for place, cell in enumerate(table.rows[number])]
    return element("tr", *cells, class_=" ".join(classes) or None)


def _cell(table: Table, place: int, cell: str) -> Markup:
    column = table.columns[place]
    classes = ["r"] if column.right else []
    if column.wraps:
        classes.append("wraps")
    if place == 0:
        return element("th", cell, scope="row", class_=" ".join(classes) or None)
    return element("td", cell, class_=" ".join(classes) or None)


def _notes(notes: Sequence[tuple[str, str]]) -> Markup:
    if not notes:
        return Markup()
    pairs = [part for label, text in notes for part in (element("dt", label), element("dd", text))]
    return element("dl", *pairs, class_="notes")
