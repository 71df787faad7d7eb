"""What a step costs, against both networks by themselves."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import archprof
from archprof.problem import ProblemError
from archprof.sweeping.answering import sensitivity
from archprof.sweeping.answering.sensitivity import ParameterStep
from archprof.sweeping.sampling.draw import drawn
from archprof.sweeping.space.space import Space
from archprof.sweeping.storing.tabulating import tabulated
from archprof.sweeping.variants import TOTALS
from archprof.sweeping.wanted_sample import with_sample
from tests.sweeping.tiny import tiny


def steps(space: Space, row: int) -> list[ParameterStep]:
    """The steps from a row of a sample, which follows from its number."""
    places = [place[0] for place in drawn(space.axes, space.sample, np.array([row]))]
    return sensitivity.steps(space, row, places)


def by_name(found: list[ParameterStep]) -> dict[tuple[str, object, object], ParameterStep]:
    return {(one.parameter, one.before, one.after): one for one in found}


def test_steps_are_differences_of_full_analyses(tmp_path: Path) -> None:
    """Row 11: depths [1, 2], width 8, gated."""
    found = by_name(steps(tiny(tmp_path), 11))
    path = tmp_path / "tiny.yaml"
    own = {"depths": [1, 2], "width": 8, "gated": True}
    others = {
        ("depths.0", 1, 2): {"depths": [2, 2]},
        ("depths.1", 2, 1): {"depths": [1, 1]},
        ("depths.1", 2, 3): {"depths": [1, 3]},
        ("width", 8, 4): {"width": 4},
        ("width", 8, 12): {"width": 12},
        ("gated", True, False): {"gated": False},
    }
    assert found.keys() == others.keys()
    base = archprof.load(path, **own).analyze().totals
    for name, changes in others.items():
        totals = archprof.load(path, **{**own, **changes}).analyze().totals
        for total in TOTALS:
            if total != "sees" and not total.startswith("field_"):
                expected = getattr(totals, total) - getattr(base, total)
                assert found[name].added[total] == expected
    # one more block of the first kind: 8 * 9 * 8 weights and 8 biases
    assert found["depths.0", 1, 2].added["params"] == 584
    assert found["depths.1", 2, 3].added["field_height"] == 2


def test_a_step_beyond_what_is_valid_says_why(tmp_path: Path) -> None:
    """Row 19: depths [1, 3]; a fourth convolution without padding finds no pixels."""
    found = by_name(steps(tiny(tmp_path), 19))["depths.1", 3, 4]
    assert found.added == {}
    assert "cannot take" in found.why


def test_a_row_of_a_sample_is_found_in_the_grid(tmp_path: Path) -> None:
    space = with_sample(tiny(tmp_path), 40, 5)
    table, _ = tabulated(space, np.arange(40))
    for row in (one for one in table.to_pylist() if one["why"] is None):
        found = steps(space, row["row"])
        assert {one.parameter for one in found} <= row.keys()
        assert all(one.before == row[one.parameter] for one in found)


def test_a_row_without_totals(tmp_path: Path) -> None:
    with pytest.raises(ProblemError, match=r"row 24 has no totals: .* cannot take"):
        steps(tiny(tmp_path), 24)


def test_a_continuous_range_has_no_steps(tmp_path: Path) -> None:
    text = """\
name: endless
network: tiny.yaml
space: {factor: {range: 0.5..1.5}, gated: {choice: [false, true]}}
set: {width: "round(8 * $factor)"}
"""
    assert [one.parameter for one in steps(tiny(tmp_path, text), 3)] == ["gated"]


def test_other_names_of_one_variant_are_left_out(tmp_path: Path) -> None:
    """Where `gated` is false, the width of the gate is no step."""
    network = """\
name: tiny
input: 3x8x8
params: {gated: false, wide: 4}
layers:
  first: {op: conv2d, out: 4, kernel: 3}
  gate: {when: $gated, op: conv2d, out: $wide, kernel: 1}
  head: {op: conv2d, out: 10, kernel: 1}
"""
    text = """\
name: gates
network: tiny.yaml
space:
  gated: {choice: [false, true]}
  wide: {range: 4..8, step: 4, when: $gated}
"""
    space = tiny(tmp_path, text, network)
    assert [one.parameter for one in steps(space, 0)] == ["gated"]
    assert [one.parameter for one in steps(space, 2)] == ["gated", "wide"]
