"""The layers of a network as their times depend on them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from archprof import units
from archprof.analysis.analysis import Analysis
from archprof.analysis.layer_analysis import LayerAnalysis
from archprof.analysis.layer_kind import describe_kind
from archprof.graph.graph import Graph, Node
from archprof.record import Record


class LayerWork(Record):
    """What the time of a layer depends on.

    Layers of one `key` take the same time: it has the op, its settings and the shapes that come in.
    From `kind`, `macs` and `bytes_moved` the time of one that was never timed is estimated; `macs`
    None: unknown.
    """

    key: str
    kind: str
    macs: int | None
    bytes_moved: int


def layers_of(analysis: Analysis) -> tuple[LayerWork, ...]:
    """Return the layers that run in inference, in order; auxiliary heads do not."""
    return tuple(
        LayerWork(_key(row), describe_kind(row), row.macs, row.bytes_moved)
        for row in analysis.layers
        if _runs(row.node)
    )


def distinct_nodes(graphs: Iterable[Graph]) -> dict[str, Node]:
    """Return a node of each distinct layer of some networks, by its key."""
    found: dict[str, Node] = {}
    for graph in graphs:
        for row in Analysis(graph).layers:
            if _runs(row.node):
                found.setdefault(_key(row), row.node)
    return found


def _runs(node: Node) -> bool:
    return not node.aux and not node.op.arrives


def _key(row: LayerAnalysis) -> str:
    """Return op, settings and shapes as text, which is compared and never read.

    A layer that moves nothing, such as dropout in inference, takes the time of a call whatever its
    settings: those of `p` differ from layer to layer.
    """
    op = row.node.op
    settings = op.given() if row.bytes_moved else {}
    return f"{op.name}({_listed(settings.items())}) of {_shapes(row.node.facts.inputs)}"


def _listed(settings: Iterable[tuple[str, object]]) -> str:
    return ", ".join(f"{name}={value!r}" for name, value in settings)


def _shapes(inputs: Sequence[tuple[int, ...]]) -> str:
    return ", ".join(map(units.shape, inputs)) or "nothing"
