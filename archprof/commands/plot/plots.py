"""What each kind of plot is drawn from."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from archprof import units
from archprof.analysis.analysis import Analysis, analyze
from archprof.draw.canvas import CANVASES, Canvas
from archprof.draw.shapes import Picture
from archprof.graph.graph import Graph
from archprof.ops.elements import DTYPES
from archprof.problem import Mark, ProblemError, nearest
from archprof.record import Record

if TYPE_CHECKING:
    from archprof.commands.plot.run_layers import TimedNetwork
    from archprof.draw.roofline_chart import DevicePeaks


class PlotOptions(Record):
    """What the user chose; None and False for nothing."""

    size: str = "page"
    batch: int = 1
    dtype: str = "float32"
    by: str | None = None
    everything: bool = False
    train: bool = False
    run: Path | None = None
    device: str | None = None
    layer: str | None = None
    unit: str | None = None
    image: Path | None = None
    effective: bool = False
    x: str | None = None
    y: str | None = None
    optimizer: str | None = None
    amp: str | None = None
    freeze: tuple[str, ...] | None = None
    checkpoint: str | None = None
    accumulate: int | None = None
    memory: int | None = None

    @property
    def canvas(self) -> Canvas:
        return CANVASES[self.size]


Drawer = Callable[[Sequence[Graph], PlotOptions], Picture]


def picture(kind: str, graphs: Sequence[Graph], options: PlotOptions) -> Picture:
    """Return a plot of networks. Raises ProblemError for options that say nothing to the kind."""
    drawer, theirs = KINDS[kind]
    for name in OF_KINDS:
        _refuse_other(kind, theirs, name, getattr(options, name))
    if kind not in SEVERAL and len(graphs) != 1:
        message = f"found {len(graphs)} networks, expected 1"
        hint = f"{' and '.join(f'--kind {other}' for other in sorted(SEVERAL))} take several"
        raise ProblemError.of(Mark("plot"), "option", message, hint)
    return drawer(graphs, options)


def _refuse_other(kind: str, theirs: tuple[str, ...], name: str, value: object) -> None:
    if value in (None, False) or name in theirs:
        return
    flag = FLAGS.get(name, f"--{name}")
    kinds = " and --kind ".join(other for other, (_, names) in KINDS.items() if name in names)
    message = f"`{flag}` says nothing to the kind {kind}"
    raise ProblemError.of(Mark(flag), "option", message, f"it is for --kind {kinds}")


def _analysis(graphs: Sequence[Graph], options: PlotOptions) -> Analysis:
    return analyze(graphs[0], options.batch, options.dtype, "macs")


def _chosen(flag: str, value: str | None, known: Sequence[str]) -> str:
    """Return the value, or the first of those known. Raises ProblemError for another."""
    if value is None:
        return known[0]
    if value not in known:
        message = f"there is no `{value[:60]}` here"
        hint = nearest(value, known, "choices")
        raise ProblemError.of(Mark(flag), "option", message, hint)
    return value


def _graph(graphs: Sequence[Graph], options: PlotOptions) -> Picture:
    from archprof.draw.graph import QUANTITIES, graph_on_canvas, graph_picture

    by = _chosen("--by", options.by, QUANTITIES)
    analysis = _analysis(graphs, options)
    if options.size == "page":
        return graph_picture(analysis, options.everything, by)
    return graph_on_canvas(analysis, options.canvas, options.everything, by)


def _bars(graphs: Sequence[Graph], options: PlotOptions) -> Picture:
    from archprof.draw.bars import bars_picture

    by = _chosen("--by", options.by, ("stage", "layer"))
    return bars_picture(_analysis(graphs, options), options.canvas, by)


def _timeline(graphs: Sequence[Graph], options: PlotOptions) -> Picture:
    from archprof.commands.plot.step_plot import refuse_of_a_step, step_plot

    if options.train:
        return step_plot(graphs[0], options)
    from archprof.draw.timeline import timeline_picture

    refuse_of_a_step(options)
    return timeline_picture(_analysis(graphs, options), options.canvas)


def _depth(graphs: Sequence[Graph], options: PlotOptions) -> Picture:
    from archprof.draw.depth import depth_picture

    return depth_picture(_analysis(graphs, options), options.canvas)


def _roofline(graphs: Sequence[Graph], options: PlotOptions) -> Picture:
    from archprof.draw.roofline import roofline_picture

    if options.run is None:
        peaks = _kept_peaks(options.device, options.dtype) if options.device else None
        return roofline_picture(_analysis(graphs, options), options.canvas, peaks)
    timed, analysis = _timed(graphs, options.run)
    if timed.peaks is None:
        message = "the run has no peaks of its device, and so no roof"
        hint = "archprof device measures them once, before archprof bench; or without --run"
        raise ProblemError.of(Mark(str(options.run)), "run", message, hint)
    return roofline_picture(analysis, options.canvas, timed.peaks, timed.layers)


def _latency(graphs: Sequence[Graph], options: PlotOptions) -> Picture:
    from archprof.draw.latency import latency_picture

    if options.run is None:
        message = "latency is measured, and no run file is given"
        hint = "--run RUN, a run file of `archprof bench NET --by layer -o RUN`"
        raise ProblemError.of(Mark("--run"), "option", message, hint)
    timed, analysis = _timed(graphs, options.run)
    return latency_picture(analysis, options.canvas, timed.layers, timed.conditions)


def _timed(graphs: Sequence[Graph], run: Path) -> tuple[TimedNetwork, Analysis]:
    """Return what was measured, and the numbers under the same batch and dtype."""
    from archprof.commands.plot.run_layers import timed_network

    timed = timed_network(graphs[0], run)
    dtype = timed.dtype if timed.dtype in DTYPES else "float32"  # of tf32 the storage is
    return timed, analyze(graphs[0], timed.batch, dtype, "macs")


def _kept_peaks(device: str, dtype: str) -> DevicePeaks:
    """Return the peaks that `archprof device` measured and kept; nothing is measured now.

    Raises ProblemError where there are none, or no torch.
    """
    from archprof.commands.measure.planning.measurement_plan import require_torch

    require_torch("plot")
    from archprof.commands.plot.device_peaks import kept_peaks

    return kept_peaks(device, dtype)


def _field(graphs: Sequence[Graph], options: PlotOptions) -> Picture:
    from archprof.commands.plot.field_plot import field_plot

    return field_plot(_analysis(graphs, options), options)


def _compare(graphs: Sequence[Graph], options: PlotOptions) -> Picture:
    from archprof.commands.compare.stage_chart import stage_picture

    if not 2 <= len(graphs) <= MOST_COMPARED:
        message = f"found {units.number_of(len(graphs), 'network')}, expected 2 to {MOST_COMPARED}"
        hint = "--kind scatter takes any number"
        raise ProblemError.of(Mark("plot"), "option", message, hint)
    analyses = [analyze(graph, options.batch, options.dtype, "macs") for graph in graphs]
    return stage_picture(analyses, options.canvas)


def _scatter(graphs: Sequence[Graph], options: PlotOptions) -> Picture:
    from archprof.commands.plot.scatter_plot import scatter_plot

    return scatter_plot(graphs, options)


def _gradients(graphs: Sequence[Graph], options: PlotOptions) -> Picture:
    from archprof.commands.plot.signal_plot import gradients_plot

    return gradients_plot(
        graphs, _chosen("--by", options.by, ("gradients", "activations")), options
    )


def _shattering(graphs: Sequence[Graph], options: PlotOptions) -> Picture:
    from archprof.commands.plot.signal_plot import shattering_plot

    return shattering_plot(graphs, options)


OF_A_STEP = ("optimizer", "amp", "freeze", "checkpoint", "accumulate", "memory")
KINDS: dict[str, tuple[Drawer, tuple[str, ...]]] = {
    "graph": (_graph, ("by", "everything")),
    "bars": (_bars, ("by",)),
    "timeline": (_timeline, ("train", "device", *OF_A_STEP)),
    "roofline": (_roofline, ("run", "device")),
    "latency": (_latency, ("run",)),
    "field": (_field, ("layer", "unit", "image", "effective")),
    "depth": (_depth, ()),
    "compare": (_compare, ()),
    "scatter": (_scatter, ("x", "y", "run")),
    "gradients": (_gradients, ("by",)),
    "shattering": (_shattering, ()),
}
"""By kind who draws it, and which options are for it."""

OF_KINDS = tuple(dict.fromkeys(name for _, names in KINDS.values() for name in names))
"""Every option that is for some kinds alone."""

FLAGS = {"everything": "--open"}
SEVERAL = frozenset({"compare", "scatter", "gradients", "shattering"})
MOST_COMPARED = 4  # as many colours as there are for them
