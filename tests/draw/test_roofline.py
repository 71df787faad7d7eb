"""Rooflines: where a layer stands, by hand."""

from __future__ import annotations

import math

import pytest

from archprof.draw.canvas import CANVASES
from archprof.draw.roofline import roofline_picture
from archprof.draw.roofline_chart import DevicePeaks, MeasuredLayer
from archprof.draw.shapes import Stroke, Symbol
from tests.draw.chains import FLOPS, MOVED, chain
from tests.draw.pictures import labels, shapes, tips

PAGE = CANVASES["page"]
# its ridge is at 20 FLOPs per byte
PEAKS = DevicePeaks("a device", "float32", 1e12, 5e10)


def marks(picture: object) -> list[Symbol]:
    found = (s for s in shapes(picture) if isinstance(s, Symbol))  # type: ignore[arg-type]
    return [s for s in found if s.tip]


def test_without_a_device_bytes_and_flops() -> None:
    """2 * 768 = 1536 FLOPs; 768 + 64 + 768 = 1600 bytes are 1.56 KiB; 0.96 per byte."""
    assert (FLOPS, MOVED) == (1536, 1600)
    picture = roofline_picture(chain("a"), PAGE)
    assert tips(picture) == ["a: 1.54 K FLOPs, 1.56 KiB, 0.96 FLOPs per byte"]
    assert "bytes moved" in labels(picture)
    assert "device" not in picture.says


def test_the_line_of_an_intensity_runs_through_its_layers() -> None:
    """Points below the line of one FLOP per byte have less: the layer has 0.96, which is 0.018
    decades, of which the picture's height of some 320 pixels has one.
    """
    picture = roofline_picture(chain("a"), PAGE)
    (mark,) = marks(picture)
    lines = [s for s in shapes(picture) if isinstance(s, Stroke) and s.style == "peak"]
    heights = []
    for line in lines:
        (x1, y1), (x2, y2) = line.points
        if x1 <= mark.x <= x2:
            heights.append(y1 + (y2 - y1) * (mark.x - x1) / (x2 - x1))
    above = max(y for y in heights if y < mark.y)
    assert 4 < mark.y - above < 7


def test_the_least_time_on_a_device() -> None:
    """1600 bytes at 50 GB/s are 32 ns, more than 1536 FLOPs at 1 TFLOP/s: bound by memory."""
    picture = roofline_picture(chain("a"), PAGE, PEAKS)
    assert tips(picture) == ["a: 0.96 FLOPs per byte, at least 32 ns"]
    assert "100% of 32 ns are bound by memory" in picture.says
    assert {"bound by memory", "bound by arithmetic"} <= set(labels(picture))


def test_what_was_attained_under_the_roof() -> None:
    """1536 FLOPs in 64 ns are 24 GFLOP/s, half of 0.96 * 50 GB/s = 48 GFLOP/s."""
    picture = roofline_picture(chain("a"), PAGE, PEAKS, [MeasuredLayer(0, 64e-9, 32e-9)])
    assert tips(picture) == ["a: 24.0 G FLOP/s in 64 ns, 50% of its roofline"]
    assert "a comes nearest to its roofline, at 50% of it" in picture.says
    assert "a dash" not in picture.says  # it is on the slope
    (roof,) = [s for s in shapes(picture) if isinstance(s, Stroke) and s.style == "roof"]
    rising, flat = roof.points[1:]
    assert rising[1] == pytest.approx(flat[1])
    (mark,) = marks(picture)
    assert mark.y > roof.points[1][1]


def test_a_layer_whose_bytes_lie_in_the_cache_has_a_roof_of_its_own() -> None:
    """1536 FLOPs in 16 ns are 96 GFLOP/s, twice the 48 that 50 GB/s allow. Its own roofline is
    12 ns, 128 GFLOP/s: 75 % of it. On a logarithmic axis twice is as far everywhere.
    """
    measured = [MeasuredLayer(0, 16e-9, 12e-9), MeasuredLayer(1, 64e-9, 32e-9)]
    picture = roofline_picture(chain("a", "b"), PAGE, PEAKS, measured)
    assert tips(picture)[0] == "a: 96.0 G FLOP/s in 16 ns, 75% of its roofline"
    assert "a comes nearest to its roofline, at 75% of it." in picture.says
    assert "a dash is a layer's own roofline" in picture.says
    slope, dash = [s for s in shapes(picture) if isinstance(s, Stroke) and s.style == "roof"]
    (left, y), (right, same) = dash.points
    first, second = marks(picture)
    assert y == same
    assert (left + right) / 2 == pytest.approx(first.x)
    twice = (second.y - first.y) / 2  # from 24 to 96 GFLOP/s
    assert first.y - y == pytest.approx(twice * math.log2(128 / 96))
    assert y < slope.points[0][1]


def test_what_is_faster_than_its_roofline_is_not_called_the_nearest() -> None:
    measured = [MeasuredLayer(0, 16e-9, 32e-9), MeasuredLayer(1, 64e-9, 32e-9)]
    picture = roofline_picture(chain("a", "b"), PAGE, PEAKS, measured)
    assert "b comes nearest to its roofline, at 50% of it." in picture.says
    assert "1 seem faster than theirs" in picture.says


def test_layers_that_were_not_measured_are_left_out() -> None:
    picture = roofline_picture(chain("a", "b"), PAGE, PEAKS, [MeasuredLayer(1, 1e-6, None)])
    assert [tip.partition(":")[0] for tip in tips(picture)] == ["b"]


def test_layers_on_one_spot_are_one_mark() -> None:
    assert len(marks(roofline_picture(chain("a", "b", "c"), PAGE))) == 1
