"""A network to run: its inputs, its mode, the parts of a training step, the copies around it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager, nullcontext
from typing import Any, NamedTuple

import torch
from torch import Tensor, fx, nn

from archprof.commands.measure.on_device.clock import Run
from archprof.commands.measure.running import compiling, float8, onnx_runtime
from archprof.commands.measure.running.optimizers import Stepping, stepping
from archprof.graph.graph import Graph
from archprof.model.captured_module import first_input, module_for

DTYPES = {
    "float32": torch.float32,
    "tf32": torch.float32,
    "float16": torch.float16,
    "bfloat16": torch.bfloat16,
    "float8": torch.bfloat16,
}
"""By the name on the command line.

tf32 is float32 in memory, with the rounding of the matrix units, which `torch_device.applied`
allows. float8 is bfloat16, but for the products of linear layers (`float8.py`).
"""

MEMORY_FORMATS = {"contiguous": torch.contiguous_format, "channels_last": torch.channels_last}
COMPILED = (*compiling.MODES, onnx_runtime.MODE)
"""The modes that run other code than the layers', made in the first run."""

TRAINING = ("forward", "backward", "step")
"""The parts of a training step."""

SEED = 0


class Case(NamedTuple):
    """A network to run, and the conditions."""

    graph: Graph
    batch: int = 1
    dtype: str = "float32"
    memory_format: str = "contiguous"
    mode: str = "eager"
    train: bool = False
    autocast: bool = False
    optimizer: str = "sgd"

    @property
    def storage_dtype(self) -> str:
        """Return the dtype that weights have in memory, from which bytes follow.

        With autocast the layers' outputs have another one: the op decides which.
        """
        if self.dtype == "tf32" or self.autocast:
            return "float32"
        return "bfloat16" if self.dtype == "float8" else self.dtype

    @property
    def predictable(self) -> bool:
        """Return whether all tensors have the storage dtype, so that memory can be predicted."""
        return not self.autocast and self.dtype != "float8"


Parts = tuple[tuple[str, Run], ...]


def _nothing() -> list[Tensor]:
    return []


class Workload(NamedTuple):
    """A network ready to run.

    `parts` in order are one run, each with its name: the forward pass, or forward, backward and
    step. `input` is random, N×C×H×W. `compile_s` are the seconds from the beginning of the first
    run of something compiled to its end, None elsewhere. `float8_macs` are those of a pass that run
    in float8, None in other dtypes. `state` gives the tensors of the
    optimizer, which are there once it has stepped. `upload` copies the input to the device,
    `download` the outputs from it, where these are asked for (`copies.transferring`).
    """

    parts: Parts
    module: fx.GraphModule
    input: Tensor
    compile_s: float | None = None
    float8_macs: int | None = None
    state: Callable[[], Iterable[Tensor]] = _nothing
    upload: Run | None = None
    download: Run | None = None

    @property
    def runs(self) -> list[Run]:
        return [run for _, run in self.parts]


def prepare(case: Case, device: torch.device | str) -> Workload:
    """Return the network on the device, ready to run; mode graph is eager until it is `captured`.

    Inference is in evaluation mode without autograd. Training has dropout, batch statistics and
    auxiliary heads, goes back from a random gradient of every output that something trained leads
    to (no loss), and steps with the case's optimizer. What compiles has been run once. Raises
    ProblemError where the graph has problems or ONNX Runtime is missing, ValueError for a training
    step of ONNX Runtime and where float8 has nothing to multiply, and what torch raises where it
    cannot run.
    """
    torch.manual_seed(SEED)
    device = torch.device(device)
    dtype, memory_format = DTYPES[case.storage_dtype], MEMORY_FORMATS[case.memory_format]
    module = module_for(case.graph, case.batch, device, case.train).to(dtype=dtype)
    image = first_input(case.graph, case.batch, device, dtype)
    if image.dim() == 4:
        module = module.to(memory_format=memory_format)
        image = image.contiguous(memory_format=memory_format)
    if case.mode == onnx_runtime.MODE:
        return _by_onnx(case, module, image)
    float8_macs = None
    if case.dtype == "float8":
        module.eval().requires_grad_(False)
        float8_macs = float8.convert(module, image)
    called = compiling.called(module, case.mode)
    if case.train:
        module.train()
        steps = _steps(case, module, device)
        parts = _training(called, image, _casting(case, device), steps)
        workload = Workload(parts, module, image, state=steps.state)
    else:
        module.eval().requires_grad_(False)
        parts = _inference(called, image, _casting(case, device))
        workload = Workload(parts, module, image, float8_macs=float8_macs)
    if case.mode in compiling.MODES:
        return workload._replace(compile_s=compiling.first_run(workload.runs, device))
    return workload


Casting = Callable[[], AbstractContextManager[object]]


def _casting(case: Case, device: torch.device) -> Casting:
    """Return what the forward pass runs under: autocast, or nothing."""
    if not case.autocast:
        return nullcontext
    # a graph's copies of weights must be made by its own replay, not be those of an earlier run
    kept = case.mode != "graph"
    return lambda: torch.autocast(device.type, DTYPES[case.dtype], cache_enabled=kept)


def _steps(case: Case, module: nn.Module, device: torch.device) -> Stepping:
    """Return the optimizer of the case, in float16 autocast with a GradScaler, as in practice."""
    return stepping(
        case.optimizer,
        module.parameters(),
        device,
        captured=case.mode == "graph",
        scaled=case.autocast and case.dtype == "float16",
    )


def _by_onnx(case: Case, module: fx.GraphModule, image: Tensor) -> Workload:
    """Return the network in ONNX Runtime, run once: `compile_s` has the export and the session."""
    if case.train:
        raise ValueError("ONNX Runtime runs inference only")
    runtime = onnx_runtime.runtime(image.device)
    module.eval().requires_grad_(False)
    settings = onnx_runtime.Settings.of_torch(case.dtype == "tf32")
    begun = time.perf_counter()
    run = onnx_runtime.forward(module, image, settings, runtime)
    run()  # waits for the device
    seconds = time.perf_counter() - begun
    return Workload((("forward", run),), module, image, compile_s=seconds)


def _inference(called: Callable[[Tensor], Any], image: Tensor, casting: Casting) -> Parts:
    def forward() -> Any:
        with torch.inference_mode(), casting():
            return called(image)

    return (("forward", forward),)


def _training(
    called: Callable[[Tensor], Any], image: Tensor, casting: Casting, steps: Stepping
) -> Parts:
    outputs: list[Tensor] = []
    gradients: list[Tensor] = []

    def forward() -> None:
        with casting():
            found = called(image)
        given = found if isinstance(found, tuple) else (found,)
        outputs[:] = [output for output in given if output.requires_grad]

    def backward() -> None:
        if not gradients:
            gradients.extend(torch.randn_like(output) for output in outputs)
        steps.clear()
        torch.autograd.backward(outputs, gradients)
        outputs.clear()  # what autograd kept goes with its graph

    return tuple(zip(TRAINING, (forward, backward, steps.step), strict=True))
