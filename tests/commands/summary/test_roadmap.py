"""The ConvNeXt roadmap: the paper's tables, reproduced to the printed digit but for the two rows
its own numbers contradict.
"""

import csv
from functools import cache
from pathlib import Path

import pytest

from archprof.commands.summary.roadmap import RoadmapStep, regimes

# origin in its README: Tables 10 and 11, and MACs derived by hand
PUBLISHED = Path(__file__).parents[2] / "data" / "published" / "roadmap.csv"


@cache
def steps_of(regime: str) -> list[RoadmapStep]:
    return regimes()[regime][1]


def published(regime: str) -> list[dict[str, str]]:
    with PUBLISHED.open(encoding="utf-8") as file:
        return [
            row for row in csv.DictReader(file) if ("Table 10" in row["regime"]) == (regime == "t")
        ]


@pytest.mark.parametrize("regime", ["t", "b"])
def test_every_row_of_the_tables_is_there(regime: str) -> None:
    for step, row in zip(steps_of(regime), published(regime), strict=True):
        assert step.number == int(row["order"])
        assert float(step.gmacs) == float(row["gmacs"])
        assert step.accuracy == float(row["acc_top1"])


def test_macs_agree_to_the_printed_digit() -> None:
    """4.46 at "BN -> LN" is what the next step gives, and Table 11 does not change there;
    ConvNeXt-T has 4.456, which rounds to 4.46, not 4.49.
    """
    misprinted = {"roadmap_t15_layer_norm", "roadmap_t16_separate"}
    steps = [*steps_of("t"), *steps_of("b")]
    assert {step.network for step in steps if not step.agrees} == misprinted
    assert {step.network for step in steps if step.note} == misprinted


@pytest.mark.parametrize("regime", ["t", "b"])
def test_macs_are_those_derived_by_hand(regime: str) -> None:
    """published/roadmap.csv derives convolutions and classifier from the block definitions, in G
    to three decimals.
    """
    for step, row in zip(steps_of(regime), published(regime), strict=True):
        if row["derived_gmacs"]:
            assert f"{step.macs / 1e9:.3f}" == f"{float(row['derived_gmacs']):.3f}", step.change


def test_gains_are_over_the_last_step_kept() -> None:
    steps = {s.number: s for s in steps_of("t")}
    assert steps[0].gain is None
    assert steps[9].gain == 0.65  # 80.57 - 79.92: step 8 was only tried
    assert steps[12].gain == 0.05  # 80.62 - 80.57 of step 9
