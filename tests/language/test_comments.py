"""Comments that speak to a tool, and texts that only look like them."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archprof.language.comments import comments


def found(text: str) -> list[tuple[int, int, str]]:
    return list(comments(text, "tool:"))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("# tool: a", [(1, 1, "tool: a")]),
        ("a: b #tool: c  \n", [(1, 6, "tool: c")]),
        ("a: b\n\n  #   tool: c\n", [(3, 3, "tool: c")]),
        ("a: b  # note  # tool: c", [(1, 15, "tool: c")]),
        ("a: {b: c}  # tool: d\ne: [f]  # tool: g", [(1, 12, "tool: d"), (2, 9, "tool: g")]),
        ('a: "x # tool: b"  # tool: c', [(1, 19, "tool: c")]),
        ("a: 'it''s # tool: b\n  # tool: c'", []),
        ("a: |\n  x\n  # tool: b\nc: d", []),
        ("a: plain\n  text # tool: b", [(2, 8, "tool: b")]),
        ("a: x#tool: b", []),
        ("a: b  # a tool: c", []),
        ("# tool: a\n\tbroken: [", [(1, 1, "tool: a")]),
        ("é: ü  # tool: ö", [(1, 7, "tool: ö")]),
        ("a: 'é\u2028' # tool: b", [(2, 3, "tool: b")]),  # YAML ends a line there
        ("", []),
    ],
)
def test_found(text: str, expected: list[tuple[int, int, str]]) -> None:
    assert found(text) == expected


@given(st.text(alphabet="a #:'\"|\n[]{}-,tol", max_size=60))
def test_any_text_is_borne(text: str) -> None:
    for line, column, comment in found(text):
        assert text.split("\n")[line - 1][column - 1 :].lstrip("# \t").startswith(comment[:5])


def test_many_take_no_time() -> None:
    text = "\n".join(f"k{i}: 'x # tool: no'  # tool: {i}" for i in range(20_000))
    start = time.process_time()
    assert len(found(text)) == 20_000
    assert time.process_time() - start < 5
