"""What users name, to networks: specs as ever, and what is captured."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from archprof.capturing.origin import CapturedNetwork
from archprof.language.network import Network
from archprof.problem import ProblemError
from archprof.targets import adjusted, changed, graph_of, one_input, source
from tests.command_line import Run
from tests.tapes import recorded_text

pytestmark = pytest.mark.filterwarnings("ignore")


@pytest.fixture
def tape(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "net.tape.json").write_text(recorded_text(), encoding="utf-8")
    return "net.tape.json"


def refused(text: str, *given: Any, **more: Any) -> str:
    with pytest.raises(ProblemError) as error:
        source(text, *given, **more)
    return str(error.value)


def test_specs_are_specs(tmp_path: Path) -> None:
    found = source("resnet18", ["3x64x64"], ["depths=[1,1,1,1]"])
    assert isinstance(found, Network)
    assert graph_of(found).input == (3, 64, 64)
    assert source("resnet18") == adjusted(source("resnet18"), None, None)
    path = tmp_path / "net.yaml"
    path.write_text(
        "name: net\ninput: 3x8x8\nlayers: {a: {op: relu}}\nvariants: {b: {}}\n", encoding="utf-8"
    )
    assert source(f"{path}:b").name == "b"


@pytest.mark.parametrize(
    "text",
    ["", ":", "--x", "a\0:b", "..:x", "x" * 5000 + ":y z", "ü:x y", "\u202e", "no_such_network"],
)
def test_texts_that_name_nothing(text: str) -> None:
    assert refused(text)


def test_python_without_a_name() -> None:
    assert "model.py:NAME" in refused("model.py")


@pytest.mark.parametrize(
    "text", ["HEAD:model.py:Net", "main:nets/model.py:Net", "HEAD~1:model.py:Net"]
)
def test_code_at_a_revision_is_for_diff(text: str) -> None:
    revision, _, rest = text.partition(":")
    said = refused(text)
    assert f"it is code at the git revision {revision}, which only `diff` captures" in said
    assert f"archprof diff --base {revision} {rest}" in said


@pytest.mark.usefixtures("code")
def test_a_mistaken_argument_is_called_an_argument() -> None:
    said = refused("model.py:Configured", None, ["depth"])
    assert "--arg: error: 'depth', expected NAME=VALUE" in said
    assert "for instance --arg depths=[3,4,23,3]" in said
    assert "--arg depth:1:1" in refused("model.py:Configured", None, ["depth=[3"])


@pytest.mark.parametrize("name", ["net.json", "a.b.json"])
def test_a_tape_by_another_name(tape: str, name: str) -> None:
    """A .json file that begins as a tape does is one; any other may be a spec."""
    Path(tape).rename(name)
    assert isinstance(source(name), CapturedNetwork)
    Path(name).write_text('{"name": "net", "input": "3x8x8", "layers": {"a": {"op": "relu"}}}')
    assert isinstance(source(name), Network)


def test_a_tape_has_its_inputs(tape: str) -> None:
    found = source(tape)
    assert isinstance(found, CapturedNetwork)
    assert graph_of(found).input == (3, 6, 6)
    assert "a tape has its inputs" in refused(tape, ["3x8x8"])
    assert "a tape has its inputs" in refused(tape, None, ["depth=3"])
    assert "not a module that has submodules" in refused(tape, submodule="conv")
    with pytest.raises(ProblemError):
        changed(found, {}, (3, 8, 8))
    assert changed(found, {}, None) is found


@pytest.mark.usefixtures("code")
def test_a_module_is_captured_again_with_what_is_changed() -> None:
    found = source("model.py:Small", ["3x8x8"], ["depth=1"])
    other = changed(found, {"width": 4}, (3, 4, 4))
    graph = graph_of(other)
    assert graph.input == (3, 4, 4)
    # stem 3 to 4 by 3x3, one body layer 4 to 4, head 4 to 10
    assert sum(node.params for node in graph.nodes) == (3 * 9 * 4 + 4) + (4 * 4 + 4) + (40 + 10)


def test_one_input_at_most() -> None:
    assert one_input(None) is None
    assert one_input(["3x4x5"]) == (3, 4, 5)
    with pytest.raises(ProblemError, match="found 2 inputs, expected one"):
        one_input(["3x4x5", "3x4x5"])


def test_commands_of_one_input_say_so(run: Run) -> None:
    done = run("summary", "resnet18", "--input", "3x8x8", "--input", "3x9x9")
    assert done.code == 2
    assert "found 2 inputs" in done.err


@pytest.mark.parametrize(
    "words",
    [
        ["summary", "net.py:build", "--input", "1x8x8"],
        ["compare", "lenet5", "net.py:build", "--input", "1x32x32"],
        ["export", "lenet5", "--to", "onnx", "-o", "lenet5.onnx"],
    ],
)
def test_the_memory_of_torch_is_not_the_networks(words: list[str], tmp_path: Path) -> None:
    """Its import takes 220 MB on a CPU, and more than a run may have where it has CUDA."""
    text = "import torch\ndef build():\n    return torch.nn.Conv2d(1, 4, 3)\n"
    (tmp_path / "net.py").write_text(text, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "archprof", *words],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        env=os.environ | {"ARCHPROF_LIMITS": "megabytes=120"},
        check=False,
    )
    assert (done.returncode, "memory" in done.stderr) == (0, False), done.stderr
