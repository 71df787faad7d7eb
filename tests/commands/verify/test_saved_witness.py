"""What autograd says of the bytes it keeps, without memory and, where that misleads, with it."""

from __future__ import annotations

import pytest
import torch
from packaging.version import Version

from archprof.commands.verify import saved_witness
from archprof.graph.graph import Graph
from tests.small import graph_of

ONE_CHANNEL = {
    "l": "op: linear, out: 3",
    "q": "op: slice, dim: -1, start: 0, stop: 1",
    "k": "op: slice, dim: -1, start: 1, stop: 2, from: l",
    "v": "op: slice, dim: -1, start: 2, stop: 3, from: l",
    "a": "op: attention, heads: 1, from: [q, k, v]",
}


def differing(graph: Graph) -> list[str]:
    checks, _ = saved_witness.saved_bytes(graph)
    return [check.path for check in checks if check.ours != check.theirs]


def test_strides_without_memory_do_not_mislead(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of one channel, cut from three, torch's tensors without memory have a stride of 3 and not 1,
    so that its math runs there and not the fused attention. torch 2.13 does that, 2.6 does not.
    """
    graph = graph_of(ONE_CHANNEL, (1, 1, 1))
    assert differing(graph) == []
    if Version(torch.__version__) < Version("2.13"):
        pytest.skip("this torch's tensors without memory may not mislead")
    monkeypatch.setattr(saved_witness, "SMALL", 0)
    assert "a" in differing(graph)


def test_what_differs_with_memory_too_differs(monkeypatch: pytest.MonkeyPatch) -> None:
    graph = graph_of({"c": "op: conv2d, out: 2, kernel: 1", "r": "op: relu"}, (1, 2, 2))
    assert differing(graph) == []
    honest = saved_witness.saved_by_node

    def more(module: torch.fx.GraphModule, batch: torch.Tensor) -> object:
        found = honest(module, batch)
        found[1] += 4
        return found

    monkeypatch.setattr(saved_witness, "saved_by_node", more)
    assert differing(graph) == ["r", ""]
