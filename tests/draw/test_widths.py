"""Widths of texts without a font."""

from __future__ import annotations

import pytest

from archprof.draw.widths import cut, text_width, whole_width


def test_the_advances_are_helveticas() -> None:
    """In its metrics a w is 722 thousandths, in bold 778, an i 222; 6 % are in reserve."""
    assert text_width("w", 10) == pytest.approx(7.22 * 1.06)
    assert text_width("w", 10, bold=True) == pytest.approx(7.78 * 1.06)
    assert text_width("ii", 10) == pytest.approx(2 * 2.22 * 1.06)


def test_what_is_not_in_the_table_is_as_wide_as_high() -> None:
    assert text_width("漢", 10) == pytest.approx(10.6)


def test_what_is_too_wide_is_cut() -> None:
    """Of ten letters of 7.22 x 1.06 = 7.65 each, 40 takes three, with an ellipsis of 10.6."""
    assert cut("w" * 10, 10, 40) == "www…"
    assert cut("w", 10, 40) == "w"
    assert cut("w" * 10, 10, 5) == ""


def test_a_whole_width_is_never_smaller() -> None:
    assert whole_width("w", 10) == 8
