"""Steps of training, against torch's own on tensors without data: every tensor's birth."""

import pytest

import archprof
from tests.training.tracked import PHASES, differences, simulated, tracked_on_fake_tensors

SMALL = ["lenet5", "alexnet", "resnet18"]


@pytest.mark.parametrize("name", SMALL)
def test_every_birth_is_torchs(name: str) -> None:
    graph = archprof.load(name).analyze().graph
    tracked = tracked_on_fake_tensors(graph, batch=2)
    timeline = simulated(graph, batch=2, observed=True)
    assert not differences(tracked, timeline)
    assert timeline.peak.live == tracked.peak(*PHASES).live


def test_gradients_are_added_in_place_where_nobody_looks() -> None:
    """ResNet-18 at batch 2 as torch takes it unobserved: each of its 8 sums in the backward pass
    is in place; at the peak that is a gradient of layer3, 2*256*14*14 elements of 4 bytes.
    """
    graph = archprof.load("resnet18").analyze().graph
    observed = simulated(graph, batch=2, observed=True).peak.live
    assert simulated(graph, batch=2).peak.live == observed - 2 * 256 * 14 * 14 * 4
