"""A network's document to a graph: blocks put in place, repeats unrolled, shapes inferred.

`builder` puts the parts together: `bodies` go through entries in order, `calls` find what a block,
group or network stands for, `layers` make nodes, with `operations`, `values`, `names`, `paths` and
`references`. A `frame` passes on what is known inside a body; `complaints` collect what is wrong.
"""

from __future__ import annotations

from archprof.allowance import ensured
from archprof.graph.graph import Graph
from archprof.language.expand.builder import build
from archprof.language.network import Network


def expand(network: Network) -> Graph:
    """Return the graph of a network, no larger than the open allowance allows.

    Problems of shape are noted in it, and whatever does not depend on them is still built. Raises
    ProblemError for a network without an input.
    """
    with ensured() as allowance:
        allowance.place, allowance.items = network.mark, 0
        graph = build(network, allowance)
        allowance.place = network.mark
        return graph
