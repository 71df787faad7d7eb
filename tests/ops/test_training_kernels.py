"""What each op's kernels make and keep in a step of training, in every case of the table: each
tensor is torch's, as `tests/training/test_generated.py` has it of networks at random.
"""

from __future__ import annotations

import pytest
import torch

from archprof.graph.graph import Graph
from archprof.ops import OPS
from archprof.ops.base import Shape
from tests.ops.cases import networks
from tests.ops.test_every_op import built
from tests.training.tracked import differences, simulated, tracked_on_random, trains

STEP_BY_STEP = {"lstm", "gru", "rnn"}
"""Ops of several kernels for each of their steps, of which a simulated step says that it does not
know them.
"""
WRITTEN_OVER = {"add-2"}
"""Cases in which torch finds written over what a gradient needs."""


TRAINED = [
    pytest.param(layers, size, id=f"{op}-{i}")
    for op in OPS
    if op not in STEP_BY_STEP
    for i, (layers, size) in enumerate(networks(op))
    # what is before the op is in memory as it is numbered
    if not {"order", "gap"} & layers.keys() and f"{op}-{i}" not in WRITTEN_OVER
    if trains(built(layers, size))
]


@pytest.mark.parametrize(("layers", "size"), TRAINED)
def test_every_tensor_of_a_step_is_torchs(layers: dict[str, str], size: Shape) -> None:
    graph = built(layers, size)
    assert not _differences(graph, None)
    # the CPU has no kernel of bfloat16 for it
    if not any(node.op.given().get("antialias") for node in graph.nodes):
        assert not _differences(graph, torch.bfloat16)


def _differences(graph: Graph, autocast: torch.dtype | None) -> str:
    timeline = simulated(graph, batch=2, observed=True, autocast=autocast is not None)
    return differences(tracked_on_random(graph, autocast), timeline)
