"""A graph, or a number of each of its layers, as a file that Model Explorer opens."""

from __future__ import annotations

import json
from pathlib import Path

from archprof.analysis.analysis import analyze
from archprof.commands.export.explorer_graph import explorer_graph
from archprof.commands.export.explorer_graph import node_data as data_of
from archprof.commands.export.exported import Exported
from archprof.graph.graph import Graph
from archprof.problem import Mark, ProblemError


def explorer_text(graph: Graph, node_data: str | None, latency: Path | None) -> Exported:
    """Return the JSON of a graph collection, or with `node_data` that of one quantity.

    Raises ProblemError where times are asked for and the run file has none of this network.
    """
    times = _times(graph, latency) if latency else {}
    if node_data == "latency_ms" and not times:
        message = "the latency of layers is measured, and no run file is given"
        hint = "--latency RUN, a run file of `archprof bench NET --by layer -o RUN`"
        raise ProblemError.of(Mark("--node-data"), "option", message, hint)
    analysis = analyze(graph)
    name = graph.network.name
    if node_data is not None:
        return Exported(json.dumps({name: data_of(analysis, node_data, times)}, indent=1))
    found = {"label": name, "graphs": [explorer_graph(analysis, times)]}
    return Exported(json.dumps(found, indent=1))


def _times(graph: Graph, path: Path) -> dict[str, float]:
    """Return the milliseconds of each layer by its path, from a run file. Raises ProblemError."""
    from archprof.commands.measure.writing.run_file import timed_layers

    entry = timed_layers(path, graph.network.name)
    return {layer["path"]: layer["time_ms"] for layer in entry["layers"]}
