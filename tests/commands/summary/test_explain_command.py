"""`archprof explain`: finding the layer, and the working behind every number."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path
from typing import Any

import pytest

from tests.command_line import Run


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("layer1.0.conv1", "layer1.0.conv1"),
        ("fc", "fc"),
        ("layer4.2.relu3", "layer4.2.relu3"),
        ("2.relu3", "layer4.2.relu3"),
        ("4.conv3", "layer3.4.conv3"),
    ],
)
def test_layer_by_path_or_by_an_end_that_only_it_has(run: Run, name: str, path: str) -> None:
    """2.relu3 ends layer1.2.relu3 too: then nothing is guessed."""
    done = run("explain", "resnet50", name)
    if name == "2.relu3":
        assert (done.code, done.out) == (2, "")
        assert (
            "name one: layer1.2.relu3, layer2.2.relu3, layer3.2.relu3, layer4.2.relu3" in done.err
        )
    else:
        assert done.code == 0
        assert done.out.startswith(f"resnet50 · {path} · ")


def test_block(run: Run) -> None:
    """A bottleneck's sums: 1x1x256x64 + 3x3x64x64 + 1x1x64x256 and the norms' 2*(64 + 64 + 256)."""
    out = run("explain", "resnet50", "layer1.1").out
    total = 256 * 64 + 9 * 64 * 64 + 64 * 256 + 2 * (64 + 64 + 256)
    assert f" = {total:,}" in out
    assert re.search(rf"^Total +256x56x56 +{total:,} ", out, re.MULTILINE)


def test_large_block_has_no_endless_sum(run: Run) -> None:
    out = run("explain", "resnet50", "layer3").out
    assert "layer3: 62 layers" in out
    assert "\nparams " not in out


def steps(run: Run, *arguments: object) -> dict[str, dict[str, str]]:
    found: list[dict[str, str]] = json.loads(run("explain", *arguments, "--format", "json").out)
    return {step["quantity"]: step for step in found}


def test_json_of_a_block(run: Run) -> None:
    data: dict[str, Any] = json.loads(
        run("explain", "resnet50", "layer1.1", "--format", "json").out
    )
    assert list(data) == [
        f"layer1.1.{name}"
        for name in (
            "conv1",
            "bn1",
            "relu1",
            "conv2",
            "bn2",
            "relu2",
            "conv3",
            "bn3",
            "add",
            "relu3",
        )
    ]
    assert all(
        step.keys() == {"quantity", "formula", "numbers", "result"}
        for layer in data.values()
        for step in layer
    )


def test_batch_and_dtype(run: Run) -> None:
    found = steps(run, "alexnet", "conv1", "--batch", 8, "--dtype", "float16")
    one = 11 * 11 * 3 * 96 * 55 * 55
    assert found["MACs"]["result"] == f"{one:,}, times 8 images = {8 * one:,}"
    assert found["params"]["result"] == "34,944"
    assert found["output bytes"]["result"].startswith(f"{8 * 2 * 96 * 55 * 55:,} ")


def test_overrides(run: Run) -> None:
    assert (
        steps(run, "alexnet", "conv2", "--set", "towers=2")["params"]["numbers"]
        == "(5*5*(96/2) + 1)*256"
    )
    assert steps(run, "alexnet", "conv1", "--input", "3x259x259")["height"]["result"] == "63"


@pytest.mark.parametrize("output_format", ["csv", "md", "latex"])
def test_formats(run: Run, output_format: str) -> None:
    for layer in ("conv1", "layer1.1"):
        done = run("explain", "resnet50", layer, "--format", output_format)
        assert done.code == 0
        assert len(done.out.splitlines()) > 8


def test_without_a_layer_it_says_what_there_is(run: Run) -> None:
    done = run("explain", "resnet50")
    assert (done.code, done.err) == (0, "")
    assert done.out.startswith("resnet50: what can be explained\n")
    assert done.out.endswith(
        "layer archprof explain resnet50 conv1\nblock archprof explain resnet50 layer1.0: its"
        " layers and their sums\n"
    )
    # a title, two lines of head, 15 layers and blocks, two ways to go on
    assert len(done.out.splitlines()) == 20
    data: dict[str, Any] = json.loads(run("explain", "resnet50", "--format", "json").out)
    assert data["blocks"][:2] == ["layer1", "layer1.0"]


def test_padding_as_tensorflow_has_it(run: Run) -> None:
    """NASNet's 5x5 by 2 over 165 pixels: 82*2 + 5 - 165 = 4 more, two of them before; behind a
    3x3 by 2 these are two jumps of 2.
    """
    found = steps(run, "nasnetalarge", "cell_stem_0.comb_iter_0_left.separable_1.same")
    assert (found["field start"]["numbers"], found["field start"]["result"]) == ("0 - 2 * 2", "-4")
    assert (found["field size"]["result"], found["field jump"]["result"]) == ("3", "2")


def test_an_empty_name(run: Run) -> None:
    done = run("explain", "alexnet", "")
    assert done.code == 2
    assert (
        done.err == "explain: error: an empty name, expected a layer's or a block's [layer]\n"
        "  hint: `archprof explain alexnet` shows what there is to explain\n"
    )


def test_commands_of_the_contents_can_be_pasted(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The network's name alone is not a target: only the file, whose name has a space, is one."""
    monkeypatch.chdir(tmp_path)
    layers = "layers:\n  stem: {op: conv2d, out: 4, kernel: 3}\n"
    Path("my net.yaml").write_text(f"name: secnn\ninput: 3x8x8\n{layers}", encoding="utf-8")
    last = run("explain", "my net.yaml").out.splitlines()[-1]
    assert last == "layer archprof explain 'my net.yaml' stem"
    done = run(*shlex.split(last)[2:])
    assert done.code == 0
    assert done.out.startswith("secnn · stem · conv2d")
    said = run("explain", "my net.yaml", "").err
    assert "hint: `archprof explain 'my net.yaml'` shows what there is to explain" in said
