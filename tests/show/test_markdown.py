"""Foreign text in Markdown, rendered: the same to read, and no markup, link, mention or
reference in it.
"""

from __future__ import annotations

import re

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from archprof.show.markdown import markdown, paragraph
from archprof.show.table import Table, TableColumn, render
from archprof.units import printable
from tests.show.rendered import nothing_live, rendered

HOSTILE = (
    "@everyone",
    "@team/ops",
    "a @user.",
    "(@user)",
    "mail me@example.com",
    "mailto:me@example.com",
    "xmpp:me@example.com/room",
    "https://evil.example/a_b",
    "HTTPS://evil.example",
    "ftp://evil.example",
    "www.evil.example",
    "(www.evil.example)",
    "x**www.evil.example**",
    "<script>alert(1)</script>",
    "<b>x</b>",
    "<!-- x -->",
    "<https://evil.example>",
    "<me@example.com>",
    "![x](https://evil.example/i.png)",
    "[x](javascript:alert)",
    "[x]: https://evil.example",
    "[^1]",
    "[!NOTE]",
    "#12",
    "see #12.",
    "GH-1",
    "gh-12",
    "owner/repo#1",
    "owner/repo@0123abc",
    "0123456789abcdef0123456789abcdef01234567",
    "abc1234",
    "!12",
    "%3",
    "&7",
    "~bug",
    ":tada:",
    ":+1:",
    "# heading",
    "- item",
    "+ item",
    "1. item",
    "2) item",
    "---",
    "===",
    "> quote",
    "```",
    "    code",
    "| a | b |",
    "a|b",
    "a\\|b",
    "`a`",
    "``",
    "*a*",
    "__a__",
    "~~a~~",
    "$x$",
    "&amp;",
    "&#64;everyone",
    "a\nb",
    "a\r\n# b",
    "\t# b",
    "x @a`b|@c`d",
    "\\@user",
    "a\\",
    "*",
    "1986\\. x",
)

TEXTS = st.one_of(
    st.lists(st.sampled_from((*HOSTILE, " ", "`", "|", "\\", "(", ")", "*")), max_size=5).map(
        "".join
    ),
    st.text(max_size=30),
    st.text("@#!:/.`|\\<>[]()*_~-+=&; aw01h", max_size=20),
)

PLAIN = {
    "paragraph_open",
    "paragraph_close",
    "inline",
    "text",
    "code_inline",
    "strong_open",
    "strong_close",
    "table_open",
    "thead_open",
    "tr_open",
    "th_open",
    "th_close",
    "tr_close",
    "thead_close",
    "tbody_open",
    "td_open",
    "td_close",
    "tbody_close",
    "table_close",
    "hardbreak",
    "softbreak",
    "text_special",
}


def harmless(text: str) -> str:
    """What is seen of a page that has text and code spans alone, with nothing in the text that
    comes alive.
    """
    assert {token.type for token in nothing_live(text)} <= PLAIN
    return rendered(text)[1]


def spaced(text: str) -> str:
    """As a browser shows it: blanks run together."""
    return " ".join(text.split())


@settings(max_examples=400)
@given(TEXTS)
@example("a\\`@b`")
def test_a_line_reads_the_same(text: str) -> None:
    assert spaced(harmless(paragraph(text))) == spaced(printable(text))
    assert spaced(harmless(f"**x** {markdown(text)} y").removeprefix("x ")) == spaced(
        f"{printable(text)} y"
    )


@pytest.mark.parametrize("text", HOSTILE)
def test_every_trick_in_every_place_of_a_table(text: str) -> None:
    table = Table(
        [TableColumn(text, right=False), TableColumn("B")],
        [[text, "1"], ["2", text]],
        text,
        [(text, text), ("b", text)],
    )
    seen = harmless(render(table, "md"))
    assert len(re.findall(re.escape(spaced(printable(text))), spaced(seen))) >= 6 or not spaced(
        text
    )


@settings(max_examples=200)
@given(TEXTS, TEXTS)
def test_a_table_keeps_its_cells(left: str, right: str) -> None:
    found, _ = rendered(
        render(Table([TableColumn("A", right=False), TableColumn("B")], [[left, right]]), "md")
    )
    cells = [found[i + 1] for i, token in enumerate(found) if token.type == "td_open"]
    shown = [spaced("".join(child.content for child in cell.children or ())) for cell in cells]
    assert shown == [spaced(printable(left)), spaced(printable(right))]


def test_ordinary_words_stay_as_they_are() -> None:
    text = "ResNet-50, a 3x3 conv at 12.5 MiB: 25,557,032 params (+5.0%), 7 defects"
    assert markdown(text) == text
