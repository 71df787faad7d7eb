"""Which pictures a page has."""

from __future__ import annotations

import pytest

from archprof.analysis.analysis import analyze
from archprof.commands.page.charts import (
    effective_figures,
    network_figures,
    side_by_side,
    timed_figures,
)
from archprof.commands.page.step import step_of
from archprof.commands.plot.run_layers import TimedNetwork
from archprof.draw.roofline_chart import DevicePeaks, MeasuredLayer
from tests.commands.page.pages import analysed
from tests.small import graph_of

PEAKS = DevicePeaks("Paper CPU", "float32", 1e9, 1e8)


def timed(peaks: DevicePeaks | None) -> TimedNetwork:
    return TimedNetwork((MeasuredLayer(0, 0.002, 0.001),), "Paper CPU", 1, "float32", peaks)


def test_of_a_network() -> None:
    analysis = analysed("lenet5")
    names = [figure.name for figure in network_figures(analysis, None, step_of(analysis))]
    assert names == ["bars", "timeline", "training", "roofline"]


def test_times_stand_first_and_the_roofline_is_the_device_s() -> None:
    analysis = analysed("lenet5")
    step = step_of(analysis)
    names = [figure.name for figure in network_figures(analysis, timed(PEAKS), step)]
    assert names == ["latency", "roofline", "bars", "timeline", "training"]
    assert [figure.name for figure in timed_figures(analysis, timed(None))] == ["latency"]


def test_of_several_networks() -> None:
    two = [analysed("resnet18"), analysed("resnet34")]
    rows = [[(figure.name, figure.network) for figure in row] for row in side_by_side(two)]
    pairs = [[("bars", 0), ("bars", 1)], [("timeline", 0), ("timeline", 1)]]
    assert rows == [[("stages", 0)], *pairs]
    three = side_by_side([*two, analysed("resnet50")])
    assert [figure.name for figure in three[-1]] == ["scatter"]


def test_effective_fields_are_of_the_last_layers_of_the_latest_stages() -> None:
    """AlexNet's stages are of 55, 27, 13 and 6 pixels, the last one of a pooling alone."""
    pytest.importorskip("torch")
    headings = [figure.heading for figure in effective_figures(analysed("alexnet"))]
    assert headings == [f"What {name} really sees" for name in ("relu1", "relu2", "relu5", "pool3")]


def test_without_a_layer_that_sees_a_part_there_is_none() -> None:
    layers = {"flatten": "op: flatten", "fc": "op: linear, out: 4"}
    assert effective_figures(analyze(graph_of(layers, (3, 6, 8)))) == []
