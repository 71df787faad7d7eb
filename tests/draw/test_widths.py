"""Widths of texts without a font."""

from __future__ import annotations

import pytest

from archprof.draw.widths import cut, text_width, whole_width


def test_the_advances_are_those_of_the_wider_font() -> None:
    """In DejaVu Sans a w is 818 thousandths, in bold 924, an i 278 (in Helvetica 722, 778, 222);
    in Helvetica an M is 833 and a T 611, as in DejaVu Sans. 2 % are in reserve.
    """
    assert text_width("w", 10) == pytest.approx(8.18 * 1.02)
    assert text_width("w", 10, bold=True) == pytest.approx(9.24 * 1.02)
    assert text_width("ii", 10) == pytest.approx(2 * 2.78 * 1.02)


def test_what_is_not_in_the_table_is_as_wide_as_high() -> None:
    assert text_width("漢", 10) == pytest.approx(10.2)


def test_what_is_too_wide_is_cut() -> None:
    """Of ten letters of 8.18 x 1.02 = 8.34 each, 36 takes three, with an ellipsis of 10.2."""
    assert cut("w" * 10, 10, 36) == "www…"
    assert cut("w", 10, 40) == "w"
    assert cut("w" * 10, 10, 5) == ""


def test_a_whole_width_is_never_smaller() -> None:
    assert whole_width("w", 10) == 9
