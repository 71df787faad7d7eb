"""The columns of a step of training: each row is what `archprof fit SPACE:ROW --train` says."""

from __future__ import annotations

import json
from pathlib import Path
from random import Random

import numpy as np
import pytest

from archprof.sweeping.space.conditions_reader import with_conditions
from archprof.sweeping.space.library import read_space
from archprof.sweeping.storing.tabulating import tabulated
from tests.command_line import Run
from tests.effort import NIGHTLY
from tests.sweeping.tiny import SPACE, tiny

ROWS = 100 if NIGHTLY else 34  # of each of three spaces


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "at", "options"),
    [
        (
            "resnet",
            "batch=8,optimizer=adamw,ema,amp=bfloat16",
            ("--batch", 8, "--optimizer", "adamw,ema", "--amp", "bfloat16"),
        ),
        (
            "mobilenet_v2",
            "batch=4,optimizer=momentum,clip,accumulate=3,freeze=features.0,features.1.*",
            (
                *("--batch", 4, "--optimizer", "momentum,clip", "--accumulate", 3),
                *("--freeze", "features.0", "--freeze", "features.1.*"),
            ),
        ),
        (
            "convnext_roadmap",
            "batch=2,checkpoint=stage2,device=cpu",
            ("--batch", 2, "--checkpoint", "stage2", "--device", "cpu"),
        ),
    ],
)
def test_a_row_is_what_fit_says(run: Run, name: str, at: str, options: tuple[object, ...]) -> None:
    space = with_conditions(read_space(name), at).asked(["step_flops"])
    drawn = Random(0).sample(range(space.count), 4 * ROWS)
    table, _ = tabulated(space, np.array(drawn))
    rows = [row for row in table.to_pylist() if row["why"] is None][:ROWS]
    assert len(rows) == ROWS
    named = ",".join(str(row["row"]) for row in rows)
    done = run("fit", f"{name}:{named}", "--train", *options, "--format", "json")
    assert done.code == 0, done.err
    answers = json.loads(done.out)["answers"]
    for row, answer in zip(rows, answers, strict=True):
        assert row["row"] == answer["row"]
        assert row["training_peak_bytes"] == answer["peak"]["bytes"]
        assert row["step_flops"] == sum(answer["step_flops"].values())


def test_a_question_that_names_it_is_enough(run: Run, tmp_path: Path) -> None:
    tiny(tmp_path)
    space = tmp_path / "space.yaml"
    done = run("sweep", space, "--workers", 1, "--where", "training_memory <= 60 KiB", "-f", "csv")
    assert done.code == 0, done.err
    assert "a step of training is simulated of each variant" in done.err
    heading, *rows = done.out.splitlines()
    place = heading.split(",").index("training_peak_bytes")
    peaks = [int(row.split(",")[place]) for row in rows]
    assert peaks
    assert max(peaks) <= 60 * 1024


def test_a_folder_without_it_names_the_way(run: Run, tmp_path: Path) -> None:
    tiny(tmp_path)
    run("sweep", tmp_path / "space.yaml", "--workers", 1, "-o", tmp_path / "out")
    for option, text in (
        ("--where", "training_memory <= 1 MiB"),
        ("--where", "step_flops <= 1M"),
        ("--best", "min training_peak_bytes"),
    ):
        done = run("sweep", tmp_path / "out", option, text)
        assert done.code == 2
        assert "a sweep has it where a step of training is simulated: --train" in done.err
        assert "Traceback" not in done.err


def test_conditions_of_the_command_line(run: Run, tmp_path: Path) -> None:
    tiny(tmp_path)
    space = tmp_path / "space.yaml"
    done = run("sweep", space, "--at", "batch=4,optimizer=adamw,fused,amp=bfloat16", "--workers", 1)
    assert done.code == 0, done.err
    assert "step    batch 4, float32, adamw,fused, AMP bfloat16, cuda" in done.out
    for at, message in (
        ("amp=int8", "`amp` is 'int8', expected one of bfloat16, float16"),
        ("count=macs", "there is no condition `count`"),
        ("dtype=bfloat16,amp=bfloat16", "autocast narrows float32"),
        ("checkpoint=auto", "budget: {max_training_memory: 24 GiB} gives it"),
    ):
        done = run("sweep", space, "--at", at)
        assert done.code == 2
        assert message in done.err
    done = run("sweep", space, "--workers", 1, "-o", tmp_path / "out")
    done = run("sweep", tmp_path / "out", "--at", "batch=2")
    assert done.code == 2
    assert "nothing is made: a folder is asked" in done.err


def test_steps_of_a_row_have_it_too(run: Run, tmp_path: Path) -> None:
    """The second width doubles the first: a step of training takes more."""
    tiny(tmp_path, SPACE.replace("10K", "250"))
    done = run(
        "sweep", tmp_path / "space.yaml", "--workers", 1, "--train", "--steps", 0, "-f", "csv"
    )
    assert done.code == 0, done.err
    heading, *rows = done.out.splitlines()
    place = heading.split(",").index("training_peak_bytes")
    added = {row.split(",")[1]: row.split(",")[place] for row in rows}
    assert int(added["width"]) > 0
    assert int(added["depths.0"]) > 0
