"""A network in ONNX Runtime: exported by torch, run on the requested device, not timed
with copies.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn

from archprof.commands.measure.on_device.clock import Run
from archprof.model.onnx_export import program
from archprof.problem import Mark, ProblemError

MODE = "onnxruntime"
CUDA, CPU = "CUDAExecutionProvider", "CPUExecutionProvider"
NEEDED = ("onnx", "onnxscript", "onnxruntime")

ELEMENTS = {"tensor(float)": torch.float32, "tensor(float16)": torch.float16}
"""torch's dtype of an output by the type that ONNX Runtime says."""

NUMBERS = {torch.float32: 1, torch.float16: 10, torch.bfloat16: 16}
"""Of `onnx.TensorProto.DataType`: numpy has no name for bfloat16."""


def runtime(device: torch.device, load: Any = import_module) -> Any:
    """Return the module onnxruntime.

    Raises ProblemError where it, or what torch's exporter needs, is not installed, and where it
    was built without the device.
    """
    on_cuda = device.type == "cuda"
    package = "onnxruntime-gpu" if on_cuda else "onnxruntime"
    for name in NEEDED:
        try:
            found = load(name)
        except ImportError:
            raise ProblemError.of(
                Mark("--mode"),
                "mode",
                f"{name} is not installed, and mode {MODE} exports the network and runs it there",
                f"pip install onnx onnxscript {package}",
            ) from None
    if on_cuda and CUDA not in found.get_available_providers():
        raise ProblemError.of(
            Mark("--mode"),
            "mode",
            f"this onnxruntime {found.__version__} has no {CUDA}, and the CPU would run instead",
            "pip uninstall onnxruntime; pip install onnxruntime-gpu; or --device cpu",
        )
    return found


class Settings(NamedTuple):
    """torch's flags that ONNX Runtime has too: `search` is cuDNN's benchmark."""

    tf32: bool
    threads: int
    search: bool
    deterministic: bool

    @classmethod
    def of_torch(cls, tf32: bool) -> Settings:
        """Return the flags as torch has them now; TF32 follows from the dtype."""
        return cls(
            tf32,
            torch.get_num_threads(),
            torch.backends.cudnn.benchmark,
            torch.are_deterministic_algorithms_enabled(),
        )


def forward(module: nn.Module, image: Tensor, settings: Settings, ort: Any) -> Run:
    """Return what runs the module on the image in ONNX Runtime, outputs in the image's memory.

    Input and outputs are bound where they lie, so that a run copies nothing. A run waits for the
    device, as ONNX Runtime's do. `ort` is the module onnxruntime. Raises RuntimeError where the
    network cannot be exported, and where a layer of it has no kernel on the device: nothing is
    left to the CPU.
    """
    with _errors("torch.onnx"), tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "network.onnx"
        program(module, (image,), path)
        with _errors("ONNX Runtime"):
            session = _session(path, image.device, settings, ort)
    wanted = CUDA if image.is_cuda else CPU
    if session.get_providers()[0] != wanted:
        raise RuntimeError(f"ONNX Runtime cannot load {wanted}: its libraries are missing")
    with torch.inference_mode():
        results = [
            torch.empty(tuple(output.shape), dtype=_dtype(output, image), device=image.device)
            for output in session.get_outputs()
        ]
    binding = session.io_binding()
    _bind(binding.bind_input, session.get_inputs()[0].name, image)
    for output, result in zip(session.get_outputs(), results, strict=True):
        _bind(binding.bind_output, output.name, result)
    if image.is_cuda:
        torch.cuda.synchronize(image.device)  # the session has a stream of its own

    def run() -> Any:
        with _errors("ONNX Runtime"):
            session.run_with_iobinding(binding)
        return results[0] if len(results) == 1 else tuple(results)

    return run


def _session(path: Path, device: torch.device, settings: Settings, ort: Any) -> Any:
    options = ort.SessionOptions()
    options.intra_op_num_threads = settings.threads
    options.use_deterministic_compute = settings.deterministic
    options.log_severity_level = 3  # errors; what it warns of is asked for afterwards
    if device.type != "cuda":
        return ort.InferenceSession(path, options, providers=[CPU])
    options.add_session_config_entry("session.disable_cpu_ep_fallback", "1")
    cuda = {
        "device_id": str(device.index or 0),
        "use_tf32": "1" if settings.tf32 else "0",  # its own default is 1
        "cudnn_conv_algo_search": "EXHAUSTIVE" if settings.search else "HEURISTIC",
    }
    return ort.InferenceSession(path, options, providers=[(CUDA, cuda)])


def _dtype(output: Any, image: Tensor) -> torch.dtype:
    return ELEMENTS.get(output.type, image.dtype)


def _bind(bind: Any, name: str, tensor: Tensor) -> None:
    """Bind a tensor's memory; it must stay alive as long as the binding."""
    device = tensor.device
    bind(
        name=name,
        device_type=device.type,
        device_id=device.index or 0,
        element_type=NUMBERS[tensor.dtype],
        shape=tuple(tensor.shape),
        buffer_ptr=tensor.data_ptr(),
    )


@contextmanager
def _errors(where: str) -> Iterator[None]:
    """Let what fails be a RuntimeError: both raise classes of their own, which share nothing."""
    try:
        yield
    except RuntimeError:
        raise
    except Exception as error:
        raise RuntimeError(f"{where}: {error}") from error
