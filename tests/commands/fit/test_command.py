"""`archprof fit`: what it says, its formats, and what it refuses."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from archprof.training.overhead import CUDA
from tests.command_line import Run

GIB = 2**30
Fit = Callable[..., dict[str, Any]]


@pytest.fixture
def fit(run: Run) -> Fit:
    """The one answer of a fit that goes well."""

    def call(*arguments: object) -> dict[str, Any]:
        done = run("fit", *arguments, "--format", "json")
        assert (done.code, done.err) == (0, "")
        (found,) = json.loads(done.out)["answers"]
        return dict(found)

    return call


def test_an_inference_is_that_of_summary(fit: Fit, summary: Callable[..., dict[str, Any]]) -> None:
    found, known = fit("resnet50", "--batch", 8), summary("resnet50", "--batch", 8)
    peak, totals = found["peak"], known["totals"]
    assert peak["bytes"] == sum(peak["kinds"].values()) == totals["peak_inference_bytes"]
    assert peak["kinds"]["weights"] == totals["weight_bytes"]
    assert peak["layer"] == known["peak"]["layer"]
    assert peak["alive"][0]["bytes"] == max(one["bytes"] for one in known["peak"]["alive"])
    assert (found["largest_batch"], found["breaks"], found["verdict"]) == (None, None, None)


def test_the_largest_batches_are_at_both_ends(fit: Fit) -> None:
    """The peak of the next batch is beyond: of `sure` at the high end, of `possible` at the low."""
    arguments = ("resnet18", "--train", "--optimizer", "adamw")
    largest = fit(*arguments, "--memory", "4GiB")["largest_batch"]
    assert 0 < largest["sure"] < largest["possible"]
    for batch, whole in ((largest["sure"], CUDA.most), (largest["possible"], CUDA.least)):
        inside = fit(*arguments, "--batch", batch)["peak"]["bytes"]
        beyond = fit(*arguments, "--batch", batch + 1)["peak"]["bytes"]
        assert whole(inside) <= 4 * GIB < whole(beyond)


@pytest.mark.parametrize(
    ("batch", "verdict"), [(1, "fits"), (140, "may fit"), (1_000, "does not fit")]
)
def test_verdicts(fit: Fit, batch: int, verdict: str) -> None:
    """Of ResNet-18 in 4 GiB 130 images fit for sure, up to 153 may."""
    found = fit("resnet18", "--train", "--memory", "4GiB", "--batch", batch)
    assert (found["verdict"], found["peak"]["batch"]) == (verdict, batch)
    assert found["asked_batch"] == batch


def test_where_it_breaks(fit: Fit) -> None:
    found = fit("resnet50", "--train", "--memory", "24GiB")
    breaks = found["breaks"]
    assert breaks["batch"] == found["largest_batch"]["sure"] + 1
    assert (breaks["phase"], breaks["layer"]) == ("backward", "layer4.2.relu3")
    assert breaks["kernel"] == "relu_backward"


def test_not_even_one_image(run: Run, fit: Fit) -> None:
    found = fit("resnet50", "--train", "--memory", "100MiB")
    assert found["largest_batch"] == {"sure": 0, "possible": 0}
    assert found["verdict"] == "does not fit"
    assert "not even 1 image fits" in run("fit", "resnet50", "--memory", "100MiB").out


def test_on_a_cpu_no_context_lies_beside(fit: Fit) -> None:
    """0 to 8.4 % of 240,000 bytes and more of LeNet's inference."""
    found = fit("lenet5", "--device", "cpu")
    assert found["beside"]["least_bytes"] == 0
    assert found["beside"]["most_bytes"] == -(-found["peak"]["bytes"] * 84 // 1000)


def test_accumulation_multiplies_the_passes_and_not_the_update(fit: Fit) -> None:
    one = fit("resnet18", "--train", "--batch", 4)["step_flops"]
    five = fit("resnet18", "--train", "--batch", 4, "--accumulate", 5)["step_flops"]
    assert five["forward"] == 5 * one["forward"]
    assert five["backward"] == pytest.approx(5 * one["backward"])
    assert five["update"] == one["update"] == 2 * 11_689_512  # p - lr * g of each parameter


def test_the_least_time_is_arithmetic_over_the_rate(fit: Fit) -> None:
    found = fit("resnet18", "--train", "--batch", 4, "--peaks", "2T")
    flops = sum(found["step_flops"].values())
    assert found["least_time"] == {
        "flops_per_s": 2e12,
        "source": "as stated",
        "step_ms": pytest.approx(flops / 2e9),
        "model_ms": pytest.approx(flops / 2e9),
    }


def test_help_is_simulated_as_if_it_were_asked(fit: Fit) -> None:
    asked = ("resnet18", "--train", "--optimizer", "adamw", "--memory", "4GiB", "--batch", 64)
    helps = {one["change"]: one for one in fit(*asked)["helps"]}
    for change in ("--amp bfloat16", "--input 3x192x192"):
        changed = fit(*asked, *change.split())
        assert helps[change]["largest_batch"] == changed["largest_batch"]
        assert helps[change]["peak_bytes"] == changed["peak"]["bytes"]
    sgd = fit("resnet18", "--train", "--memory", "4GiB", "--batch", 64)
    assert helps["--optimizer sgd"]["peak_bytes"] == sgd["peak"]["bytes"]
    assert helps["as it is"]["peak_bytes"] == fit(*asked)["peak"]["bytes"]


def test_the_best_help_stands_first(fit: Fit) -> None:
    found = fit("resnet18", "--train", "--optimizer", "adamw", "--memory", "4GiB")
    sure = [one["largest_batch"]["sure"] for one in found["helps"]]
    assert sure == sorted(sure, reverse=True)


def test_a_batch_that_is_too_large_is_taken_in_passes(fit: Fit) -> None:
    """As few as can be: one pass less would be more images than fit for sure."""
    asked = ("resnet18", "--train", "--memory", "4GiB")
    helps = fit(*asked, "--batch", 500)["helps"]
    (typed,) = (one["change"] for one in helps if "--accumulate" in one["change"])
    _, part, _, passes = typed.split()
    assert int(part) * int(passes) >= 500 > (int(part) - 1) * int(passes)
    largest = fit(*asked, "--accumulate", passes)["largest_batch"]["sure"]
    assert int(part) <= largest < 500 / (int(passes) - 1)
    assert "--accumulate" not in str(fit(*asked, "--batch", 100)["helps"])


def test_sharding_divides_by_the_devices(fit: Fit) -> None:
    """ResNet-18 with AdamW over 4: of 11,689,512 parameters 8 bytes of state, and 4 of gradients
    that a ring sends twice 3/4; ZeRO-3 gathers 4 bytes of each weight and buffer twice more.
    """
    found = fit("resnet18", "--train", "--optimizer", "adamw", "--devices", 4, "--batch", 2)
    ddp, zero1, _, zero3 = found["sharded"]
    state, gradients = 8 * 11_689_512, 4 * 11_689_512
    assert (ddp["state_bytes"], zero1["state_bytes"]) == (state, state // 4)
    assert ddp["sent_bytes"] == zero1["sent_bytes"] == 2 * gradients * 3 // 4
    weights = found["peak"]["kinds"]["weights"]
    assert zero3["sent_bytes"] == (2 * weights + gradients) * 3 // 4
    assert zero3["gathered_bytes"] == 512 * 512 * 9 * 4  # layer4's 3x3 convolutions
    assert ddp["bytes"] == found["peak"]["bytes"]
    assert fit("resnet18", "--train", "--batch", 2)["sharded"] == []


def test_several_inputs_are_a_table(run: Run) -> None:
    done = run("fit", "resnet18", "--train", "--memory", "4GiB", "--input", "192", "--input", "224")
    rows = [line.split()[:3] for line in done.out.splitlines() if line.startswith("3x")]
    assert [row[0] for row in rows] == ["3x192x192", "3x224x224"]
    one = run("fit", "resnet18", "--train", "--memory", "4GiB", "--input", "3x192x192")
    assert f"batch {rows[0][1]} fits for sure, up to {rows[0][2]} may fit" in one.out
    assert "What would help" in one.out
    assert "What would help" not in done.out


@pytest.mark.parametrize("form", ["table", "md", "csv", "latex", "html"])
def test_formats(run: Run, form: str) -> None:
    done = run("fit", "lenet5", "--train", "--memory", "1GiB", "--devices", "2", "--format", form)
    assert (done.code, done.err) == (0, "")
    assert "ZeRO" in done.out


def test_a_captured_module_is_asked_as_a_spec_is(run: Run, tmp_path: Path) -> None:
    pytest.importorskip("torch")
    code = "from torch import nn\n\ndef net():\n    return nn.Sequential(nn.Linear(8, 4))\n"
    path = tmp_path / "small.py"
    path.write_text(code, encoding="utf-8")
    conditions = ("--train", "--batch", 2, "--device", "cpu", "--format", "json")
    done = run("fit", f"{path}:net", "--input", "8", *conditions)
    assert done.code == 0, done.err
    (found,) = json.loads(done.out)["answers"]
    assert found["peak"]["kinds"]["weights"] == (8 * 4 + 4) * 4


UNKNOWN = """
import torch
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(3, 8, 3)

    def forward(self, x):
        return torch.special.i1e(self.conv(x)).mean((2, 3))
"""


def test_of_an_unknown_operator_nothing_fits_for_sure(run: Run, tmp_path: Path) -> None:
    pytest.importorskip("torch")
    path = tmp_path / "unknown.py"
    path.write_text(UNKNOWN, encoding="utf-8")
    asked = ("fit", f"{path}:Net", "--input", "3x32x32", "--train", "--memory", "2GiB")
    data = json.loads(run(*asked, "--devices", 2, "--format", "json").out)
    (found,) = data["answers"]
    assert len(found["unknown"]) == 1
    assert found["largest_batch"]["sure"] is None
    assert found["peak"]["batch"] == found["largest_batch"]["possible"] > 1_000
    assert (found["verdict"], found["breaks"]["batch"]) == ("may fit", found["peak"]["batch"] + 1)
    assert {one["largest_batch"]["sure"] for one in found["helps"] + found["sharded"]} == {None}
    printed = run(*asked, "--batch", 1).out
    assert "what fits for sure is unknown" in printed
    assert "1: may fit" in printed
    assert "all bytes are lower bounds" in printed


REFUSED = [
    (("--memory", "24 apples"), "--memory", "bytes, or a text such as 24GiB or 80GB"),
    (("--memory", "0"), "--memory", "bytes, or a text such as 24GiB or 80GB"),
    (("--optimizer", "adamw"), "--optimizer", "--train, or leave it out"),
    (("--amp", "bfloat16"), "--amp", "--train, or --dtype bfloat16 for an inference"),
    (("--freeze", "conv*"), "--freeze", "--train, or leave it out"),
    (("--checkpoint", "auto"), "--checkpoint", "--train, or leave it out"),
    (("--accumulate", "2"), "--accumulate", "--train, or leave it out"),
    (("--devices", "2"), "--devices", "--train, or leave it out"),
    (("--peaks", "1T"), "--peaks", "--train, or leave it out"),
    (("--device", "tpu"), "--device", "known: cpu, cuda"),
    (("--train", "--optimizer", "adamx"), "--optimizer", "did you mean `adam`?"),
    (("--input", "3x224x224", "--input", "a"), "--input", "a shape such as 3x320x320"),
]


@pytest.mark.parametrize(("arguments", "option", "hint"), REFUSED, ids=lambda v: str(v)[:30])
def test_what_cannot_be_is_refused(
    run: Run, arguments: tuple[str, ...], option: str, hint: str
) -> None:
    done = run("fit", "alexnet", *arguments)
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith(f"{option}: error: ")
    assert hint in done.err
