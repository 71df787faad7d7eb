"""The spread of a measurement's runs."""

from __future__ import annotations

from archprof.draw.canvas import CANVASES
from archprof.draw.spread import spread_picture
from tests.draw.pictures import assert_sound, styled, tips


def test_marks_by_hand() -> None:
    marks = [("10 %", 1.0), ("median", 2.0), ("90 %", 3.0), ("slowest", 4.0)]
    picture = spread_picture("net", marks, CANVASES["page"])
    assert set(tips(picture)) == {"10 %: 1 ms", "median: 2 ms", "90 %: 3 ms", "slowest: 4 ms"}
    (bar,) = styled(picture, "bar1 less")
    # from 1 to 4 of 4 ms, on an axis of 760 - 9 * 12.5 - 2 * 12.5 pixels
    assert round(bar.width, 6) == round(3 / 4 * (760 - 11 * 12.5), 6)
    assert picture.says == (
        "Latency of net: 10 % 1.00 ms, median 2.00 ms, 90 % 3.00 ms, slowest 4.00 ms."
    )
    assert_sound(picture, 11)
