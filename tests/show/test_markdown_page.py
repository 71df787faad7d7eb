"""The parts of a page in Markdown."""

from __future__ import annotations

import pytest

from archprof.show.markdown_page import code, fenced, heading, pipe_table, prose


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("C*H*W of\n  in_proj", r"C\*H\*W of in\_proj"),
        ("`size: [C]` scales_it", r"`size: [C]` scales\_it"),
        ("see https://a.org/b_c.html", "see <https://a.org/b_c.html>"),
        ("see https://a.org/b.", "see <https://a.org/b>."),
        ("(https://a.org/b), too", "(<https://a.org/b>), too"),
        ("1 < 2", "1 &lt; 2"),
    ],
)
def test_prose(text: str, shown: str) -> None:
    assert prose(text) == shown


@pytest.mark.parametrize(("text", "shown"), [("a*b", "`a*b`"), ("", ""), ("a `b`", "`` a `b` ``")])
def test_code(text: str, shown: str) -> None:
    assert code(text) == shown


def test_blocks() -> None:
    assert heading(3, "conv2d") == "### conv2d"
    assert fenced("yaml", "a: 1\nb: 2\n") == "```yaml\na: 1\nb: 2\n```"


def test_a_bar_does_not_end_a_cell() -> None:
    assert pipe_table(("A", "B"), [("`x|y`", ""), (r"x\|y", "z")]) == (
        "| A | B |\n| --- | --- |\n| `x\\|y` |  |\n| x\\|y | z |"
    )
