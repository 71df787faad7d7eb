"""Latency by layer: bars in proportion to times."""

from __future__ import annotations

import pytest

from archprof.draw.canvas import CANVASES
from archprof.draw.latency import latency_picture
from archprof.draw.roofline_chart import MeasuredLayer
from tests.draw.chains import chain
from tests.draw.pictures import labels, styled

PAGE = CANVASES["page"]


def test_bars_by_hand() -> None:
    """1 and 4 ms, of which the roofline allows 0.5 and 1 ms: a half and a quarter."""
    measured = [MeasuredLayer(0, 1e-3, 0.5e-3), MeasuredLayer(1, 4e-3, 1e-3)]
    picture = latency_picture(chain("a", "b"), PAGE, measured, "a device")
    long = [bar.width for bar in styled(picture, "bar1 less") if bar.tip]
    assert long[0] / long[1] == pytest.approx(1 / 4)
    least = [bar.width for bar in styled(picture, "bar1")][:2]
    assert [part / whole for part, whole in zip(least, long, strict=True)] == [
        pytest.approx(1 / 2),
        pytest.approx(1 / 4),
    ]
    assert {"1.00 ms, 50%", "4.00 ms, 25%", "a (conv2d 1x1)"} <= set(labels(picture))
    assert picture.says == (
        "On a device, the layers take 5.00 ms; b takes most, 80%."
        " The roofline allows 1.50 ms, 30% of it."
    )


def test_an_unknown_roofline_is_not_zero() -> None:
    measured = [MeasuredLayer(0, 1e-3, None)]
    picture = latency_picture(chain("a"), PAGE, measured, "a device")
    assert "1.00 ms" in labels(picture)
    assert "least by the roofline" not in labels(picture)
    assert picture.says.endswith("Of some layers the roofline is unknown.")


def test_the_fast_ones_share_a_row() -> None:
    """In a column there are 20 rows: 19 of the slowest, and one of the other 6."""
    names = [f"l{k}" for k in range(25)]
    measured = [MeasuredLayer(k, 1e-3 * (k + 1), 1e-4) for k in range(25)]
    picture = latency_picture(chain(*names), CANVASES["column"], measured, "a device")
    assert "6 other layers" in labels(picture)
    assert "l24" in labels(picture)
    assert "l5" not in labels(picture)
    assert "l6" in labels(picture)
    # 1 + 2 + 3 + 4 + 5 + 6 = 21 ms, of which 0.6 ms are least: 3 %
    assert "21.0 ms, 3%" in labels(picture)
