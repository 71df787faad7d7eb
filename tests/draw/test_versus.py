"""Networks stage by stage."""

from __future__ import annotations

import pytest

from archprof.draw.canvas import CANVASES
from archprof.draw.versus import StageCost, versus_picture
from tests.draw.pictures import assert_sound, labels, styled, tips

ONE = ("one", {"1/2": StageCost(100, 1000), "head": StageCost(50, 0)})
TWO = ("two", {"1/2": StageCost(200, 4000), "1/4": StageCost(100, 1000, complete=False)})


@pytest.mark.parametrize("canvas", CANVASES.values(), ids=CANVASES)
def test_bars_by_hand(canvas: object) -> None:
    picture = versus_picture([ONE, TWO], ["1/2", "1/4", "head"], canvas)  # type: ignore[arg-type]
    assert tips(picture) == [
        "one, 1/2: 100",
        "two, 1/2: 200",
        "two, 1/4: 100",
        "one, head: 50",
        "one, 1/2: 1.00 K",
        "two, 1/2: 4.00 K",
        "two, 1/4: ≥ 1.00 K",
    ]
    long = [bar.width for bar in styled(picture, "vs0") if bar.tip]
    other = [bar.width for bar in styled(picture, "vs1") if bar.tip]
    assert long[0] / other[0] == pytest.approx(1 / 2)
    assert long[2] / other[2] == pytest.approx(1 / 4)
    assert "-" in labels(picture)
    # 150 of 300 parameters; the MACs of two are not all known
    assert picture.says == "one has 0.50 times the parameters of two."
    assert_sound(picture, 9.2)


def test_stages_stand_in_their_order_whoever_has_them() -> None:
    picture = versus_picture([ONE, TWO], ["1/2", "1/4", "head"], CANVASES["page"])
    assert [text for text in labels(picture) if text in ("1/2", "1/4", "head")] == [
        *("1/2", "1/4", "head"),
    ]
