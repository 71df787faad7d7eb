"""The curve of a training step under the conditions of the command line."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from tests.command_line import Run
from tests.commands.plot.test_command import says

STEP = ("plot", "resnet18", "--kind", "timeline", "--train")
CONDITIONS = [
    (),
    ("--batch", 8, "--optimizer", "adamw"),
    ("--batch", 4, "--amp", "bfloat16", "--accumulate", 4),
    ("--freeze", "layer*", "--freeze", "conv1", "--dtype", "float64"),
    ("--checkpoint", "basic", "--batch", 4),
    ("--device", "cpu", "--batch", 2),
]


@pytest.mark.parametrize("conditions", CONDITIONS, ids=str)
def test_its_peak_is_that_of_fit(run: Run, conditions: tuple[object, ...]) -> None:
    """The same words mean the same step; `fit` shows a batch of 1 where none is given."""
    batch = () if "--batch" in conditions else ("--batch", 1)
    fit = run("fit", "resnet18", "--train", *conditions, *batch, "--format", "json")
    (found,) = json.loads(fit.out)["answers"]
    drawn = run(*STEP, *conditions)
    assert (drawn.code, drawn.err) == (0, "")
    peak = found["peak"]
    place = f"in the {peak['phase']} phase, at {peak['layer']}, {peak['kernel']}."
    assert place in says(drawn.out)
    shown = re.match(r"The peak is ([\d.]+) MiB,", says(drawn.out))
    assert shown
    assert float(shown[1]) == pytest.approx(peak["bytes"] / 2**20, rel=0.005)


def test_its_verdict_is_that_of_fit(run: Run) -> None:
    """Of ResNet-18 in 4 GiB 130 images fit for sure, up to 153 may: as `fit` says."""
    for batch, said in ((130, "It fits"), (131, "It may fit"), (154, "It does not fit")):
        drawn = run(*STEP, "--memory", "4GiB", "--batch", batch)
        assert f"{said} into 4.00 GiB of memory" in says(drawn.out)


def test_auto_makes_it_fit(run: Run) -> None:
    arguments = ("--memory", "4GiB", "--batch", 160)
    assert "It does not fit" in says(run(*STEP, *arguments).out)
    assert "It fits" in says(run(*STEP, *arguments, "--checkpoint", "auto").out)


def test_conditions_stand_below(run: Run) -> None:
    drawn = run(*STEP, "--batch", 8, "--optimizer", "adam", "--amp", "float16")
    assert ">batch 8 · float32 · adam · AMP float16 · cuda · " in drawn.out


@pytest.mark.parametrize("size", ["page", "column", "slide"])
@pytest.mark.parametrize("ending", ["svg", "png", "tex"])
def test_files(run: Run, tmp_path: Path, size: str, ending: str) -> None:
    if ending == "png":
        pytest.importorskip("resvg_py")
    path = tmp_path / f"step.{ending}"
    done = run(*STEP, "--size", size, "-o", path)
    assert (done.code, done.err) == (0, "")
    assert path.stat().st_size > 5_000
