"""A graph as data: every layer with its op, its place, its weights and what it costs."""

from __future__ import annotations

import json
from typing import Any

from archprof.commands.export.exported import Exported
from archprof.graph.graph import Graph, Instance, Node
from archprof.show.network_inputs import inputs_data
from archprof.units import printable

SCHEMA = 1


def graph_text(graph: Graph) -> Exported:
    """Return the JSON of a graph."""
    return Exported(json.dumps(graph_data(graph), indent=1))


def graph_data(graph: Graph) -> dict[str, Any]:
    """Return the graph as data; `archprof schema export` prints its JSON Schema."""
    paths = {i: graph.called(i) for i in range(-1, len(graph.nodes))}
    return {
        "schema": SCHEMA,
        "network": graph.network.name,
        "title": printable(graph.network.heading),
        "input": list(graph.input),
        "inputs": inputs_data(graph),
        "outputs": [paths[i] for i in graph.outputs],
        "aux_outputs": [paths[i] for i in graph.aux_outputs],
        "nodes": [_node(node, paths) for node in graph.nodes],
    }


def _node(node: Node, paths: dict[int, str]) -> dict[str, Any]:
    cost = node.facts.cost
    return {
        "path": node.path,
        "op": node.kind,
        "settings": {name: _plain(value) for name, value in node.op.given().items()},
        "inputs": [paths.get(i, f"input {-i}") for i in node.inputs],
        "output_shape": list(node.output),
        "weights": [
            {"name": name, "shape": list(weight.shape), "trainable": weight.trainable}
            for name, weight in node.facts.weights.items()
        ],
        "shares": None if node.shares is None else paths[node.shares],
        "params": node.params,
        "buffers": node.buffers,
        "macs": None if cost is None else cost.macs,
        "flops": None if cost is None else cost.flops,
        "aux": node.aux,
        "frozen": sorted(node.frozen),
        "blocks": _blocks(node.instance),
        "source": {"file": printable(node.mark.file), "line": node.mark.line},
    }


def _blocks(instance: Instance | None) -> list[dict[str, str]]:
    """Return the blocks that a layer is in, outermost first."""
    found: list[dict[str, str]] = []
    while instance is not None:
        path = instance.path.removesuffix(".")
        found.append({"path": path, "block": printable(instance.block)})
        instance = instance.parent
    return found[::-1]


def _plain(value: Any) -> Any:
    """Return a setting as JSON has it; what it has no word for as a text."""
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    return printable(str(value))
