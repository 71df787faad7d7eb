"""A step of training in `diff`: when it is shown, how it is run, and the conditions on it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.command_line import Run

# Batches of three. At the peak of both, in the loss's backward: input 48 and targets 24, weights
# and bias, the scores' logarithms, the loss and its count 8, two gradients as large as the scores.
NARROW = 48 + 24 + 40 + 24 + 8 + 2 * 24  # to 2 classes
WIDE = 48 + 24 + 60 + 36 + 8 + 2 * 36  # to 3
# Forward 2 per MAC and the biases, backward as much and 4 per score, the update 2 per parameter.
NARROW_FLOPS = 2 * (48 + 6) + 24 + 20
WIDE_FLOPS = 2 * (72 + 9) + 36 + 30


@pytest.fixture
def specs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name, out in (("narrow", 2), ("wide", 3)):
        text = f"name: {name}\ninput: 4\nlayers: {{fc: {{op: linear, out: {out}}}}}\n"
        Path(f"{name}.yaml").write_text(text, encoding="utf-8")


def totals(run: Run, *options: str) -> dict[str, Any]:
    done = run("diff", "narrow.yaml", "wide.yaml", "--batch", "3", *options, "-f", "json")
    assert done.code in (0, 1), done.err
    found: dict[str, Any] = json.loads(done.out)["networks"][0]["totals"]
    return found


@pytest.mark.usefixtures("specs")
def test_a_step_that_nobody_asks_about_is_not_taken(run: Run) -> None:
    found = totals(run)
    assert (found["training_peak"], found["step_flops"]) == (None, None)
    assert "training peak" not in run("diff", "narrow.yaml", "wide.yaml").out


@pytest.mark.usefixtures("specs")
@pytest.mark.parametrize(
    "options", [("--optimizer", "sgd"), ("--fail-on", "training_peak>1"), ("--accumulate", "1")]
)
def test_by_an_option_or_a_condition(run: Run, options: tuple[str, ...]) -> None:
    found = totals(run, *options)
    if options[0] == "--accumulate":  # as without it
        assert found["training_peak"] is None
        return
    assert found["training_peak"] == {"old": NARROW, "new": WIDE}
    assert found["step_flops"] == {"old": NARROW_FLOPS, "new": WIDE_FLOPS}


@pytest.mark.usefixtures("specs")
@pytest.mark.parametrize(
    ("options", "peaks"),
    [
        (("--optimizer", "momentum,ema"), (NARROW + 2 * 40, WIDE + 2 * 60)),
        (("--accumulate", "5"), (NARROW + 40, WIDE + 60)),
        # nothing is trained: the forward's end, with the loss and its count
        (("--freeze", "fc"), (48 + 24 + 40 + 2 * 24 + 8, 48 + 24 + 60 + 2 * 36 + 8)),
    ],
)
def test_how_it_is_run(run: Run, options: tuple[str, ...], peaks: tuple[int, int]) -> None:
    old, new = peaks
    assert totals(run, *options)["training_peak"] == {"old": old, "new": new}


def test_each_of_them_has_the_plan_that_a_memory_asks_for(run: Run) -> None:
    """In 1 GiB of a GPU, of which 914 MiB and 12 % may not be tensors', neither fits without."""
    compared = ("diff", "resnet20", "resnet32", "--batch", "128", "-f", "json")
    found, planned = (
        json.loads(run(*compared, *options).out)["networks"][0]["totals"]
        for options in (
            ("--optimizer", "sgd"),
            ("--checkpoint", "auto", "--memory", "1GiB"),
        )
    )
    room = (1024 - 914) * 2**20 * 1000 // 1120
    for side, network in (("old", "resnet20"), ("new", "resnet32")):
        assert planned["training_peak"][side] <= room < found["training_peak"][side]
        assert planned["step_flops"][side] > found["step_flops"][side]
        fit = ("fit", network, "--train", "--batch", "128", "--memory", "1GiB", "-f", "json")
        (alone,) = json.loads(run(*fit, "--checkpoint", "auto").out)["answers"]
        assert planned["training_peak"][side] == alone["peak"]["bytes"]


