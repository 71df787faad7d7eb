"""What the sums of a network lack: layers whose cost is unknown."""

from __future__ import annotations

from archprof.analysis.analysis import Analysis
from archprof.analysis.totals import unknown_cost
from archprof.problem import Problem


def lower_bounds(analysis: Analysis) -> tuple[Problem, ...]:
    """Return a problem for each layer whose arithmetic is unknown."""
    paths = set(unknown_cost(analysis.graph))
    return tuple(
        Problem(
            node.mark,
            "unknown-cost",
            f"the cost of layer `{node.path}` ({node.kind}) is unknown: sums without it are lower"
            " bounds",
        )
        for node in analysis.graph.nodes
        if node.path in paths
    )
