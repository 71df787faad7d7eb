"""Steps of training, against torch's own, on tensors without data where these tell the same as
real ones: every tensor's birth, and so the peak.
"""

import pytest
import torch

from archprof.language.expand import expand
from archprof.language.find import shipped
from tests.effort import NIGHTLY
from tests.networks import shared
from tests.training.tracked import (
    PHASES,
    differences,
    simulated,
    tracked_on_fake_tensors,
    tracked_on_zeros,
)

GRAPHS = {network.name: network for network in shipped()}
UNKNOWN = {"zaremba_large", "zaremba_medium", "zaremba_small"}
"""Networks of LSTMs, of whose kernels a simulated step says that it does not know them."""

REAL = {"swin_v2_b", "swin_v2_s", "swin_v2_t"}
"""Networks that overwrite a view in place: its gradient passes through AsStridedBackward on real
tensors alone; of those without data torch makes the view again.
"""

KNOWN = sorted(set(shared.OF_EACH_BRANCH) - UNKNOWN)
FAMILIES = KNOWN if NIGHTLY else sorted(set(shared.FAMILIES) - UNKNOWN)
"""Those of each branch, and one of each family; in the nightly profile every network."""


@pytest.mark.slow
@pytest.mark.usefixtures("no_values")
@pytest.mark.parametrize("name", KNOWN)
def test_every_birth_is_torchs(name: str) -> None:
    graph = expand(GRAPHS[name])
    track = tracked_on_zeros if name in REAL else tracked_on_fake_tensors
    tracked = track(graph, batch=2)
    timeline = simulated(graph, batch=2, observed=True)
    assert not differences(tracked, timeline)
    assert timeline.peak.live == tracked.peak(*PHASES, "start").live


@pytest.mark.slow
@pytest.mark.usefixtures("no_values")
@pytest.mark.parametrize("name", FAMILIES)
def test_every_birth_is_torchs_under_autocast(name: str) -> None:
    graph = expand(GRAPHS[name])
    track = tracked_on_zeros if name in REAL else tracked_on_fake_tensors
    tracked = track(graph, batch=2, autocast=torch.bfloat16)
    timeline = simulated(graph, batch=2, autocast=True, observed=True)
    assert not differences(tracked, timeline)


@pytest.mark.parametrize("name", sorted(UNKNOWN))
def test_what_is_left_out_says_that_it_is_unknown(name: str) -> None:
    assert simulated(expand(GRAPHS[name]), batch=2).unknown


def test_gradients_are_added_in_place_where_nobody_looks() -> None:
    """ResNet-18 at batch 2 as torch takes it unobserved: each of its 8 sums in the backward pass
    is in place; at the peak that is a gradient of layer3, 2*256*14*14 elements of 4 bytes.
    """
    graph = expand(GRAPHS["resnet18"])
    observed = simulated(graph, batch=2, observed=True).peak.live
    assert simulated(graph, batch=2).peak.live == observed - 2 * 256 * 14 * 14 * 4


def test_what_is_alive_at_the_peak_adds_up_to_it() -> None:
    graph = expand(GRAPHS["resnet18"])
    peak = simulated(graph, batch=2).peak
    place = simulated(graph, batch=2).births.index(peak)
    watched = simulated(graph, batch=2, watch=place)
    assert sum(held.bytes for held in watched.alive) == peak.live
    by_kind = [0] * len(peak.kinds)
    for held in watched.alive:
        by_kind[held.kind] += held.bytes
    assert tuple(by_kind) == peak.kinds
