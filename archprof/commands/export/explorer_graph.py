"""A graph as Google's Model Explorer has it: nodes in namespaces, each with its numbers.

The form is that of `graph_builder.py` and `node_data_builder.py` of ai-edge-model-explorer 0.1.34:
https://github.com/google-ai-edge/model-explorer
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from archprof import units
from archprof.analysis.analysis import Analysis, LayerAnalysis
from archprof.analysis.totals import OF_COST
from archprof.graph.graph import Instance
from archprof.units import printable

QUANTITIES = {
    "params": "Parameters",
    "macs": "MACs",
    "flops": "FLOPs",
    "output_bytes": "Output, bytes",
    "saved_bytes": "Saved for the backward pass, bytes",
    "latency_ms": "Latency, ms",
}
"""Of a layer, by the name of what holds it; the last is from a run file."""

COLOURS = [{"stop": 0, "bgColor": "#ffffff"}, {"stop": 1, "bgColor": "#f28b82"}]
INPUT, OUTPUT = "input", "output"

Times = Mapping[str, float]
"""Milliseconds by path."""


def explorer_graph(analysis: Analysis, times: Times) -> dict[str, Any]:
    """Return the graph of a network for one image, with the times of its layers where known."""
    graph = analysis.graph
    ids = identities(analysis)
    nodes = [_plain_node(INPUT, (), graph.input)]
    for i, row in enumerate(analysis.layers):
        node = row.node
        *outer, name = _parts(node.path)
        label = name if name == node.kind else f"{name} ({printable(node.kind)})"
        nodes.append(
            {
                "id": ids[i],
                "label": label,
                "namespace": "/".join(outer),
                "attrs": _pairs(_attributes(row, times)),
                "incomingEdges": _edges([ids.get(source, INPUT) for source in node.inputs]),
                "outputsMetadata": _outputs(node.output, analysis.dtype),
            }
        )
    nodes.append(_plain_node(OUTPUT, [ids.get(i, INPUT) for i in graph.outputs], None))
    return {
        "id": graph.network.name,
        "nodes": nodes,
        "groupNodeAttributes": _group_attributes(analysis, times),
    }


def node_data(analysis: Analysis, quantity: str, times: Times) -> dict[str, Any]:
    """Return a number of each layer where it is known, for Model Explorer to colour it by."""
    ids = identities(analysis)
    values = {ids[i]: value_of(row, quantity, times) for i, row in enumerate(analysis.layers)}
    return {
        "name": QUANTITIES[quantity],
        "results": {name: {"value": value} for name, value in values.items() if value is not None},
        "gradient": COLOURS,
    }


def identities(analysis: Analysis) -> dict[int, str]:
    """Return an identity for each node: its path, with a number where another has it as well."""
    found: dict[int, str] = {}
    taken = {INPUT, OUTPUT}
    for i, row in enumerate(analysis.layers):
        path = printable(row.node.path)
        name, count = path, 1
        while name in taken:
            count += 1
            name = f"{path} #{count}"
        taken.add(name)
        found[i] = name
    return found


def value_of(row: LayerAnalysis, quantity: str, times: Times) -> int | float | None:
    """Return a number of a layer, None where it is unknown."""
    if quantity == "latency_ms":
        return times.get(row.node.path)
    value: int | None = getattr(row, quantity)
    return value


def _plain_node(name: str, sources: Iterable[str], shape: tuple[int, ...] | None) -> dict[str, Any]:
    """Return the node of the input or of the outputs."""
    node: dict[str, Any] = {
        "id": name,
        "label": name,
        "namespace": "",
        "attrs": [],
        "incomingEdges": _edges(sources),
        "outputsMetadata": [],
    }
    if shape is not None:
        node["outputsMetadata"] = _outputs(shape, "")
    return node


def _edges(sources: Iterable[str]) -> list[dict[str, str]]:
    return [
        {"sourceNodeId": source, "sourceNodeOutputId": "0", "targetNodeInputId": str(i)}
        for i, source in enumerate(sources)
    ]


def _outputs(shape: tuple[int, ...], dtype: str) -> list[dict[str, Any]]:
    """Return what is said of an output, whose shape stands beside its edges."""
    text = f"{dtype}[{','.join(map(str, shape))}]" if dtype else units.shape(shape)
    return [{"id": "0", "attrs": [{"key": "tensor_shape", "value": text}]}]


def _pairs(attributes: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"key": key, "value": value} for key, value in attributes.items()]


def _attributes(row: LayerAnalysis, times: Times) -> dict[str, str]:
    node = row.node
    found = {"op": printable(node.kind), "path": printable(node.path)}
    found |= {name: printable(_shown(value)) for name, value in node.op.given().items()}
    for quantity, name in QUANTITIES.items():
        value = value_of(row, quantity, times)
        if value is not None:
            found[name] = _number(value)
        elif quantity != "latency_ms":
            found[name] = "?"
    if node.mark.line:
        found["written in"] = printable(f"{node.mark.file}:{node.mark.line}")
    return found


def _shown(value: Any) -> str:
    if isinstance(value, (list, tuple)):
        return f"[{', '.join(map(_shown, value))}]"
    return str(value)


def _group_attributes(analysis: Analysis, times: Times) -> dict[str, dict[str, str]]:
    """Return by namespace what the layers in it come to; "" is the network."""
    layers: dict[str, list[LayerAnalysis]] = {"": []}
    blocks: dict[str, str] = {}
    for row in analysis.layers:
        outer = _parts(row.node.path)[:-1]
        layers[""].append(row)
        for depth in range(len(outer)):
            layers.setdefault("/".join(outer[: depth + 1]), []).append(row)
        instance: Instance | None = row.node.instance
        while instance is not None:
            blocks.setdefault("/".join(_parts(instance.path)), instance.block)
            instance = instance.parent
    found: dict[str, dict[str, str]] = {}
    for namespace, rows in layers.items():
        block = blocks.get(namespace, "")
        said = {"block": printable(block)} if block and namespace else {}
        said["layers"] = f"{len(rows):,}"
        for quantity, name in QUANTITIES.items():
            counted = [row for row in rows if quantity not in OF_COST or not row.node.aux]
            known = [value_of(row, quantity, times) for row in counted]
            if quantity != "latency_ms" or any(value is not None for value in known):
                said[name] = _sum(known)
        found[namespace] = said
    return found


def _sum(values: list[Any]) -> str:
    """Return a sum, as a lower bound where one of the values is unknown."""
    total = sum(value for value in values if value is not None)
    return f"≥ {_number(total)}" if None in values else _number(total)


def _number(value: int | float) -> str:
    """Return a count in full, a time in milliseconds to the nanosecond."""
    return f"{value:,}" if isinstance(value, int) else f"{value:,.6f}"


def _parts(path: str) -> list[str]:
    """Return the parts of a path as a namespace can have them: `/` and `;` part these."""
    safe = printable(path).replace("/", "_").replace(";", "_")
    return safe.split(".")
