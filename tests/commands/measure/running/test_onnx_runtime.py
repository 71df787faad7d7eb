"""ONNX Runtime: what is missing is said, the device that was asked for and no other, memory that
is bound and not copied; on paper, and where the packages are installed in truth.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import metadata
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import torch
from packaging.version import Version
from torch import Tensor, nn

import archprof
from archprof.commands.measure.running import onnx_runtime
from archprof.commands.measure.running.onnx_runtime import CPU, CUDA, Settings, forward, runtime
from archprof.commands.measure.running.workload import Case, prepare
from archprof.problem import ProblemError

HERE, THERE = torch.device("cpu"), torch.device("cuda", 1)
SETTINGS = Settings(tf32=False, threads=3, search=True, deterministic=False)


class PaperBinding:
    def __init__(self) -> None:
        self.inputs: dict[str, dict[str, Any]] = {}
        self.outputs: dict[str, dict[str, Any]] = {}

    def bind_input(self, name: str, **about: Any) -> None:
        self.inputs[name] = about

    def bind_output(self, name: str, **about: Any) -> None:
        self.outputs[name] = about


class PaperSession:
    """An InferenceSession of a network with one input and so many outputs, 2×10 each."""

    def __init__(self, path: Path, options: Any, providers: list[Any], outputs: int = 1) -> None:
        self.options, self.asked = options, providers
        self.names = [f"y{i}" for i in range(outputs)]
        self.binding = PaperBinding()
        self.runs: list[PaperBinding] = []
        first = providers[0]
        self.loaded = [first if isinstance(first, str) else first[0]]

    def get_providers(self) -> list[str]:
        return self.loaded

    def get_inputs(self) -> list[SimpleNamespace]:
        return [SimpleNamespace(name="x")]

    def get_outputs(self) -> list[SimpleNamespace]:
        return [
            SimpleNamespace(name=name, shape=[2, 10], type="tensor(float)") for name in self.names
        ]

    def io_binding(self) -> PaperBinding:
        return self.binding

    def run_with_iobinding(self, binding: PaperBinding) -> None:
        self.runs.append(binding)


class PaperOptions(SimpleNamespace):
    def __init__(self) -> None:
        super().__init__(entries={})

    def add_session_config_entry(self, name: str, value: str) -> None:
        self.entries[name] = value


class PaperRuntime(SimpleNamespace):
    """The module onnxruntime; `session` is the last session."""

    def __init__(self, outputs: int = 1, providers: tuple[str, ...] = (CPU,)) -> None:
        super().__init__(__version__="1.32", SessionOptions=PaperOptions, session=None)
        self.outputs, self.providers = outputs, providers

    def get_available_providers(self) -> list[str]:
        return list(self.providers)

    def InferenceSession(self, path: Path, options: Any, providers: list[Any]) -> PaperSession:
        self.session = PaperSession(path, options, providers, self.outputs)
        return self.session


@pytest.fixture
def exported(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """Nothing is exported; what torch was asked for is noted."""
    found: list[dict[str, Any]] = []
    monkeypatch.setattr(torch.onnx, "export", lambda *_, **given: found.append(given))
    return found


def importing(*missing: str, found: Any = None) -> Callable[[str], Any]:
    def load(name: str) -> Any:
        if name in missing:
            raise ImportError(name=name)
        return found if name == "onnxruntime" else object()

    return load


@pytest.mark.parametrize("missing", ["onnx", "onnxscript", "onnxruntime"])
@pytest.mark.parametrize(("device", "package"), [(HERE, "onnxruntime"), (THERE, "onnxruntime-gpu")])
def test_what_is_not_installed_is_said(missing: str, device: torch.device, package: str) -> None:
    with pytest.raises(ProblemError) as error:
        runtime(device, importing(missing))
    (problem,) = error.value.problems
    assert problem.message.startswith(f"{missing} is not installed, and mode onnxruntime")
    assert problem.hint == f"pip install onnx onnxscript {package}"


def test_a_runtime_without_the_device_is_refused() -> None:
    """It would run on the CPU, and say so only in a warning."""
    load = importing(found=PaperRuntime())
    with pytest.raises(ProblemError, match=r"this onnxruntime 1\.32 has no CUDAExecutionProvider"):
        runtime(THERE, load)
    runtime(HERE, load)
    runtime(THERE, importing(found=PaperRuntime(providers=(CUDA, CPU))))


def test_memory_is_bound_where_it_lies(exported: list[dict[str, Any]]) -> None:
    ort, image = PaperRuntime(), torch.randn(2, 3)
    result = forward(nn.ReLU(), image, SETTINGS, ort)()
    session = ort.session
    about = {"device_type": "cpu", "device_id": 0, "element_type": 1}  # 1: FLOAT of onnx.proto
    assert session.binding.inputs == {
        "x": about | {"shape": (2, 3), "buffer_ptr": image.data_ptr()}
    }
    assert session.binding.outputs == {
        "y0": about | {"shape": (2, 10), "buffer_ptr": result.data_ptr()}
    }
    assert session.runs == [session.binding]
    assert exported == [{"dynamo": True, "verbose": False, "optimize": True}]


def test_several_outputs_are_a_tuple(exported: list[dict[str, Any]]) -> None:
    found = forward(nn.ReLU(), torch.randn(2, 3), SETTINGS, PaperRuntime(outputs=2))()
    assert [tuple(one.shape) for one in found] == [(2, 10), (2, 10)]


def test_half_precision_has_its_number(exported: list[dict[str, Any]]) -> None:
    ort = PaperRuntime()
    forward(nn.ReLU(), torch.randn(2, 3).half(), SETTINGS, ort)
    assert ort.session.binding.inputs["x"]["element_type"] == 10  # FLOAT16 of onnx.proto


def test_the_cpu_has_torchs_threads(exported: list[dict[str, Any]]) -> None:
    ort = PaperRuntime()
    forward(nn.ReLU(), torch.randn(2, 3), SETTINGS, ort)
    session = ort.session
    assert session.asked == [CPU]
    assert session.options.intra_op_num_threads == 3
    assert session.options.use_deterministic_compute is False
    assert session.options.entries == {}


@pytest.mark.parametrize(
    ("settings", "tf32", "search"),
    [
        (SETTINGS, "0", "EXHAUSTIVE"),
        (SETTINGS._replace(tf32=True, search=False), "1", "HEURISTIC"),
    ],
)
def test_a_device_has_torchs_flags_and_no_cpu_beside_it(
    settings: Settings, tf32: str, search: str
) -> None:
    ort = PaperRuntime()
    onnx_runtime._session(Path("x"), THERE, settings, ort)
    assert ort.session.asked == [
        (CUDA, {"device_id": "1", "use_tf32": tf32, "cudnn_conv_algo_search": search})
    ]
    assert ort.session.options.entries == {"session.disable_cpu_ep_fallback": "1"}


def test_a_device_that_is_not_loaded_is_no_cpu_run(exported: list[dict[str, Any]]) -> None:
    ort = PaperRuntime()
    ort.InferenceSession = lambda *_, **__: SimpleNamespace(get_providers=lambda: ["Other"])
    with pytest.raises(RuntimeError, match="ONNX Runtime cannot load CPUExecutionProvider"):
        forward(nn.ReLU(), torch.randn(2, 3), SETTINGS, ort)


class Refusal(Exception):
    """Of a class of its own, as ONNX Runtime's are."""


