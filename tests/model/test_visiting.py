"""Layers visited on the way."""

import torch

from archprof.language.expand import expand
from archprof.language.loader import load_text
from archprof.language.network import networks
from archprof.model.compile import build
from archprof.model.visiting import Visiting

SPEC = """
name: two
input: 3
layers: {a: {op: linear, out: 2}, relu: {op: relu}, b: {op: linear, out: 1}}
"""


def test_what_is_returned_goes_on() -> None:
    graph = expand(next(networks(load_text(SPEC))))
    module = build(graph)
    seen = []

    def visit(place: int, output: torch.Tensor) -> torch.Tensor:
        seen.append((graph.nodes[place].path, tuple(output.shape)))
        return torch.zeros_like(output) if graph.nodes[place].path == "relu" else output

    found = Visiting(module, visit).run(torch.randn(4, 3))
    assert seen == [("a", (4, 2)), ("relu", (4, 2)), ("b", (4, 1))]
    # behind zeros there is b's bias alone
    assert torch.equal(found, module.b.bias.expand(4, 1))
