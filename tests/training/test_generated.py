"""Networks at random over every op: each tensor of a training step is torch's, on real ones."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from hypothesis import HealthCheck, Phase, given, settings

from archprof.ops import OPS
from tests.effort import TIMES
from tests.generated.networks import specs, text_of
from tests.generated.test_networks import graph_of
from tests.training.tracked import differences, simulated, tracked_on_random, trains

EACH = 10 * TIMES  # networks made for every op, of 50 ops and more, in float32; half as many narrow
DTYPES = {"float32": None, "autocast": torch.bfloat16}


STEP_BY_STEP = {"lstm", "gru", "rnn"}
"""Ops of several kernels for each of their steps, of which a simulated step says that it does not
know them.
"""


@pytest.mark.slow
@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("op", sorted(set(OPS) - STEP_BY_STEP))
def test_every_birth_is_torchs(op: str, dtype: str) -> None:
    """At least one of the networks made can be trained: where none of those can, more are made."""
    autocast = DTYPES[dtype]
    many = EACH if autocast is None else EACH // 2
    assert any(trained_among(op, autocast, many << doubled) for doubled in range(6))


def trained_among(op: str, autocast: torch.dtype | None, many: int) -> int:
    """Compare the steps of networks made with an op, and return how many can be trained."""
    seen = []

    @settings(
        max_examples=many,
        derandomize=True,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(spec=specs(op))
    def agrees(spec: dict[str, Any]) -> None:
        text = text_of(spec)
        graph = graph_of(text)
        if not trains(graph) or STEP_BY_STEP & {node.kind for node in graph.nodes}:
            return
        if autocast and any(node.op.given().get("antialias") for node in graph.nodes):
            return  # the CPU has no kernel of bfloat16 for it
        seen.append(text)
        timeline = simulated(graph, batch=2, observed=True, autocast=autocast is not None)
        found = differences(tracked_on_random(graph, autocast), timeline)
        assert not found, f"{found}\n{text}"

    agrees()
    return len(seen)
