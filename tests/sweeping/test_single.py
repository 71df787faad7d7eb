"""Variants one by one."""

from pathlib import Path

import pytest

import archprof
from archprof.problem import ProblemError
from archprof.sweeping.single import drawn_variants, single_variants
from tests.sweeping.tiny_spaces import SPACE, tiny_space


def test_a_row_is_the_network_with_its_values(tmp_path: Path) -> None:
    space = tiny_space(tmp_path)
    (found,) = single_variants(space, [100])
    # loops over width, blocks and input, of 4 * 3 points below each width: 100 = 8 * 12 + 1 * 3 + 1
    assert found.values == {"width": 9, "blocks": 2, "input": 12}
    loaded = archprof.load(tmp_path / "tiny.yaml", input="3x12x12", width=9, blocks=2)
    assert found.analysis.totals == loaded.analyze(count="macs").totals


def test_rows_keep_their_order_and_invalid_ones_are_left_out(tmp_path: Path) -> None:
    space = tiny_space(tmp_path, SPACE + "where: $width > 2\n")
    assert [one.row for one in single_variants(space, [90, 0, 30, 23])] == [90, 30]


def test_variants_are_drawn_by_seed_within_the_budget(tmp_path: Path) -> None:
    space = tiny_space(tmp_path, SPACE + "budget: {max_params: 300}\n")
    found = drawn_variants(space, 12, seed=1)
    rows = [one.row for one in found]
    assert len(set(rows)) == 12
    assert all(one.analysis.totals.params <= 300 for one in found)
    assert rows == [one.row for one in drawn_variants(space, 12, seed=1)]
    assert rows != [one.row for one in drawn_variants(space, 12, seed=2)]


def test_all_there_are_is_enough(tmp_path: Path) -> None:
    space = tiny_space(tmp_path, SPACE + "where: $width == 3\n")
    assert len(drawn_variants(space, 50, seed=1)) == 4 * 3


def test_a_space_of_invalid_rows_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("archprof.sweeping.single.LOOKED_AT", 10)
    space = tiny_space(tmp_path, SPACE + "where: $width > 16\n")
    with pytest.raises(ProblemError, match="of 50 random rows 0 are valid, wanted 5"):
        drawn_variants(space, 5, seed=3)
    with pytest.raises(ProblemError, match="of 192 random rows 0 are valid, wanted 100"):
        drawn_variants(space, 100, seed=3)