def test_what_it_refuses_is_a_row_that_failed(exported: list[dict[str, Any]]) -> None:
    def refuse(*_: Any, **__: Any) -> None:
        raise Refusal("no kernel for node_conv2d")

    ort = PaperRuntime()
    ort.InferenceSession = refuse
    with pytest.raises(RuntimeError, match=r"^ONNX Runtime: no kernel for node_conv2d$"):
        forward(nn.ReLU(), torch.randn(2, 3), SETTINGS, ort)
    ort = PaperRuntime()
    run = forward(nn.ReLU(), torch.randn(2, 3), SETTINGS, ort)
    ort.session.run_with_iobinding = refuse
    with pytest.raises(RuntimeError, match=r"^ONNX Runtime: no kernel"):
        run()


def test_what_cannot_be_exported_is_a_row_that_failed(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Any, **__: Any) -> None:
        raise Refusal("cannot translate aten::x")

    monkeypatch.setattr(torch.onnx, "export", refuse)
    with pytest.raises(RuntimeError, match=r"^torch\.onnx: cannot translate"):
        forward(nn.ReLU(), torch.randn(2, 3), SETTINGS, PaperRuntime())


def test_training_is_refused() -> None:
    case = Case(archprof.load("tests/data/lenet.yaml").graph, mode="onnxruntime", train=True)
    with pytest.raises(ValueError, match="inference only"):
        prepare(case, HERE)


@pytest.mark.parametrize(("dtype", "close"), [("float32", 1e-5), ("float16", 1e-2)])
def test_outputs_are_those_of_torch(dtype: str, close: float) -> None:
    """And follow the input: the session reads it where it lies."""
    for name in onnx_runtime.NEEDED:
        pytest.importorskip(name)
    if Version(metadata.version("torch")) < Version("2.13"):
        pytest.skip("another exporter")
    graph = archprof.load("tests/data/lenet.yaml").graph
    workload = prepare(Case(graph, 2, dtype, mode="onnxruntime"), HERE)
    assert workload.compile_s is not None
    assert workload.compile_s > 0
    for _ in range(2):
        workload.input.normal_()
        found = workload.runs[0]()
        assert isinstance(found, Tensor)
        assert torch.allclose(found, workload.module(workload.input), atol=close)
