"""Every plot of networks of several kinds, on every canvas: well-formed, legible, within bounds."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest

import archprof
from archprof.analysis.analysis import Analysis
from archprof.commands.page.step import step_of
from archprof.draw.bars import bars_picture
from archprof.draw.canvas import CANVASES, Canvas
from archprof.draw.depth import depth_picture
from archprof.draw.field import field_picture
from archprof.draw.graph import graph_picture
from archprof.draw.latency import latency_picture
from archprof.draw.roofline import roofline_picture
from archprof.draw.roofline_chart import DevicePeaks, MeasuredLayer
from archprof.draw.shapes import Picture
from archprof.draw.svg import standalone
from archprof.draw.timeline import timeline_picture
from archprof.draw.training_step import step_picture
from tests.draw.pictures import assert_sound

PEAKS = DevicePeaks("a device", "float32", 1e12, 5e10)
Plot = Callable[[Analysis, Canvas], Picture]


def timed(analysis: Analysis) -> list[MeasuredLayer]:
    return [MeasuredLayer(i, 1e-6 * (i + 1), 1e-7 * (i + 1)) for i in range(len(analysis.layers))]


PLOTS: dict[str, Plot] = {
    "stages": bars_picture,
    "layers": lambda a, c: bars_picture(a, c, "layer"),
    "inference": timeline_picture,
    "training": lambda a, c: step_picture(step_of(a), c, marked=True),
    "cost": roofline_picture,
    "least": lambda a, c: roofline_picture(a, c, PEAKS),
    "attained": lambda a, c: roofline_picture(a, c, PEAKS, timed(a)),
    "latency": lambda a, c: latency_picture(a, c, timed(a), "a device"),
    "depth": depth_picture,
    "field": lambda a, c: field_picture(a, c, len(a.layers) // 2),
}


@pytest.mark.parametrize("name", ["alexnet", "resnet50", "swin_t", "unet", "googlenet", "lenet5"])
@pytest.mark.parametrize("plot", PLOTS.values(), ids=PLOTS)
@pytest.mark.parametrize("canvas", CANVASES.values(), ids=CANVASES)
def test_plots(name: str, plot: Plot, canvas: Canvas) -> None:
    """No text is smaller than 7 points in a column (9.33 pixels), 18 pixels on a slide, or 11."""
    picture = plot(archprof.load(name).analyze(), canvas)
    smallest = {336: 9.2, 1200: 18, 760: 11}[int(canvas.width)]
    assert_sound(picture, smallest)


@pytest.mark.parametrize("name", ["alexnet", "resnet50", "swin_t", "nasnetalarge", "googlenet"])
def test_graphs(name: str) -> None:
    analysis = archprof.load(name).analyze()
    for everything in (False, True):
        assert_sound(graph_picture(analysis, everything), 11)


def test_a_network_without_blocks_pixels_or_macs(tmp_path: object) -> None:
    """One of a vector: no field, no image; nothing fails."""
    from archprof.analysis.analysis import analyze
    from tests.small import graph_of

    analysis = analyze(graph_of({"r": "op: relu", "f": "op: dropout"}, (7,)))
    for name, plot in PLOTS.items():
        if name != "field":
            assert_sound(plot(analysis, CANVASES["page"]), 11)
    assert_sound(graph_picture(analysis), 11)


def test_a_graph_is_quick_and_small() -> None:
    """ResNet-50 within 0.1 s of the processor and 40 KB; a network of eleven thousand layers,
    folded, within 2 s.
    """
    analysis = archprof.load("resnet50").analyze()
    start = time.process_time()
    text = standalone(graph_picture(analysis))
    assert time.process_time() - start < 0.1
    assert len(text) < 40_000
    large = archprof.load("resnet50", depths=[300, 300, 400, 110]).analyze()
    assert len(large.layers) > 11_000
    start = time.process_time()
    text = standalone(graph_picture(large))
    assert time.process_time() - start < 2
    assert len(text) < 40_000
