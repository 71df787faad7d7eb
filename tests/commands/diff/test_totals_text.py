"""Totals and their changes as text."""

from __future__ import annotations

import pytest

from archprof.analysis.receptive import Extent
from archprof.commands.diff.totals_text import amount, change


def test_amounts_and_changes() -> None:
    assert (amount("params", 25_557_032), amount("peak", 1024), amount("depth", 50)) == (
        "25.6 M",
        "1.00 KiB",
        "50",
    )
    assert (change("params", 10, 1_010), change("peak", 2048, 1024), change("depth", 3, 3)) == (
        "+1.00 K",
        "-1.00 KiB",
        "-",
    )


def test_layers_are_counted_in_full() -> None:
    assert (amount("depth", 1_234), amount("params", 1_234)) == ("1234", "1.23 K")
    assert (change("depth", 1, 1_235), change("params", 1, 1_235)) == ("+1234", "+1.23 K")


@pytest.mark.parametrize(
    ("extent", "text"),
    [
        (Extent((35, 35), "local"), "35"),
        (Extent((3, 1), "local"), "3x1"),
        (Extent(None, "local"), "all"),
        (Extent((28, 28), "all"), "all (28 local)"),
        (Extent((4, 4), "unknown"), "? (4 local)"),
        (Extent(None, "unknown"), "?"),
        (None, "-"),
    ],
)
def test_fields_of_networks(extent: Extent | None, text: str) -> None:
    assert amount("field", extent) == text


def test_changes_of_fields() -> None:
    """The smaller side's; none where one network sees everything and the other does not."""
    assert change("field", Extent((3, 5), "local"), Extent((4, 9), "local")) == "+1"
    assert change("field", Extent(None, "local"), Extent((3, 3), "local")) == "-"
    assert change("field", Extent((427, 427), "local"), Extent((19, 19), "all")) == "-"
