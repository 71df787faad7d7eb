"""A network to run: its inputs, its mode (eager, graph, compile), the parts of a training step."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

import torch
from torch import Tensor, fx, nn

from archprof.commands.measure.clock import Run
from archprof.graph.graph import Graph
from archprof.model.compile import build

DTYPES = {
    "float32": torch.float32,
    "tf32": torch.float32,
    "float16": torch.float16,
    "bfloat16": torch.bfloat16,
}
"""By the name on the command line.

tf32 is float32 in memory, with the rounding of the matrix units, which `torch_device.applied`
allows.
"""

MEMORY_FORMATS = {"contiguous": torch.contiguous_format, "channels_last": torch.channels_last}
MODES = ("eager", "graph", "compile")
TRAINING = ("forward", "backward", "step")
"""The parts of a training step."""

WARM_CAPTURE = 3  # runs on a side stream first, as torch's documentation of CUDA graphs says
LEARNING_RATE = 1e-6  # any rate costs the same; with this one weights stay ordinary numbers
SEED = 0


class Case(NamedTuple):
    """A network to run, and the conditions."""

    graph: Graph
    batch: int = 1
    dtype: str = "float32"
    memory_format: str = "contiguous"
    mode: str = "eager"
    train: bool = False

    @property
    def storage_dtype(self) -> str:
        """Return the dtype that tensors have in memory, from which bytes follow."""
        return "float32" if self.dtype == "tf32" else self.dtype


Parts = tuple[tuple[str, Run], ...]


class Workload(NamedTuple):
    """A network ready to run.

    `parts` in order are one run, each with its name: the forward pass, or forward, backward and
    step. `input` is random, N×C×H×W.
    """

    parts: Parts
    module: fx.GraphModule
    input: Tensor

    @property
    def runs(self) -> list[Run]:
        return [run for _, run in self.parts]


def prepare(case: Case, device: torch.device | str) -> Workload:
    """Return the network on the device, ready to run; mode graph is eager until it is `captured`.

    Inference is in evaluation mode without autograd. Training has dropout, batch statistics and
    auxiliary heads, goes back from a random gradient of every output (no loss), and steps with
    plain SGD. Raises ProblemError where the graph has problems, and what torch raises where it
    cannot run.
    """
    torch.manual_seed(SEED)
    dtype, memory_format = DTYPES[case.dtype], MEMORY_FORMATS[case.memory_format]
    module = build(case.graph, aux_heads=case.train, device=device).to(dtype=dtype)
    image = torch.randn(case.batch, *case.graph.input, device=device, dtype=dtype)
    if image.dim() == 4:
        module = module.to(memory_format=memory_format)  # type: ignore[call-overload]
        image = image.contiguous(memory_format=memory_format)
    called = torch.compile(module, dynamic=False) if case.mode == "compile" else module
    if case.train:
        parts = _training(module.train(), called, image)
    else:
        parts = _inference(module.eval().requires_grad_(False), called, image)
    return Workload(parts, module, image)


def _inference(module: nn.Module, called: Callable[[Tensor], Any], image: Tensor) -> Parts:
    def forward() -> Any:
        with torch.inference_mode():
            return called(image)

    return (("forward", forward),)


def _training(module: nn.Module, called: Callable[[Tensor], Any], image: Tensor) -> Parts:
    optimizer = torch.optim.SGD(module.parameters(), lr=LEARNING_RATE)
    outputs: list[Tensor] = []
    gradients: list[Tensor] = []

    def forward() -> None:
        found = called(image)
        outputs[:] = found if isinstance(found, tuple) else (found,)

    def backward() -> None:
        if not gradients:
            gradients.extend(torch.randn_like(output) for output in outputs)
        optimizer.zero_grad(set_to_none=True)
        torch.autograd.backward(outputs, gradients)
        outputs.clear()  # what autograd kept goes with its graph

    def step() -> None:
        optimizer.step()

    return tuple(zip(TRAINING, (forward, backward, step), strict=True))


class CaptureError(RuntimeError):
    """Something cannot be captured as a CUDA graph, and the process is spoilt.

    torch's allocator goes on believing that the capture runs, so that emptying its cache raises.
    """


@dataclass(frozen=True)
class Replay:
    """A captured part: calling it queues its graph with one launch.

    `results` must outlive the capture: their memory is the pool's.
    """

    graph: Any
    results: tuple[object, ...]

    def __call__(self) -> None:
        self.graph.replay()


def captured(workload: Workload, device: torch.device, cuda: Any = torch.cuda) -> Workload:
    """Return the same work with each part as a CUDA graph.

    The graphs share a pool of memory, because each part reads what the one before left; replay them
    in order. `cuda` is torch.cuda or what behaves like it. Raises CaptureError where something
    cannot be captured, and what torch raises where it cannot run at all.
    """
    side = cuda.Stream(device)
    side.wait_stream(cuda.current_stream(device))
    with cuda.stream(side):
        # workspaces, tuning and first gradients must not happen under capture
        for _ in range(WARM_CAPTURE):
            for run in workload.runs:
                run()
    cuda.current_stream(device).wait_stream(side)
    pool = cuda.graph_pool_handle()
    parts: list[tuple[str, Run]] = []
    for name, run in workload.parts:
        parts.append((name, _captured_part(run, pool, device, cuda)))
    return workload._replace(parts=tuple(parts))


def _captured_part(run: Run, pool: Any, device: torch.device, cuda: Any) -> Replay:
    stream = cuda.current_stream(device)
    graph = cuda.CUDAGraph()
    try:
        with cuda.graph(graph, pool=pool):
            result = run()
    except RuntimeError as error:
        # where the end of a capture fails, torch leaves the capture's stream current
        cuda.set_stream(stream)
        raise CaptureError(f"cannot be captured as a CUDA graph: {_cause(error)}") from error
    return Replay(graph, (result,))


def _cause(error: BaseException) -> str:
    """Return the words of what went wrong first: the end of a capture only says that it failed."""
    while isinstance(error.__context__, RuntimeError):
        error = error.__context__
    return next(iter(str(error).strip().splitlines()), type(error).__name__)
