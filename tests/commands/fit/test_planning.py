"""Checkpoints: by block, by the cheapest plan, and the code for them."""

import json
from pathlib import Path
from typing import Any

import pytest

import archprof
from archprof.allowance import Allowance
from archprof.commands.fit.planning import allow_plans
from archprof.limits import usual
from archprof.training.checkpoints import block_parts
from archprof.training.conditions import StepConditions
from archprof.training.overhead import CUDA
from archprof.training.step import simulate
from archprof.training.training_conditions import TrainingWords
from tests.command_line import Run

MEMORY = ("--train", "--memory", "4GiB")


def answered(run: Run, *arguments: object) -> dict[str, Any]:
    done = run("fit", "resnet18", *MEMORY, *arguments, "--format", "json")
    assert (done.code, done.err) == (0, "")
    (found,) = json.loads(done.out)["answers"]
    return dict(found)


def test_a_block_runs_again(run: Run) -> None:
    """Each of ResNet-18's 8 blocks is a part; the peak is the simulation's with these."""
    found = answered(run, "--checkpoint", "basic", "--batch", 16)
    graph = archprof.load("resnet18").analyze().graph
    parts = block_parts(graph, "basic")
    conditions = StepConditions(batch=16, device="cuda", checkpoints=parts)
    step = simulate(graph, conditions)
    again = found["checkpoints"]
    assert found["peak"]["bytes"] == step.peak.live
    assert [part["first"] for part in again["parts"]][:2] == ["layer1.0.conv1", "layer1.1.conv1"]
    assert len(again["parts"]) == 8
    assert again["flops_again"] == found["step_flops"]["recomputed"]
    assert again["flops_again"] == 2 * step.recomputed.macs + step.recomputed.flops > 0
    without = answered(run, "--batch", 16)
    assert again["peak_without_bytes"] == without["peak"]["bytes"] > found["peak"]["bytes"]
    assert without["checkpoints"] is None


def test_auto_lets_more_images_fit_than_any_block(run: Run) -> None:
    largest = answered(run, "--checkpoint", "auto")["largest_batch"]["sure"]
    block = answered(run, "--checkpoint", "basic")["largest_batch"]["sure"]
    assert largest > block > answered(run)["largest_batch"]["sure"]


def test_auto_is_the_cheapest_plan_for_a_batch(run: Run) -> None:
    """150 images do not fit for sure without; the plan fits, and runs less again than by block."""
    plain = answered(run, "--batch", 150)
    auto = answered(run, "--batch", 150, "--checkpoint", "auto")
    block = answered(run, "--batch", 150, "--checkpoint", "basic")
    assert (plain["verdict"], auto["verdict"], block["verdict"]) == ("may fit", "fits", "fits")
    assert CUDA.most(auto["peak"]["bytes"]) <= 4 * 2**30
    assert 0 < auto["step_flops"]["recomputed"] < block["step_flops"]["recomputed"]


def test_auto_plans_nothing_where_all_fits(run: Run) -> None:
    arguments = ("--batch", 2, "--checkpoint", "auto")
    found = answered(run, *arguments)["checkpoints"]
    assert (found["parts"], found["flops_again"], found["code"]) == ([], 0, "")
    lines = run("fit", "resnet18", *MEMORY, *arguments).out.splitlines()
    assert "again   nothing: the step's peak is 126 MiB" in lines
    assert not any(line.startswith("plan") for line in lines)


def test_the_code_is_python_and_stands_below_the_tables(run: Run) -> None:
    found = answered(run, "--checkpoint", "auto")
    compile(found["checkpoints"]["code"], "checkpoints.py", "exec")
    printed = run("fit", "resnet18", *MEMORY, "--checkpoint", "auto").out
    assert printed.rstrip().endswith(found["checkpoints"]["code"].rstrip())
    assert "again " in printed


def test_checkpointing_is_advised_by_the_block_that_covers_most(run: Run) -> None:
    helps = {one["change"]: one for one in answered(run, "--batch", 16)["helps"]}
    advised = helps["--checkpoint basic"]
    found = answered(run, "--checkpoint", "basic", "--batch", 16)
    assert advised["largest_batch"] == found["largest_batch"]
    flops = found["step_flops"]
    share = flops["recomputed"] / (flops["forward"] + flops["backward"])
    assert advised["recomputed_share"] == pytest.approx(share, rel=1e-6)
    assert not any("--checkpoint" in one["change"] for one in found["helps"])


@pytest.mark.parametrize(
    ("arguments", "message", "hint"),
    [
        (("--checkpoint", "auto"), "there is no memory to plan for", "--memory 24GiB"),
        (("--checkpoint", "basik"), "no block and no path `basik`", "`basic`"),
    ],
)
def test_what_cannot_be_planned(
    run: Run, arguments: tuple[str, ...], message: str, hint: str
) -> None:
    done = run("fit", "resnet18", "--train", *arguments)
    assert (done.code, done.out) == (2, "")
    assert message in done.err
    assert hint in done.err


def test_why_no_plan_helps(run: Run, tmp_path: Path) -> None:
    """Two values go on side by side from the first layer to the sum."""
    spec = tmp_path / "streams.yaml"
    spec.write_text(
        "name: streams\ninput: 4x16x16\nlayers:\n"
        "  stem: {op: conv2d, out: 4, kernel: 1}\n"
        "  a: {op: tanh}\n  b: {op: sigmoid, from: stem}\n"
        "  c: {op: tanh, from: a}\n  d: {op: sigmoid, from: b}\n"
        "  sum: {op: add, from: [c, d]}\n",
        encoding="utf-8",
    )
    asked = ("fit", spec, "--train", "--device", "cpu", "--memory", "1MiB", "--checkpoint", "auto")
    text = " ".join(run(*asked, "--batch", 64).out.split())
    assert (
        "plan none was found with which batch 64 fits for sure; a part begins and ends where one"
        " value alone goes on, and the longest is a to sum (5 layers), of 6 layers in all"
    ) in text
    assert "plan a part begins" in " ".join(run(*asked).out.split())
    (found,) = json.loads(run(*asked, "--format", "json").out)["answers"]
    longest = {"first": "a", "last": "sum", "layers": 5}
    assert found["checkpoints"]["longest_part"] == longest


def test_a_plan_may_take_as_long_as_three_networks() -> None:
    """A tenth of one is for what is around them."""
    for words, parts in [
        (TrainingWords(checkpoint="auto"), 2 * 3 + 0.1),
        (TrainingWords(checkpoint="bottleneck"), 1),
        (None, 1),
    ]:
        with Allowance(usual()) as allowance:
            allow_plans(words, 2)
            assert allowance.parts == parts
