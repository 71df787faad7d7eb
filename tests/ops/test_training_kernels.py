"""What each op's kernels make and keep in a step of training, in every case of the table: each
tensor is torch's, as `tests/training/test_generated.py` has it of networks at random.
"""

from __future__ import annotations

import torch
from torch.utils.flop_counter import FlopCounterMode

from archprof.graph.graph import Graph
from archprof.ops import OPS
from archprof.ops.base import Shape
from tests.ops.cases import networks
from tests.ops.test_every_op import Cases, built, in_cases
from tests.training.tracked import differences, simulated, tracked_on_random, trains

STEP_BY_STEP = {"lstm", "gru", "rnn"}
"""Ops of several kernels for each of their steps, of which a simulated step says that it does not
know them.
"""
WRITTEN_OVER = {"add-2"}
"""Cases in which torch finds written over what a gradient needs."""


def trained(op: str) -> Cases:
    """List the cases of an op that torch can train."""
    return [
        (layers, size)
        for i, (layers, size) in enumerate(networks(op))
        # what is before the op is in memory as it is numbered
        if not {"order", "gap"} & layers.keys() and f"{op}-{i}" not in WRITTEN_OVER
        if trains(built(layers, size))
    ]


in_every_case = in_cases(trained, sorted(OPS.keys() - STEP_BY_STEP))
UNCOUNTED = {"attention", "multihead_attention", "window_mask", "table_conv2d", "deform_conv2d"}
"""Ops of whose kernel on the CPU torch's counter has no formula, and one of groups inside."""


@in_every_case
def test_every_tensor_of_a_step_is_torchs(layers: dict[str, str], size: Shape) -> None:
    graph = built(layers, size)
    assert not _differences(graph, None)
    # the CPU has no kernel of bfloat16 for it
    if not any(node.op.given().get("antialias") for node in graph.nodes):
        assert not _differences(graph, torch.bfloat16)


@in_every_case
def test_the_forward_pass_is_what_each_sample_costs(layers: dict[str, str], size: Shape) -> None:
    """The arithmetic of the kernels and that of the op are written apart. What depends on no input
    is made once for all samples.
    """
    graph = built(layers, size)
    costs = [node.facts.known_cost for node in graph.nodes]
    if all(node.inputs and not node.op.constant for node in graph.nodes):
        forward = simulated(graph, batch=2).forward
        macs, flops = sum(cost.macs for cost in costs), sum(cost.flops for cost in costs)
        assert (forward.macs, forward.flops) == (2 * macs, 2 * (flops - 2 * macs))


@in_every_case
def test_products_of_both_passes_are_as_torch_counts(layers: dict[str, str], size: Shape) -> None:
    """Two FLOPs for a multiply-accumulate. Of a convolution in groups torch's counter takes the
    gradient of the weights as if each group read all channels.
    """
    graph = built(layers, size)
    grouped = any(node.op.given().get("groups", 1) != 1 for node in graph.nodes)
    timeline = simulated(graph, batch=2, observed=True)
    macs = timeline.forward.macs + timeline.backward.macs
    if macs and not grouped and not UNCOUNTED & {node.kind for node in graph.nodes}:
        with FlopCounterMode(display=False) as counter:
            tracked_on_random(graph)
        assert counter.get_total_flops() == 2 * macs


def _differences(graph: Graph, autocast: torch.dtype | None) -> str:
    timeline = simulated(graph, batch=2, observed=True, autocast=autocast is not None)
    return differences(tracked_on_random(graph, autocast), timeline)
