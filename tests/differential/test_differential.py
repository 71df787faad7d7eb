"""Some networks of the differential generator in every run of the tests; `python -m
tests.differential` makes as many as wanted.
"""

from __future__ import annotations

from collections import Counter
from random import Random

import pytest

from tests.differential.compare import AGREE, REFUSED, one
from tests.differential.kinds import KINDS
from tests.differential.networks import made

EACH = 60


@pytest.mark.parametrize("seed", range(5))
def test_torch_by_hand_and_archprof_agree(seed: int) -> None:
    outcomes = [one(seed, number) for number in range(EACH)]
    assert not [outcome.detail for outcome in outcomes if not outcome.fine]
    counts = Counter(outcome.kind for outcome in outcomes)
    assert counts[AGREE] > EACH / 4  # neither side may win by refusing everything
    assert counts[REFUSED] > EACH / 10


def test_they_are_made_of_everything() -> None:
    """Every kind, accepted somewhere; and the settings this generator is for."""
    steps = [step for number in range(3000) for step in made(Random(number)).steps]
    taken = [step for step in steps if step.output is not None]
    assert {*KINDS, "add", "multiply", "concat"} <= {step.kind for step in taken}
    uneven = [
        s
        for s in taken
        if s.kind == "conv2d"
        and s.settings.get("padding") == "same"
        and s.settings["kernel"] in (2, 4)
    ]
    larger = [
        s
        for s in taken
        if s.settings.get("ceil_mode") and s.settings["kernel"] == 5 and 1 in s.output.shape[2:]
    ]
    cropped = [s for s in taken if s.kind == "pad" and min(s.settings.get("sides", [0])) < 0]
    extra = [s for s in taken if s.settings.get("output_padding")]
    assert min(map(len, (uneven, larger, cropped, extra))) >= 5
