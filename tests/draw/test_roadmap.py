"""The roadmap as a chart."""

from __future__ import annotations

import pytest

from archprof.draw.canvas import CANVASES
from archprof.draw.roadmap import ChangedNetwork, roadmap_picture
from tests.draw.pictures import assert_sound, labels, styled

STEPS = [
    ChangedNetwork("start", 4_000_000_000, 76.0, "4.00", "yes", True),
    ChangedNetwork("tried", 3_000_000_000, 77.0, "3.00", "no", True),
    ChangedNetwork("kept", 2_000_000_000, 78.5, "2.1", "yes", False),
]


@pytest.mark.parametrize("canvas", CANVASES.values(), ids=CANVASES)
def test_steps_by_hand(canvas: object) -> None:
    """Accuracies from 75, one below the smallest: 1, 2 and 3.5; MACs 4, 3 and 2 G."""
    picture = roadmap_picture(STEPS, canvas, "A way")  # type: ignore[arg-type]
    start, kept = (bar.width for bar in styled(picture, "bar2"))
    assert start / kept == pytest.approx(1 / 3.5)
    start, kept = (bar.width for bar in styled(picture, "bar1"))
    assert kept / start == pytest.approx(2 / 4)
    assert len(styled(picture, "bar2 less")) == len(styled(picture, "bar1 less")) == 1
    assert {"4.00", "3.00", "2.0", "76.00", "78.50"} <= set(labels(picture))
    assert picture.says == (
        "From 76.00 to 78.50 % top-1 in 1 step, and from 4.00 G to 2.00 G MACs;"
        " kept gains most, 2.50."
    )
    assert_sound(picture, 9.2)
