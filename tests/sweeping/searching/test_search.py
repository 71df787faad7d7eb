"""Searches of a tiny space, whose optimum is known."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from archprof.language.network import Network
from archprof.problem import ProblemError
from archprof.sweeping.searching import search as room
from archprof.sweeping.searching.asked_search import asked_search
from archprof.sweeping.searching.search import search
from archprof.sweeping.space.space import Space
from archprof.sweeping.storing.identity import Shard
from archprof.sweeping.storing.tabulating import tabulated
from tests.sweeping.tiny_spaces import SPACE, tiny_space

BUDGET = SPACE + "budget: {max_params: 600}\n"
SAMPLERS = ["nsga2", "tpe"]


def rows(table: Any) -> list[dict[str, Any]]:
    listed: list[dict[str, Any]] = table.to_pylist()
    return listed


def grid(space: Space) -> list[dict[str, Any]]:
    return rows(tabulated(space, np.arange(space.count))[0])


@pytest.mark.parametrize("sampler", SAMPLERS)
def test_the_optimum_is_found(tmp_path: Path, sampler: str) -> None:
    """Of 192 variants the one of most MACs within 600 parameters, which 300 trials find."""
    space = tiny_space(tmp_path, BUDGET)
    most = max(row["macs"] for row in grid(space) if row["params"] <= 600)
    found = search(space, asked_search(space, sampler, 300, 7, "max macs"))
    assert found.complete
    assert max(row["macs"] for row in rows(found.table) if row["params"] <= 600) == most


@pytest.mark.parametrize("sampler", SAMPLERS)
def test_a_row_is_what_a_sweep_has(tmp_path: Path, sampler: str) -> None:
    space = tiny_space(tmp_path)
    found = search(space, asked_search(space, sampler, 60, 7, "min macs, max params"))
    assert found.table.schema.equals(tabulated(space, np.arange(3))[0].schema)
    known = {(one["width"], one["blocks"], one["input"]): one for one in grid(space)}
    for trial, row in enumerate(rows(found.table)):
        assert row.pop("row") == trial
        expected = dict(known[row["width"], row["blocks"], row["input"]])
        del expected["row"]
        assert row == expected


@pytest.mark.parametrize("sampler", SAMPLERS)
def test_limits_draw_a_search_away(tmp_path: Path, sampler: str) -> None:
    """Without a limit all trials would go to the largest networks, of more than 600 parameters."""
    space = tiny_space(tmp_path, BUDGET)
    free = tiny_space(tmp_path)
    asked = asked_search(space, sampler, 400, 1, "max params", ["width != 9"])
    kept, other = (rows(search(one, asked).table)[200:] for one in (space, free))
    within = [one["params"] <= 600 and one["width"] != 9 for one in kept]
    assert sum(within) > 3 * sum(one["params"] <= 600 for one in other)


@pytest.mark.parametrize("sampler", SAMPLERS)
def test_a_seed_finds_the_same_again(tmp_path: Path, sampler: str) -> None:
    space = tiny_space(tmp_path)

    def found(seed: int) -> Any:
        return search(space, asked_search(space, sampler, 120, seed, "min macs, max params")).table

    assert found(5).equals(found(5))
    assert not found(5).equals(found(6))


def test_an_axis_that_is_off_has_its_first_value(tmp_path: Path) -> None:
    text = SPACE.replace("blocks: 1..4", "blocks: {range: 1..4, when: $width > 8}")
    space = tiny_space(tmp_path, text)
    found = rows(search(space, asked_search(space, "nsga2", 100, 1, "min macs")).table)
    assert {row["blocks"] for row in found if row["width"] <= 8} == {1}
    assert len({row["blocks"] for row in found if row["width"] > 8}) > 1


def test_what_is_no_variant_is_a_failed_trial(tmp_path: Path) -> None:
    space = tiny_space(tmp_path, SPACE + "where: $width % 2 == 0\n")
    found = rows(search(space, asked_search(space, "tpe", 100, 1, "min macs")).table)
    assert {row["why"] for row in found if row["width"] % 2} == {"where"}
    assert all(row["why"] is None for row in found if row["width"] % 2 == 0)


def test_trials_are_told_of_in_batches(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "POPULATION", 30)
    seen: list[Shard] = []
    space = tiny_space(tmp_path)
    search(space, asked_search(space, "nsga2", 70, 1, "min macs"), watch=seen.append)
    assert seen == [Shard(0, 0, 30), Shard(1, 30, 60), Shard(2, 60, 70)]


def test_ctrl_c_keeps_what_was_found(tmp_path: Path) -> None:
    space = tiny_space(tmp_path)

    def interrupt(trials: Shard) -> None:
        raise KeyboardInterrupt

    asked = asked_search(space, "nsga2", 300, 1, "min macs")
    found = search(space, asked, watch=interrupt)
    assert not found.complete
    assert found.table.num_rows == room.POPULATION


# --- the user's own objective ---


def wide(network: Network) -> float:
    """An objective that is best at a width of 11 and 2 blocks."""
    values = network.overrides
    return float(-((values["width"] - 11) ** 2) - (values["blocks"] - 2) ** 2)


@pytest.mark.parametrize("sampler", SAMPLERS)
def test_an_objective_of_ones_own_is_followed(tmp_path: Path, sampler: str) -> None:
    space = tiny_space(tmp_path)
    asked = asked_search(space, sampler, 300, 3, ["max objective", "min macs"], outside=True)
    found = search(space, asked, wide).table
    assert found.schema.names[-1] == "objective"
    best = max(rows(found), key=lambda row: row["objective"])
    assert (best["width"], best["blocks"], best["objective"]) == (11, 2, 0.0)


def test_it_is_called_within_the_limits_alone(tmp_path: Path) -> None:
    space = tiny_space(tmp_path, BUDGET)
    called: list[int] = []

    def counted(network: Network) -> float:
        called.append(network.overrides["width"])
        return 1.0

    asked = asked_search(space, "nsga2", 100, 3, where=["width < 9"], outside=True)
    found = rows(search(space, asked, counted).table)
    allowed = [row for row in found if row["params"] <= 600 and row["width"] < 9]
    assert len(called) == len(allowed) < len(found)
    assert all((row["objective"] is not None) == (row in allowed) for row in found)


def test_what_it_raises_ends_the_search_in_words(tmp_path: Path) -> None:
    def broken(network: Network) -> float:
        raise ZeroDivisionError("no data")

    space = tiny_space(tmp_path)
    with pytest.raises(ProblemError, match=r"it raised ZeroDivisionError for tiny .* no data"):
        search(space, asked_search(space, "tpe", 10, 1, outside=True), broken)
