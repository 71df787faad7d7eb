"""`--freeze`: what is trained, apart from what is not, by the arithmetic of VGG-16's last layer."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from torch import nn

import archprof
from archprof.analysis.analysis import analyze
from archprof.problem import ProblemError
from tests.captured import captured
from tests.command_line import Run

PARAMS = 138_357_544  # of VGG-16, as torchvision counts them
LAST = 4096 * 1000 + 1000
PROBING = ["--freeze", "features.*", "--freeze", "classifier.[03]*"]


def data_of(run: Run, *arguments: object) -> dict[str, Any]:
    done = run("summary", *arguments, "--format", "json")
    assert (done.code, done.err) == (0, "")
    data: dict[str, Any] = json.loads(done.out)
    return data


def test_linear_probing(run: Run) -> None:
    data = data_of(run, "vgg16", *PROBING, "--optimizer", "adam", "--batch", 32)
    totals = data["totals"]
    assert data["freeze"] == ["features.*", "classifier.[03]*"]
    assert (totals["params"], totals["trainable_params"]) == (PARAMS, LAST)
    assert totals["frozen_params"] == PARAMS - LAST
    # the input of the last layer, 4096 numbers for each image, and nothing else
    assert totals["saved_bytes"] == 32 * 4096 * 4
    # the weights once; a gradient and two averages of the last layer
    assert totals["training_bytes"] == 4 * (PARAMS + 3 * LAST) + 32 * 4096 * 4
    by_path = {layer["path"]: layer for layer in data["layers"]}
    assert by_path["classifier.3"]["frozen_params"] == by_path["classifier.3"]["params"] > 0
    assert by_path["classifier.3"]["notes"] == ["frozen"]
    assert by_path["classifier.6"]["frozen_params"] == 0


def test_fine_tuning_trains_everything(run: Run) -> None:
    totals = data_of(run, "vgg16")["totals"]
    assert (totals["trainable_params"], totals["frozen_params"]) == (PARAMS, 0)


def test_it_is_said_in_words(run: Run) -> None:
    done = run("summary", "vgg16", *PROBING, columns=160)
    assert "138,357,544 (138 M); trainable 4,097,000 (4.10 M), frozen 134,260,544" in done.out
    assert "features.0 and 14 more: frozen" in done.out
    assert "trainable" not in run("summary", "vgg16").out


SPEC = """name: net
input: 3x4x4
layers:
  a: {op: conv2d, out: 2, kernel: 1}
  b: {op: conv2d, out: 2, kernel: 1}
expect: {params: 14, saved_bytes: 320}  # 3*4*4 numbers of the image, 2*4*4 of a
"""


def test_what_a_spec_states_of_itself_still_holds(run: Run, tmp_path: Path) -> None:
    """Freezing for one question is not a change of the spec, whose statements are without it."""
    spec = tmp_path / "net.yaml"
    spec.write_text(SPEC)
    done = run("summary", spec, "--freeze", "a")
    assert (done.code, done.err) == (0, "")
    assert data_of(run, spec, "--freeze", "a")["totals"]["saved_bytes"] == 2 * 4 * 4 * 4
    spec.write_text(SPEC.replace("320", "128"))
    assert "the spec says 128" in run("summary", spec, "--freeze", "a").err
    spec.write_text(SPEC.replace("320", "128").replace("1}\n  b", "1, frozen: true}\n  b"))
    assert run("summary", spec).code == 0


@pytest.mark.parametrize(
    ("pattern", "said"),
    [
        ("featurs", "did you mean `features`?"),
        ("features.30", "`features.30` of vgg16 has no parameters of its own"),
        ("nothing.at.all", "`nothing.at.all` names no parameter of vgg16"),
    ],
)
def test_a_pattern_without_parameters(run: Run, pattern: str, said: str) -> None:
    done = run("summary", "vgg16", "--freeze", pattern)
    assert (done.code, done.out) == (2, "")
    assert "--freeze: error: " in done.err
    assert said in done.err


def test_in_python() -> None:
    net = archprof.load("vgg16")
    totals = net.analyze(freeze=["features.*"]).totals
    assert totals.trainable_params == sum(
        row.params for row in net.analyze().layers if row.node.path.startswith("classifier")
    )
    assert net.analyze().totals.frozen_params == 0  # the graph itself is as it was
    with pytest.raises(ProblemError, match="names no parameter"):
        net.analyze(freeze=["nothing.at.all"])


def test_of_a_captured_module() -> None:
    graph = captured(nn.Sequential(nn.Linear(4, 4), nn.Linear(4, 2)), (1, 4))
    totals = analyze(graph, freeze=["0"]).totals
    assert (totals.trainable_params, totals.frozen_params) == (4 * 2 + 2, 4 * 4 + 4)
    assert totals.saved_bytes == 4 * 4  # the second's input
