"""Tables as HTML: nothing in them comes alive."""

from __future__ import annotations

import json
from html.parser import HTMLParser

import pytest

from archprof.api import Loaded
from archprof.capturing.assemble import network
from archprof.capturing.tape_reader import tape_of
from archprof.show.html import html_table
from archprof.show.table import Table, TableColumn
from tests.tapes import data

NASTY = '<script>alert(1)</script><img src=x onerror="a()">&amp;\x1b[31m\u202e\n::error::x'
TAGS = {"p", "table", "thead", "tbody", "tr", "th", "td", "br", "b"}

DRAWN = {"div", "svg", "title", "desc", "style", "rect", "path", "circle", "text", "tspan"}


class Page(HTMLParser):
    def __init__(self, text: str):
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.seen = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes.update(name for name, _ in attrs)

    def handle_data(self, data: str) -> None:
        self.seen += data


def test_a_table() -> None:
    table = Table(
        [TableColumn("Name", right=False), TableColumn("Size")],
        [["a", "1"], ["b", "-"]],
        "T",
        [("n", "x")],
    )
    page = Page(html_table(table))
    assert page.tags == {"p", "table", "thead", "tbody", "tr", "th", "td", "b"}
    for text in ("T", "Name", "Size", "a", "1", "b", "-", "n", "x"):
        assert text in page.seen


@pytest.mark.parametrize("place", ["title", "cell", "column", "label", "note"])
def test_every_text_is_escaped(place: str) -> None:
    texts = {name: "x" for name in ("title", "cell", "column", "label", "note")} | {place: NASTY}
    table = Table(
        [TableColumn(texts["column"])],
        [[texts["cell"]]],
        texts["title"],
        [(texts["label"], texts["note"])],
    )
    page = Page(html_table(table))
    assert page.tags <= TAGS
    assert page.attributes <= {"style"}
    assert "alert(1)" in page.seen
    assert "\x1b" not in page.seen
    assert "\u202e" not in page.seen


@pytest.mark.filterwarnings("ignore")
def test_a_hostile_tape_in_a_notebook() -> None:
    tape = data()
    tape.update(name=NASTY, heading=NASTY, training=None)
    tape["modules"] = [[NASTY, NASTY, call[2]] for call in tape["modules"]]
    tape["operations"][-1][0] = NASTY
    tape["files"] = [NASTY] * len(tape["files"])
    for weight in tape["weights"]:
        weight[0] += NASTY
        weight[5] += NASTY if weight[5] else ""
    found = Loaded(network(tape_of(json.dumps(tape).encode(), "f")))
    page = Page(found._repr_html_())
    assert page.tags <= TAGS | DRAWN
    assert not {name for name in page.attributes if name.startswith("on") or "href" in name}
    assert page.attributes.isdisjoint({"src", "onerror"})
    assert "\x1b" not in page.seen
