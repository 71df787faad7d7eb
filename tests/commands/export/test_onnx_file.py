"""An ONNX file of a network: what is refused, and what captured networks bring along."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import nn

from archprof.allowance import Allowance
from archprof.capturing.assemble import network as captured_network
from archprof.capturing.inputs import InputSpec
from archprof.commands.export import onnx_file
from archprof.commands.export.onnx_file import onnx_bytes
from archprof.graph.graph import Graph
from archprof.limits import Limits
from archprof.model import onnx_export
from archprof.model.capturing import capture
from archprof.problem import ProblemError
from tests.small import graph_of, whatever

SMALL = {"a": "op: conv2d, out: 3, kernel: 1", "b": "op: relu"}


@pytest.fixture
def small() -> Graph:
    return graph_of(SMALL, (3, 4, 4))


@pytest.fixture
def installed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is missing; what is written is paper."""
    monkeypatch.setattr(onnx_file, "NEEDED", ())
    monkeypatch.setattr(onnx_export, "written", lambda *given: repr(given[1:]).encode())


def lacking(missing: str) -> Callable[[str], Any]:
    def load(name: str) -> Any:
        if name == missing:
            raise ImportError(name=name)

    return load


@pytest.mark.parametrize("missing", ["torch", "onnx", "onnxscript"])
def test_what_is_not_installed_is_said_with_the_way_out(small: Graph, missing: str) -> None:
    with pytest.raises(ProblemError) as error:
        onnx_file._require(small, lacking(missing))
    (problem,) = error.value.problems
    assert problem.message == f"small: {missing} is not installed, and writing ONNX needs it"
    assert problem.hint == "pip install 'archprof[export]'"


@pytest.mark.usefixtures("installed")
def test_the_name_and_the_writer(small: Graph) -> None:
    import archprof

    text = onnx_bytes(small, weights=False).decode()
    assert text == f"('small', False, False, 'archprof {archprof.__version__}')"


@pytest.mark.usefixtures("installed")
def test_missing_weights_are_said(small: Graph) -> None:
    """The file of the weights is called as the network is, in letters that any system takes."""
    (note,) = onnx_file.onnx_file(small, weights=False, optimize=False).notes
    assert "refers to small.onnx.data, which is not written" in note
    assert "--weights" in note
    assert onnx_file.onnx_file(small, weights=True, optimize=False).notes == ()


@pytest.mark.usefixtures("installed")
def test_without_weights_there_is_nothing_to_fold(small: Graph) -> None:
    with pytest.raises(ProblemError, match="without them there are none"):
        onnx_bytes(small, weights=False, optimize=True)


@pytest.mark.usefixtures("installed")
def test_a_file_that_onnx_does_not_allow(small: Graph, monkeypatch: pytest.MonkeyPatch) -> None:
    # 3*3 weights and 3 biases of 4 bytes are 48
    monkeypatch.setattr(onnx_export, "LARGEST", 47)
    with pytest.raises(ProblemError, match="its weights are 48 bytes") as error:
        onnx_bytes(small)
    assert error.value.problems[0].hint == "export it without weights"
    onnx_bytes(small, weights=False)


@pytest.mark.usefixtures("installed")
def test_what_torch_refuses_is_a_problem(small: Graph, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Any) -> bytes:
        raise RuntimeError("no translation of aten::odd")

    monkeypatch.setattr(onnx_export, "written", refuse)
    with pytest.raises(ProblemError, match=r"small: torch\.onnx cannot export it: no translation"):
        onnx_bytes(small)


@pytest.mark.usefixtures("installed")
@pytest.mark.usefixtures("installed")
def test_a_factor_that_the_exporter_takes_for_another_is_refused() -> None:
    """Of 9 columns, 4.5 are 4: torch resizes by 1/2, and an ONNX file would have it by 4/9."""
    layer = "op: interpolate, factor: 0.5, mode: bilinear, antialias: true"
    with pytest.raises(ProblemError) as error:
        onnx_bytes(graph_of({"x": layer}, (3, 8, 9)))
    (problem,) = error.value.problems
    assert problem.message == (
        "small: `x` (interpolate): with antialiasing torch.onnx takes the factor for that of the"
        " sizes, rounded down"
    )
    assert onnx_bytes(graph_of({"x": layer}, (3, 8, 10)))
    assert onnx_bytes(graph_of({"x": layer.replace("factor: 0.5", "size: 4")}, (3, 8, 9)))


def test_torchs_time_is_not_counted(small: Graph, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(onnx_export, "written", lambda *_: str(allowance.started).encode())
    with Allowance(Limits(seconds=60), "export", alarm=False) as allowance:
        assert onnx_bytes(small) == b"None"
        assert allowance.started is not None


def test_a_network_with_problems_is_refused() -> None:
    graph = whatever({"one": "op: conv2d, out: 3, kernel: 9"}, (3, 4, 4))
    with pytest.raises(ProblemError, match="conv2d"):
        onnx_bytes(graph)


def test_a_spec_has_its_own_initialisation_from_seed_0(small: Graph) -> None:
    before = torch.random.get_rng_state()
    first, second = (onnx_export.of_graph(small, True) for _ in range(2))
    weights = [made.module.get_parameter("a.weight") for made in (first, second)]
    assert torch.equal(*weights)
    assert not first.module.training
    assert torch.equal(torch.random.get_rng_state(), before)
    assert onnx_export.of_graph(small, False).inputs[0].is_meta


def test_a_captured_module_has_its_own_weights() -> None:
    module = nn.Sequential(nn.Conv2d(3, 2, 1), nn.ReLU())
    tape = capture(module, (InputSpec("", (3, 4, 4)),), "own", "Own")
    graph = captured_network(tape, module).at_own_input()
    made = onnx_export.of_graph(graph, True)
    assert torch.equal(made.module.get_parameter("0.weight"), module[0].weight)  # type: ignore[arg-type]
    assert made.inputs[0].shape == (1, 3, 4, 4)
    assert onnx_export.of_graph(graph, False).module.get_parameter("0.weight").is_meta


def test_a_tape_has_no_module() -> None:
    tape = capture(nn.ReLU(), (InputSpec("", (3, 4, 4)),), "own", "Own")
    with pytest.raises(ProblemError, match="is a tape, which runs nothing"):
        onnx_export.of_graph(captured_network(tape).at_own_input(), True)
