"""What stochastic depth saves in a network, as an analysis has its batch and dtype."""

from __future__ import annotations

from typing import TYPE_CHECKING

from archprof.analysis.analysis import Analysis
from archprof.analysis.memory import kept_by_each
from archprof.graph.storage import storages
from archprof.ops.elements import DTYPES

if TYPE_CHECKING:
    from archprof.training.stochastic_depth import StochasticDepth


def dropped_branches(analysis: Analysis) -> StochasticDepth | None:
    """Return what the forward pass of a training step takes in the worst case and on average, None
    for a network whose branches are never dropped.
    """
    graph = analysis.graph.training or analysis.graph
    if not any(node.kind == "drop_path" for node in graph.nodes):
        return None
    # what imports fractions, which takes time, and which most networks do without
    from archprof.training.stochastic_depth import stochastic_depth

    batch = analysis.batch
    stored = storages(graph, batch, training=True)
    kept = kept_by_each(graph, stored, batch, DTYPES[analysis.dtype])
    return stochastic_depth(graph, stored.samples, kept)
