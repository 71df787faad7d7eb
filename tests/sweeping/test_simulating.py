"""The step of training of variants, against each variant by itself."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import archprof
from archprof.problem import ProblemError
from archprof.sweeping.checking import checked
from archprof.sweeping.planning import planned
from archprof.sweeping.space.conditions_reader import with_conditions
from archprof.sweeping.space.space import Space
from archprof.sweeping.storing.folder import open_folder
from archprof.sweeping.storing.tabulating import tabulated
from archprof.sweeping.totals import totals_of
from archprof.sweeping.variants import NONE, OF_STEP
from archprof.training.asked_step import AskedStep
from tests.sweeping.tiny import POINTS, SPACE, tiny

TRAINED = SPACE + "conditions: {batch: 2, train: true}\n"
UNLIMITED = TRAINED.replace("budget: {max_params: 10K}\n", "")


def table(space: Space) -> list[dict[str, object]]:
    return tabulated(space, np.arange(space.count))[0].to_pylist()


def test_columns_are_those_of_each_network_by_itself(tmp_path: Path) -> None:
    """Row 3 has depths [1, 1], the second width, and a gate."""
    rows = table(tiny(tmp_path, UNLIMITED))
    net = archprof.load(tmp_path / "tiny.yaml", width=8, gated=True)
    step = AskedStep(net.graph, net.analyze(batch=2).asked_step.words, 2)
    assert [rows[3][name] for name in OF_STEP] == [step.peak_bytes, step.arithmetic.all]
    for row in rows:
        assert all((row[name] is None) == (row["why"] is not None) for name in OF_STEP)


def test_without_a_question_no_step_is_simulated(tmp_path: Path) -> None:
    assert not set(OF_STEP) & set(table(tiny(tmp_path))[0])


@pytest.mark.parametrize(
    "more",
    [
        "conditions: {train: true}",
        "conditions: {amp: bfloat16}",
        "conditions: {accumulate: 2}",
        "conditions: {device: cpu}",
        "front: [min training_peak_bytes, max params]",
        "budget: {max_training_memory: 1 MiB}",
        "budget: {max_step_flops: 1M}",
    ],
)
def test_what_asks_for_a_step(tmp_path: Path, more: str) -> None:
    key = more.partition(":")[0]
    lines = [line for line in SPACE.splitlines() if not line.startswith(key)]
    assert tiny(tmp_path, "\n".join([*lines, more, ""])).conditions.train


def test_rows_beyond_the_budget_of_other_totals_are_not_simulated(tmp_path: Path) -> None:
    """What a budget forbids no answer has; a sweep does not spend its time on it."""
    limited, free = table(tiny(tmp_path, TRAINED)), table(tiny(tmp_path, UNLIMITED))
    beyond = 0
    for row, other in zip(limited, free, strict=True):
        assert row["params"] == other["params"]
        if row["why"] is None and row["params"] > 10_000:
            beyond += 1
            assert [row[name] for name in OF_STEP] == [None, None]
        else:
            assert [row[name] for name in OF_STEP] == [other[name] for name in OF_STEP]
    assert beyond


@pytest.mark.parametrize(
    "at",
    [
        "batch=3,optimizer=adamw,ema,amp=bfloat16",
        "optimizer=momentum,accumulate=3,device=cpu",
        "freeze=first.*,optimizer=adam",
        "checkpoint=head",
        "dtype=bfloat16,optimizer=sgd,master",
    ],
)
def test_together_and_in_full_are_equal(tmp_path: Path, at: str) -> None:
    """All rows of the grid, under conditions of each kind."""
    space = with_conditions(tiny(tmp_path, UNLIMITED), at)
    plan = planned(space, tmp_path / "out")
    for shard in plan.missing:
        plan.job.make(shard)
    stored = open_folder(tmp_path / "out")
    assert stored is not None
    found = checked(plan.space, stored, POINTS, np.random.default_rng(0))
    assert found.rows > POINTS // 2
    assert not found.differing


def test_a_step_that_is_impossible_is_the_rows_fault(tmp_path: Path) -> None:
    rows = table(with_conditions(tiny(tmp_path, UNLIMITED), "checkpoint=stage9"))
    messages = {row["message"] for row in rows if row["why"] == "checkpoint"}
    assert messages == {"tiny has no block and no path `stage9`"}
    assert all(row["params"] is None for row in rows)


def test_what_is_frozen_counts_in_all_totals(tmp_path: Path) -> None:
    """First layers of 3*9*8+8 = 224 and, where there is another, 8*9*8+8 = 584 parameters."""
    space = with_conditions(tiny(tmp_path, UNLIMITED), "freeze=first.*")
    frozen = {
        row["depths.0"]: row["frozen_params"]
        for row in table(space)
        if row["width"] == 8 and row["why"] is None
    }
    assert frozen == {1: 224, 2: 224 + 584, 3: 224 + 2 * 584}


def test_automatic_checkpoints_fit_into_the_budget(tmp_path: Path) -> None:
    """One line of convolutions: where the plan is empty, the step fits without."""
    text = UNLIMITED.replace("train: true", "checkpoint: auto")
    with pytest.raises(ProblemError, match="`auto` looks for checkpoints"):
        tiny(tmp_path, text)
    space = tiny(tmp_path, text + "budget: {max_training_memory: 1 MiB}\n")
    assert space.conditions.room == 1024**2
    peaks = [row["training_peak_bytes"] for row in table(space) if row["why"] is None]
    assert peaks
    assert max(peaks) <= 1024**2


def test_a_folder_keeps_its_columns_whatever_is_asked_next(tmp_path: Path) -> None:
    trained, plain = tiny(tmp_path, SPACE).asked(OF_STEP), tiny(tmp_path, SPACE)
    plan = planned(trained, tmp_path / "out")
    for shard in plan.missing:
        plan.job.make(shard)
    assert planned(plain, tmp_path / "out").missing == ()
    other = planned(plain, tmp_path / "plain")
    for shard in other.missing:
        other.job.make(shard)
    with pytest.raises(ProblemError, match=r"train False, here .* train True"):
        planned(trained, tmp_path / "plain")


def test_of_no_variants_there_is_nothing(tmp_path: Path) -> None:
    space = tiny(tmp_path, TRAINED)
    (batch, *_) = [one for one in space.variants(np.arange(1)) if one.variants is not None]
    assert batch.variants is not None
    found = totals_of(space.network, batch.variants.replaced(count=0, values={}), space.conditions)
    assert [len(found.totals[name]) for name in OF_STEP] == [0, 0]
    assert NONE not in found.totals["step_flops"]
