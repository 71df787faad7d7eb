"""Measured times for plots: of a run file's layers, its whole networks, and a device's peaks."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from archprof.commands.measure.writing.run_file import read_run, timed_layers
from archprof.draw.roofline_chart import DevicePeaks, MeasuredLayer
from archprof.graph.graph import Graph
from archprof.problem import Mark, ProblemError


class TimedNetwork(NamedTuple):
    """What a run file has of a network's layers: their times, conditions, and the device's peaks,
    None where these were not measured.
    """

    layers: tuple[MeasuredLayer, ...]
    conditions: str
    batch: int
    dtype: str
    peaks: DevicePeaks | None


def timed_network(graph: Graph, path: Path) -> TimedNetwork:
    """Return the times of a network's layers. Raises ProblemError where the file has none."""
    entry = timed_layers(path, graph.network.name)
    return timed_by(graph, entry, read_run(path)["manifest"]["device"]["name"], str(path))


def timed_by(graph: Graph, entry: Mapping[str, Any], device: str, file: str) -> TimedNetwork:
    """Return the times that an entry of a run's `layers` has of a network.

    Raises ProblemError, naming `file`, where the network has not the layers that were measured,
    and where their times contradict each other.
    """
    name = graph.network.name
    for contradiction in entry["contradictions"]:
        message = f"the times of the layers of {name} are unusable: {contradiction['message']}"
        hint = "end what else runs on this machine, or give it more time, and measure again"
        raise ProblemError.of(Mark(file), "run", message, hint)
    places = {node.path: i for i, node in enumerate(graph.nodes)}
    layers = []
    for layer in entry["layers"]:
        if layer["path"] not in places:
            message = f"{name} has no layer `{layer['path'][:60]}`, which was measured"
            hint = "plot the network with the options with which it was measured"
            raise ProblemError.of(Mark(file), "run", message, hint)
        least = layer["roofline_ms"]
        taken = layer["kernel_ms"] or layer["time_ms"]
        seconds = None if least is None else least / 1e3
        layers.append(MeasuredLayer(places[layer["path"]], taken / 1e3, seconds))
    conditions = f"{device}, batch {entry['batch']}, {entry['dtype']}, {entry['mode']}"
    found, peaks = entry["peaks"], None
    if found:
        rates = found["flops_per_s"], found["copy_bytes_per_s"]
        peaks = DevicePeaks(found["device"], found["dtype"], *rates)
    return TimedNetwork(tuple(layers), conditions, entry["batch"], entry["dtype"], peaks)


def latencies(path: Path) -> Mapping[str, float]:
    """Return the median latency in seconds by network, of the first conditions measured.

    Raises ProblemError for what is not a run file.
    """
    found: dict[str, float] = {}
    for entry in read_run(path)["measurements"]:
        if entry["latency_ms"] is not None:
            found.setdefault(entry["network"], entry["latency_ms"] / 1e3)
    return found