@pytest.mark.usefixtures("specs")
def test_the_sum_beside_the_peak_is_of_the_same_optimizer(run: Run) -> None:
    """lion and nesterov keep one copy, as momentum; an average is one more."""
    plain = totals(run, "--optimizer", "sgd")["training"]
    assert totals(run, "--optimizer", "lion")["training"]["old"] == plain["old"] + 40
    assert totals(run, "--optimizer", "nesterov,ema")["training"]["new"] == plain["new"] + 2 * 60


@pytest.mark.usefixtures("specs")
def test_a_condition_is_met_by_as_much(run: Run) -> None:
    """192 -> 248 bytes are 29.2 % more, 152 -> 228 FLOPs are 50 %."""
    compared = ("diff", "narrow.yaml", "wide.yaml", "--batch", "3")
    assert (NARROW, WIDE, NARROW_FLOPS, WIDE_FLOPS) == (192, 248, 152, 228)
    assert run(*compared, "--fail-on", "training_peak>+29.2%").code == 0
    over = run(*compared, "--fail-on", "training_peak>+29.1%")
    assert over.code == 1
    assert "training_peak 192 B -> 248 B (+29.2%) meets `training_peak>+29.1%`" in over.err
    assert run(*compared, "--fail-on", "step_flops>=+50%").code == 1
    assert run(*compared, "--fail-on", "step_flops>+50%").code == 0
    assert run(*compared, "--fail-on", "training_peak_bytes>1KiB").code == 0


@pytest.mark.usefixtures("specs")
def test_the_rows_and_the_comment_have_it(run: Run) -> None:
    table = run("diff", "narrow.yaml", "wide.yaml", "--batch", "3", "--optimizer", "sgd").out
    assert any(line.split()[:4] == ["training", "peak", "192", "B"] for line in table.split("\n"))
    assert any(line.split()[:4] == ["step", "FLOPs", "152", "228"] for line in table.split("\n"))
    comment = run("diff", "narrow.yaml", "wide.yaml", "--optimizer", "sgd", "-f", "md").out
    assert "| Depth | Training peak |" in comment


@pytest.mark.usefixtures("specs")
@pytest.mark.parametrize(
    ("options", "says"),
    [
        (("--optimizer", "adamm"), "--optimizer: error: there is no `adamm`"),
        (("--amp", "int8"), "--amp: error: there is no `int8`"),
        (("--freeze", "conv*"), "--freeze: error: `conv*` names no parameter of "),
        (("--checkpoint", "unit"), "--checkpoint: error: "),
        (("--checkpoint", "auto"), "hint: --memory 24GiB beside it"),
        (("--memory", "1GiB"), "--memory: error: the memory is what checkpoints are planned for"),
        (("--checkpoint", "auto", "--memory", "1XB"), "`1XB` is not a size of a memory"),
        (("--fail-on", "training_peak>1X"), "training_peak is not counted in 'X'"),
    ],
)
def test_what_means_nothing(run: Run, options: tuple[str, ...], says: str) -> None:
    refused = run("diff", "narrow.yaml", "wide.yaml", *options)
    assert refused.code == 2
    assert says in refused.err


@pytest.mark.usefixtures("specs")
def test_what_only_one_of_them_has_can_be_frozen(run: Run) -> None:
    """--freeze names a layer of the second alone: the first trains all."""
    spec = Path("wide.yaml").read_text(encoding="utf-8").replace("fc:", "head:")
    Path("wide.yaml").write_text(spec, encoding="utf-8")
    found = totals(run, "--freeze", "head")
    assert found["training_peak"]["old"] == NARROW
    assert found["training_peak"]["new"] == 48 + 24 + 60 + 2 * 36 + 8
