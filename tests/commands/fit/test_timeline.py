"""The step moment by moment, as a table and as JSON."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.command_line import Run

STEP = ("fit", "lenet5", "--train", "--batch", 3)


def answer(run: Run, *arguments: object) -> dict[str, Any]:
    done = run(*STEP, *arguments, "--format", "json")
    assert (done.code, done.err) == (0, "")
    (found,) = json.loads(done.out)["answers"]
    return dict(found)


def test_all_moments_are_in_order(run: Run) -> None:
    """LeNet-5: 60,970 numbers of 4 bytes; 3 images of 32x32 and labels of 8 bytes."""
    moments = answer(run, "--timeline", "all")["timeline"]
    assert [moment["number"] for moment in moments] == list(range(1, len(moments) + 1))
    start, *_, end = moments
    kinds = {"input": 3 * (32 * 32 * 4 + 8), "weights": 60_970 * 4}
    rest = {"gradients": 0, "optimizer": 0, "saved": 0, "transient": 0}
    assert start == {
        "number": 1,
        "phase": "start",
        "layer": "",
        "kernel": "start",
        "bytes": sum(kinds.values()),
        "kinds": kinds | rest,
    }
    assert (end["phase"], end["bytes"]) == ("end", start["bytes"])
    phases = list(dict.fromkeys(moment["phase"] for moment in moments))
    assert phases == ["start", "forward", "backward", "end"]


def test_the_fullest_is_the_peak(run: Run) -> None:
    found = answer(run, "--timeline", "1")
    (moment,) = found["timeline"]
    names = ("phase", "layer", "kernel", "bytes", "kinds")
    assert [moment[name] for name in names] == [found["peak"][name] for name in names]


def test_the_fullest_stay_in_order(run: Run) -> None:
    moments = answer(run, "--timeline", "all")["timeline"]
    fullest = answer(run, "--timeline", "5")["timeline"]
    least = min(moment["bytes"] for moment in fullest)
    assert [moment for moment in moments if moment["bytes"] >= least] == fullest
    assert len(fullest) == 5


def test_more_than_there_are_is_all(run: Run) -> None:
    everything = answer(run, "--timeline", "all")["timeline"]
    assert answer(run, "--timeline", "100")["timeline"] == everything
    assert len(answer(run, "--timeline", "12")["timeline"]) == 12 < len(everything) < 100


def test_it_is_not_there_unasked(run: Run) -> None:
    assert answer(run)["timeline"] is None


def test_checkpoints_are_followed(run: Run) -> None:
    """What runs again makes its tensors again, in the backward pass: more moments."""
    arguments = ("fit", "resnet18", "--train", "--timeline", "all", "--format", "json")
    plain, again = (
        len(json.loads(run(*arguments, *more).out)["answers"][0]["timeline"])
        for more in ((), ("--checkpoint", "basic"))
    )
    assert again > plain


def test_a_table(run: Run) -> None:
    """A column for each kind that there is something of: without a state none of it."""
    done = run(*STEP, "--timeline", "2", "--format", "md")
    assert done.code == 0
    title, head, *_ = done.out[done.out.index("**lenet5 · 1x32x32 · batch 3 · the 2") :].split(
        "\n\n"
    )
    assert title == "**lenet5 · 1x32x32 · batch 3 · the 2 fullest moments of the step**"
    names = [cell.strip() for cell in head.split("\n")[0].strip("|").split("|")]
    kinds = ["Input", "Weights", "Gradients", "Saved", "Transient"]
    assert names == ["Layer", "Moment", "Phase", "Kernel", "Alive", *kinds]
    one = run(*STEP, "--timeline", "1").out
    assert "the 1 fullest moment of the step" in one
    assert "convolution_backward" in one


def test_several_inputs_have_a_table_each(run: Run) -> None:
    done = run("fit", "alexnet", "--train", "--input", "192", "--input", "224", "--timeline", "1")
    assert "alexnet · 3x192x192 · batch 1 · the 1 fullest moment" in done.out
    assert "alexnet · 3x224x224 · batch 1 · the 1 fullest moment" in done.out


@pytest.mark.parametrize("text", ["0", "-1", "x", "1.5", "", "²"])
def test_what_is_no_number(run: Run, text: str) -> None:
    done = run(*STEP, f"--timeline={text}")
    assert (done.code, done.out) == (2, "")
    assert "--timeline: error:" in done.err
    assert "hint: all, or a number such as 20" in done.err


def test_an_inference_has_none(run: Run) -> None:
    done = run("fit", "lenet5", "--timeline", "all")
    assert (done.code, done.out) == (2, "")
    assert "--timeline: error: an inference has none" in done.err
