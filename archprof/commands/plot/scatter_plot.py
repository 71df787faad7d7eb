"""Networks of the user's choice, or a family, as points."""

from __future__ import annotations

from collections.abc import Sequence

from archprof.analysis.analysis import analyze
from archprof.commands.plot.accuracies import accuracies
from archprof.commands.plot.plots import PlotOptions
from archprof.draw.scatter import AXES, Candidate, scatter_picture
from archprof.draw.shapes import Picture
from archprof.graph.graph import Graph
from archprof.problem import Mark, ProblemError, nearest


def scatter_plot(graphs: Sequence[Graph], options: PlotOptions) -> Picture:
    """Return a point for each network.

    Without a choice MACs are along, and upwards published accuracy where all networks but a few
    have one, else parameters. Raises ProblemError for an unknown axis, and for latencies without a
    run file.
    """
    times = _times(options)
    candidates = [_candidate(graph, options, times) for graph in graphs]
    published = sum(candidate.top1 is not None for candidate in candidates)
    usual = "accuracy" if 2 * published > len(candidates) else "params"
    x, y = _axis("--x", options.x or "macs"), _axis("--y", options.y or usual)
    if "latency" in (x, y) and options.run is None:
        message = "latency is measured, and no run file is given"
        hint = "--run RUN, a run file of `archprof bench NET -o RUN`"
        raise ProblemError.of(Mark("--run"), "option", message, hint)
    families = list(dict.fromkeys(candidate.family for candidate in candidates))
    name = families[0] if len(families) == 1 else f"{len(candidates)} networks"
    return scatter_picture(candidates, options.canvas, x, y, name)


def _axis(flag: str, value: str) -> str:
    if value not in AXES:
        message = f"there is no axis `{value[:60]}`"
        raise ProblemError.of(Mark(flag), "option", message, nearest(value, list(AXES), "axes"))
    return value


def _times(options: PlotOptions) -> dict[str, float]:
    if options.run is None:
        return {}
    from archprof.commands.plot.run_layers import latencies

    return dict(latencies(options.run))


def _candidate(graph: Graph, options: PlotOptions, times: dict[str, float]) -> Candidate:
    totals = analyze(graph, options.batch, options.dtype, "macs").totals
    name = graph.network.name
    published = accuracies().get(name) if graph.network.as_specified() else None
    return Candidate(
        name,
        graph.network.family,
        totals.params,
        totals.macs,
        totals.peak_inference_bytes,
        times.get(name),
        None if published is None else published.top1,
        "" if published is None else published.source,
    )
