"""The networks that are tried for every change say all that any shipped network says."""

from __future__ import annotations

from archprof.graph.graph import Graph
from archprof.language.find import shipped
from tests.networks import shared

OF_LARGE_ONES = {
    ("batch_norm2d", "interpolate", 3),  # HRNet
    ("batch_norm2d", "momentum"),  # MNASNet; EfficientNet has it beside an eps
    ("mean", "dropout", 1),
    ("concat", "split", 3),  # DPN
    ("split", "add", 3),
    ("relu", "relu", 3),  # Xception
    ("leaky_relu", "chunk", 3),  # CSPDarkNet-53
    ("silu", "add", 3),  # EfficientNetV2
    ("silu", "drop_path", 3),
}
"""What networks have that take too long for so little."""


def says(graph: Graph) -> set[object]:
    """Return the ops with the names of their settings, and the ops that follow each other with the
    number of dimensions between them.
    """
    ops = {(node.kind, *sorted(node.op.given())) for node in graph.nodes}
    neighbours = {
        (graph.nodes[i].kind if i >= 0 else "input", node.kind, len(graph.shape_of(i)))
        for node in graph.nodes
        for i in node.inputs
    }
    heads = {("an auxiliary head",) for node in graph.nodes if node.aux}
    shared_weights = {("shared weights",) for node in graph.nodes if node.shares is not None}
    return ops | neighbours | heads | shared_weights


def test_no_other_network_says_more() -> None:
    found = {network.name: says(shared.graph(network.name)) for network in shipped()}
    known = set[object]().union(*(found[name] for name in shared.OF_EACH_KIND))
    known |= {("input", "pad", 3), ("pad", "conv2d", 3)}  # the crop of shared.ENSEMBLE
    known |= OF_LARGE_ONES
    more = {name: said - known for name, said in found.items() if said - known}
    assert more == {}, "name one of them in OF_THEIR_OWN of tests/networks/shared.py"
