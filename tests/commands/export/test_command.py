"""`archprof export`: which format writes what, where it goes, and what is refused."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from archprof.commands.export.command import To
from archprof.commands.export.formats import FORMATS
from tests.command_line import Run
from tests.contracts import contract, keeps

CODE = """
import torch.nn as nn

class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(4, 4, 3, padding=1)
        self.relu = nn.ReLU()

    def forward(self, x):
        return self.relu(x + self.relu(self.conv(x)))

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.stem = nn.Conv2d(3, 4, 1)
        self.blocks = nn.Sequential(Block(), Block(), Block())

    def forward(self, x):
        return self.blocks(self.stem(x))

class Stopping(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(3, 4, 1)

    def forward(self, x):
        y = self.conv(x)
        return y if y.sum() > 0 else -y

class Strange(nn.Module):
    def forward(self, x):
        return x.cumsum(2)
"""


def test_every_choice_has_a_writer() -> None:
    assert {to.value for to in To} == set(FORMATS)


def test_a_spec_is_what_is_written_by_default(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "lenet.yaml"
    assert run("export", "lenet5", "-o", str(path)).code == 0
    assert "name: lenet5\n" in path.read_text()
    before, after = (json.loads(run("summary", n, "-f", "json").out) for n in ("lenet5", str(path)))
    assert before["totals"] == after["totals"]
    assert run("check", str(path)).code == 0


def test_another_input_is_the_specs_own(run: Run) -> None:
    assert "\ninput: 3x160x160\n" in run("export", "resnet18", "--input", "3x160x160").out


def test_a_module_of_code(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Three blocks of one class, which are one block with a repeat."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "net.py").write_text(CODE)
    done = run("export", "net.py:Net", "--input", "3x8x8")
    assert done.code == 0, done.err
    assert "  blocks: {block: block, repeat: 3}\n" in done.out
    assert done.out.count("{op: relu}") == 2  # one module, which runs at two places
    # (3 + 1)*4 of the stem and (3*3*4 + 1)*4 of each block
    assert "expect: {params: 460, " in done.out


def test_what_a_spec_cannot_say_is_named(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "net.py").write_text(CODE)
    done = run("export", "net.py:Strange", "--input", "3x8x8")
    assert done.code == 2
    assert "the language has no op for the operator `cumsum`" in done.err
    assert "hint: the formats json, dot, mermaid and model-explorer take every layer" in done.err
    for to in ("json", "dot", "mermaid", "model-explorer"):
        assert "cumsum" in run("export", "net.py:Strange", "--input", "3x8x8", "--to", to).out


def test_a_part_of_a_network_is_no_network(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What follows depends on the data, and a spec of what was seen would be another network."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "net.py").write_text(CODE)
    for to in ("yaml", "torch"):
        done = run("export", "net.py:Stopping", "--input", "3x8x8", "--to", to)
        assert done.code == 2
        assert "is known only until it stops" in done.err
        assert done.out == ""
    assert "conv" in run("export", "net.py:Stopping", "--input", "3x8x8", "--to", "json").out


def test_an_option_of_another_format_is_refused(run: Run) -> None:
    done = run("export", "lenet5", "--depth", "2")
    assert done.code == 2
    assert "`--depth` says nothing to the format yaml" in done.err
    assert "it is for --to dot and --to mermaid" in done.err
    done = run("export", "lenet5", "--to", "json", "--node-data", "macs")
    assert "it is for --to model-explorer" in done.err


def test_a_network_with_problems_is_not_written(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "out.yaml"
    assert run("export", "tests/data/broken.yaml", "-o", str(path)).code != 0
    assert not path.exists()


@pytest.mark.parametrize("name", ["lenet5", "googlenet", "swin_t", "alexnet_x7"])
def test_json_is_as_published(run: Run, name: str) -> None:
    data = json.loads(run("export", name, "--to", "json").out)
    keeps(contract(run, "export"), data)


def test_json_of_a_layer(run: Run) -> None:
    """LeNet-5's first convolution: 6 maps of 5x5 windows, 25*6 + 6 parameters, 28x28 places."""
    data = json.loads(run("export", "tests/data/lenet.yaml", "--to", "json").out)
    (first, *_) = data["nodes"]
    assert first["path"] == "conv1"
    assert first["settings"] == {"out": 6, "kernel": [5, 5]}
    assert first["inputs"] == ["input"]
    assert first["output_shape"] == [6, 28, 28]
    assert first["weights"] == [
        {"name": "weight", "shape": [6, 1, 5, 5], "trainable": True},
        {"name": "bias", "shape": [6], "trainable": True},
    ]
    assert first["params"] == 156
    assert first["macs"] == 25 * 6 * 28 * 28
    assert first["source"] == {"file": "tests/data/lenet.yaml", "line": 5}
    assert data["outputs"] == ["fc5"]


def test_json_of_blocks_and_heads(run: Run) -> None:
    data = json.loads(run("export", "googlenet", "--to", "json").out)
    nodes = {node["path"]: node for node in data["nodes"]}
    assert nodes["inception3a.branch1.conv"]["blocks"][0] == {
        "path": "inception3a",
        "block": "inception",
    }
    assert nodes["aux1.fc1"]["aux"]
    assert not nodes["fc"]["aux"]


def test_json_of_a_module_is_as_published(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "net.py").write_text(CODE)
    data = json.loads(run("export", "net.py:Strange", "--input", "3x8x8", "--to", "json").out)
    keeps(contract(run, "export"), data)


def test_what_is_frozen_goes_along(run: Run) -> None:
    frozen = ("--freeze", "features.*", "--freeze", "classifier.0")
    spec = run("export", "vgg11", *frozen).out
    assert "  features:\n    frozen: true\n" in spec or "features: {frozen: true" in spec
    code = run("export", "vgg11", "--to", "torch", *frozen).out
    assert 'for name in ["features", "classifier.0"]:' in code
    layers = json.loads(run("export", "vgg11", "--to", "json", *frozen).out)["nodes"]
    found = {layer["path"]: layer["frozen"] for layer in layers if layer["frozen"]}
    assert found["classifier.0"] == ["bias", "weight"]
    assert "classifier.3" not in found
    assert run("export", "vgg11", "--freeze", "layer1").code == 2
