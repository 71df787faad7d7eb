"""Networks that are no chains, many variants at once, against each by itself."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from archprof.column import Column
from archprof.language.find import find
from archprof.language.loader import load_text
from archprof.language.network import networks
from archprof.ops import OPS
from archprof.sweeping.composing.composed import Composed
from archprof.sweeping.composing.whole import analyse_together
from archprof.sweeping.conditions import SweepConditions
from archprof.sweeping.in_full import in_full
from archprof.sweeping.variants import TOTALS, Variants
from tests.effort import TIMES
from tests.generated.networks import specs, text_of

COUNT = 6
PLAIN = SweepConditions()


def differing(network: Any, variants: Variants) -> tuple[list[str], int]:
    """Where variants together differ from each by itself, and how many are valid."""
    found = Composed(variants.count)
    analyse_together(network, variants, PLAIN, np.arange(variants.count), found)
    alone = in_full(network, variants, PLAIN)
    together = ~found.apart
    valid = alone.reasons == 0
    wrong = [] if np.array_equal((found.reasons == 0)[together], valid[together]) else ["valid"]
    both = valid & together
    wrong += [
        name
        for name in TOTALS
        if not np.array_equal(found.totals[name][both], alone.totals[name][both])
    ]
    return wrong, int(both.sum())


@pytest.mark.parametrize(
    ("network", "sides"),
    [
        ("vit_b_16", [32, 48, 64, 80, 96, 112]),
        ("googlenet", [96, 128, 160, 200, 224, 231]),
        ("inception_v3", [150, 200, 299, 299, 320, 75]),
        ("unet", [572, 556, 540, 524, 508, 500]),
        ("hourglass_1", [64, 128, 192, 256, 320, 100]),
        ("squeezenet1_1", [64, 65, 66, 67, 68, 100]),
    ],
)
def test_shipped_networks(network: str, sides: list[int]) -> None:
    found = find(network)
    side = Column(np.array(sides))
    channels = found.inputs[0].shape[0]
    wrong, valid = differing(found, Variants(len(sides), {}, (channels, side, side)))
    assert wrong == []
    assert valid


def varied(value: Any, random: np.random.Generator) -> Any:
    """A parameter in all variants: whole numbers are sometimes one larger."""
    if type(value) is list:
        return [varied(one, random) for one in value]
    if type(value) is not int:
        return value
    return Column(value + np.concatenate([[0], random.integers(0, 2, COUNT - 1)]))


@pytest.mark.parametrize("op", OPS)
def test_networks_at_random(op: str) -> None:
    """Blocks, branches, shared weights, several inputs and heads around every op."""
    seen = {"networks": 0, "valid": 0}

    @settings(
        max_examples=2 * TIMES,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(spec=specs(op), seed=st.integers(0, 2**32))
    def agrees(spec: dict[str, Any], seed: int) -> None:
        random = np.random.default_rng(seed)
        (network,) = networks(load_text(text_of(spec), "generated.yaml"))
        values = {name: varied(value, random) for name, value in spec.get("params", {}).items()}
        shape = None
        if "input" in spec:
            channels, *sides = network.inputs[0].shape
            shape = (channels, *(varied(side, random) for side in sides))
        wrong, valid = differing(network, Variants(COUNT, values, shape))
        assert wrong == [], text_of(spec)
        seen["networks"] += 1
        seen["valid"] += valid

    agrees()
    # of each the first is as it was made; what an lstm keeps for training is unknown
    assert seen["valid"] >= seen["networks"] or op == "lstm"
