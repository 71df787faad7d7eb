"""Which pictures a page has: of a network, of several, of what was measured."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from archprof.analysis.analysis import Analysis
from archprof.analysis.receptive import Field
from archprof.commands.compare.stage_chart import stage_picture
from archprof.commands.page.differences import stage_of_layers
from archprof.commands.page.figures import NARROW, WIDE, Illustration
from archprof.commands.plot.field_plot import influence_on
from archprof.commands.plot.plots import PlotOptions
from archprof.commands.plot.run_layers import TimedNetwork
from archprof.commands.plot.scatter_plot import scatter_plot
from archprof.draw.bars import bars_picture
from archprof.draw.canvas import CANVASES, Canvas
from archprof.draw.depth import depth_picture
from archprof.draw.field import field_picture, unit_grid
from archprof.draw.latency import latency_picture
from archprof.draw.roofline import roofline_picture
from archprof.draw.shapes import Picture
from archprof.draw.timeline import timeline_picture
from archprof.draw.training_step import DrawnStep, step_picture

HALF = Canvas(560, 430, 12.5, 11)
"""A picture beside another one."""

MOST_EFFECTIVE = 4
"""Layers whose effective field is computed: a gradient of each takes torch a second or so."""

LEAST_SCATTERED = 3
"""Networks from which on their costs are drawn as points: two are a row of a table."""


def network_figures(
    analysis: Analysis, timed: TimedNetwork | None, step: DrawnStep
) -> list[Illustration]:
    """Return the pictures of a network, in the order in which a page shows them."""
    figures = [
        _figure("bars", "Where it goes", lambda canvas: bars_picture(analysis, canvas)),
        _figure(
            "timeline",
            "Memory while it runs",
            lambda canvas: timeline_picture(analysis, canvas),
        ),
        _figure(
            "training",
            "Memory in a step of training",
            lambda canvas: step_picture(step, canvas, marked=True),
        ),
    ]
    if timed is None:
        roofline = _figure(
            "roofline", "What bounds each layer", lambda c: roofline_picture(analysis, c)
        )
        return [*figures, roofline]
    return [*timed_figures(analysis, timed), *figures]


def timed_figures(analysis: Analysis, timed: TimedNetwork, network: int = 0) -> list[Illustration]:
    """Return the pictures of what a network's layers took, the roofline where peaks are known."""
    name = analysis.graph.network.heading
    figures = [
        _figure(
            "latency",
            f"What its layers take: {name}",
            lambda c: latency_picture(analysis, c, timed.layers, timed.conditions),
            network,
        )
    ]
    if timed.peaks is not None:
        peaks = timed.peaks
        figures.append(
            _figure(
                "roofline",
                f"What its layers reach of the device: {name}",
                lambda c: roofline_picture(analysis, c, peaks, timed.layers),
                network,
            )
        )
    return figures


def depth_figure(analysis: Analysis) -> Illustration:
    """Return the receptive field over depth, which stands beside what a unit sees."""
    return Illustration(
        "depth",
        "Depth and receptive field",
        depth_picture(analysis, HALF),
        depth_picture(analysis, CANVASES[NARROW]),
    )


def effective_figures(analysis: Analysis) -> list[Illustration]:
    """Return what the unit in the middle of some layers really sees: gradients at initialisation.

    The layers are the last of the latest stages whose units see a part of the image. Raises
    ProblemError where torch is not installed.
    """
    return [_effective(analysis, layer) for layer in _last_of_stages(analysis)[-MOST_EFFECTIVE:]]


def _last_of_stages(analysis: Analysis) -> list[int]:
    """Return the last layer of each stage whose units see an interval of both axes."""
    last: dict[int, int] = {}
    for layer, stage in enumerate(stage_of_layers(analysis)):
        axes = analysis.sights[layer].axes
        if stage is not None and len(axes) == 2 and all(isinstance(one, Field) for one in axes):
            last[stage] = layer
    return list(last.values())


def _effective(analysis: Analysis, layer: int) -> Illustration:
    height, width = unit_grid(analysis, layer)
    unit = height // 2, width // 2
    influence = influence_on(analysis, layer, unit)
    wide, narrow = (
        field_picture(analysis, canvas, layer, unit, influence=influence)
        for canvas in (HALF, CANVASES[NARROW])
    )
    path = analysis.graph.nodes[layer].path
    heading = f"What {path} really sees"
    return Illustration(f"effective-{layer}", heading, wide, narrow, captioned=True)


def side_by_side(analyses: Sequence[Analysis]) -> list[list[Illustration]]:
    """Return the pictures of several networks, in rows of those that belong beside each other."""
    bars = [
        Illustration(
            "bars",
            f"Where it goes: {analysis.graph.network.heading}",
            bars_picture(analysis, HALF),
            bars_picture(analysis, CANVASES[NARROW]),
            place,
        )
        for place, analysis in enumerate(analyses)
    ]
    memory = [
        Illustration(
            "timeline",
            f"Memory while it runs: {analysis.graph.network.heading}",
            timeline_picture(analysis, HALF),
            timeline_picture(analysis, CANVASES[NARROW]),
            place,
        )
        for place, analysis in enumerate(analyses)
    ]
    return [[_stages(analyses)], bars, memory, *_scattered(analyses)]


def _stages(analyses: Sequence[Analysis]) -> Illustration:
    return _figure(
        "stages", "Stage by stage, by resolution", lambda canvas: stage_picture(analyses, canvas)
    )


def _scattered(analyses: Sequence[Analysis]) -> list[list[Illustration]]:
    if len(analyses) < LEAST_SCATTERED:
        return []
    graphs = [analysis.graph for analysis in analyses]
    wide, narrow = (
        scatter_plot(graphs, PlotOptions(size, analyses[0].batch, analyses[0].dtype))
        for size in (WIDE, NARROW)
    )
    return [[Illustration("scatter", "What they cost", wide, narrow)]]


def _figure(
    name: str, heading: str, draw: Callable[[Canvas], Picture], network: int = 0
) -> Illustration:
    return Illustration(name, heading, draw(CANVASES[WIDE]), draw(CANVASES[NARROW]), network)
