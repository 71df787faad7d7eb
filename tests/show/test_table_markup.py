"""Tables as HTML."""

from __future__ import annotations

import re

import pytest

from archprof.show.table import Table, TableColumn, put
from archprof.show.table_markup import table_markup, table_page

TABLE = Table(
    [
        TableColumn("Layer", right=False),
        TableColumn("MACs"),
        TableColumn("What", right=False, wraps=True),
    ],
    [["a", "1", "x < y"], ["b", "2", ""], ["Total", "3", ""]],
    "Net · batch 1",
    [("peak", "at <a>")],
    totals=1,
    quiet=frozenset({1}),
)


def rows(markup: str) -> list[str]:
    return re.findall(r"<tr.*?</tr>", markup)


def test_rows_and_cells() -> None:
    head, first, second, last = rows(table_markup(TABLE))
    assert head == (
        '<tr><th scope="col">Layer</th><th scope="col" class="r">MACs</th>'
        '<th scope="col">What</th></tr>'
    )
    assert first == (
        '<tr><th scope="row">a</th><td class="r">1</td><td class="wraps">x &lt; y</td></tr>'
    )
    assert second.startswith('<tr class="quiet">')
    assert last.startswith('<tr class="total">')


def test_notes() -> None:
    assert '<dl class="notes"><dt>peak</dt><dd>at &lt;a&gt;</dd></dl>' in table_markup(TABLE)


def test_a_head_without_a_title_is_no_head() -> None:
    """A screen reader would read out an empty head before every cell."""
    table = Table([TableColumn("", right=False), TableColumn("n")], [["a", "1"]])
    assert '<td></td><th scope="col" class="r">n</th>' in table_markup(table)


def test_a_table_alone_is_its_page() -> None:
    page = table_page([TABLE])
    assert "<h1>Net</h1>" in page
    assert '<div class="conditions"><span>batch 1</span></div>' in page
    assert "<h2>" not in page


def test_several_tables_have_headings() -> None:
    page = table_page([TABLE, Table((), (), "Nothing")])
    assert re.findall("<h2>(.*?)</h2>", page) == ["Net · batch 1", "Nothing"]


def test_put_writes_a_page(capsys: pytest.CaptureFixture[str]) -> None:
    put([TABLE], "html", None)
    assert capsys.readouterr().out.rstrip() == table_page([TABLE]).rstrip()
