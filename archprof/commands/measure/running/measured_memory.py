"""Measure the memory of a run: its tensors as they come and go, and what the allocator gave."""

from __future__ import annotations

import weakref
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple

import torch
from torch import Tensor, fx, nn
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

from archprof.commands.measure.on_device.clock import Run
from archprof.commands.measure.on_device.cuda_bytes import CudaBytes
from archprof.commands.measure.on_device.profiling import allocated
from archprof.commands.measure.on_device.resident import resident_bytes, resident_tensors
from archprof.model.compile import NODE

NOWHERE = -1
"""No graph node is at work: between the layers."""


class AliveBytes(NamedTuple):
    """Bytes alive at once, weights and input included, and when that was.

    `node` is the graph node at work, or whose gradient was; `part` is the part of the run.
    """

    bytes: int
    node: int
    part: str


class Traced(NamedTuple):
    """The memory of the tensors of a run.

    `peak`: the most ever. `between`: the most between layers, without what one makes for itself
    alone. `forward`: bytes alive at the end of the forward pass, its output and what autograd keeps
    included. `layers`: by graph node the most while at work.
    """

    peak: AliveBytes
    between: AliveBytes
    forward: int
    layers: dict[int, int]


class MeasuredMemory(NamedTuple):
    """The memory of a run, in bytes, weights and input included.

    `traced` are tensors alone; `allocated` is the allocator's most, with the scratch of kernels;
    `reserved` is what CUDA's allocator took from the device for the whole process. `requested` is
    the most that was requested of the allocator, which hands out whole blocks. `workspace` is what
    libraries keep for the process, no part of `allocated`: cuBLAS's own, made ahead of any network,
    and what the first run added. The last three are None on the CPU.
    """

    traced: Traced
    allocated: int
    reserved: int | None
    requested: int | None = None
    workspace: int | None = None

    @property
    def scratch(self) -> int:
        """Return by how much kernels raised the peak.

        Where nobody knows what was requested, the allocator's rounding is in it.
        """
        most = self.allocated if self.requested is None else self.requested
        return most - self.traced.peak.bytes

    @property
    def rounding(self) -> int | None:
        """Return by how much the allocator's blocks are larger than what was requested."""
        return None if self.requested is None else self.allocated - self.requested


Parts = Sequence[tuple[str, Run]]


def measure(
    parts: Parts,
    module: fx.GraphModule,
    images: Tensor,
    cuda: Any = None,
    before: CudaBytes | None = None,
    state: Callable[[], Iterable[Tensor]] = tuple,
    made: int | None = 0,
) -> MeasuredMemory:
    """Return the memory of one run, its `parts` in order: (name, what runs it).

    Each part calls the module on `images`, which must run eagerly: compiled or captured it has
    other tensors. `cuda` is torch.cuda, or what behaves like it, for images on such a device;
    `before` is then what was handed out ahead of this network, None for what is now. `state` gives
    what else is there after a first run, such as an optimizer's. `made`: of workspaces made ahead.
    """
    if cuda is None:
        return _on_cpu(parts, module, images, state)
    before = before or CudaBytes.now(cuda, images.device)
    added = _workspace(parts, module, images, cuda)
    workspace = None if made is None or added is None else made + added
    kept = list(state())
    traced = trace(parts, module, images, kept)
    own, reserved = peak(parts, module, images, cuda, before, kept)
    return MeasuredMemory(traced, own.allocated, reserved, own.requested, workspace)


def _on_cpu(
    parts: Parts,
    module: fx.GraphModule,
    images: Tensor,
    state: Callable[[], Iterable[Tensor]],
) -> MeasuredMemory:
    _run(parts)  # what the first run alone makes, such as gradients, is there from now on
    kept = list(state())
    traced = trace(parts, module, images, kept)
    # torch's profiler does not see the end of what began before it: the first of two runs makes
    # them anew
    module.zero_grad(set_to_none=True)
    before_run = resident_bytes(module, images, kept)

    def all_seen() -> None:
        for _ in range(2 if module.training else 1):
            _run(parts)

    return MeasuredMemory(traced, before_run + allocated(all_seen), None)


def peak(
    parts: Parts,
    module: nn.Module,
    images: Tensor,
    cuda: Any,
    before: CudaBytes,
    kept: Iterable[Tensor] = (),
) -> tuple[CudaBytes, int]:
    """Return the most that CUDA's allocator handed out for one run, and the most it reserved.

    The first is this network's own, `before` being what was handed out ahead of it; weights, input,
    the gradients of earlier runs and `kept` are included, libraries' workspaces are not. The second
    is of the whole process. An earlier run must have made what only a first run makes.
    """
    device = images.device
    before_run = resident_bytes(module, images, kept)
    cuda.synchronize(device)
    cuda.empty_cache()
    cuda.reset_peak_memory_stats(device)
    start = CudaBytes.now(cuda, device)  # other networks may lie there too
    _run(parts)
    cuda.synchronize(device)
    most, reserved = CudaBytes.most(cuda, device), int(cuda.max_memory_reserved(device))
    if most.requested is None or start.requested is None or before.requested is None:
        return CudaBytes(before_run + most.allocated - start.allocated, None), reserved
    requested = before_run + most.requested - start.requested
    rounding = (most.allocated - most.requested) - (before.allocated - before.requested)
    return CudaBytes(requested + rounding, requested), reserved


def _workspace(parts: Parts, module: fx.GraphModule, images: Tensor, cuda: Any) -> int | None:
    """Return the bytes of workspaces: what the first run keeps beyond the tensors it leaves.

    None where the allocator does not count what is requested.
    """
    live = _Live(resident_tensors(module, images), images.device)
    tensors, start = live.total, CudaBytes.now(cuda, images.device)
    with live:
        _run(parts)
    cuda.synchronize(images.device)
    end = CudaBytes.now(cuda, images.device)
    if start.requested is None or end.requested is None:
        return None
    return end.requested - start.requested - (live.total - tensors)


def _run(parts: Parts) -> None:
    for _, part in parts:
        part()


def trace(
    parts: Parts, module: fx.GraphModule, images: Tensor, kept: Iterable[Tensor] = ()
) -> Traced:
    """Follow every tensor of one run from the op that makes it to its end, by storage and layer.

    `kept` is there from before the run, besides weights and images.
    """
    live = _Live([*resident_tensors(module, images), *kept], images.device)
    forward = 0
    with live, _run_by(_Following(module, live), module):
        for name, part in parts:
            live.part = name
            part()
            live.settle(NOWHERE)
            forward = forward or live.total
    return Traced(live.peak, live.between, forward, live.layers)


class _Live(TorchDispatchMode):  # type: ignore[no-untyped-call]
    """Adds up a device's storages alive: those of the start, and of each tensor while in use."""

    def __init__(self, tensors: Iterable[Tensor], device: torch.device):
        super().__init__()  # type: ignore[no-untyped-call]
        self.device = device
        self.sizes: dict[int, int] = {}
        self.watched: dict[int, weakref.ref[torch.UntypedStorage]] = {}
        self.total, self.node, self.part = 0, NOWHERE, ""
        for tensor in tensors:
            self.add(tensor)
        self.peak = self.between = AliveBytes(self.total, NOWHERE, "")
        self.layers: dict[int, int] = {}

    def add(self, tensor: Tensor) -> None:
        if tensor.device != self.device:
            return  # as the seed and offset of random numbers that CUDA's attention has on the host
        storage = tensor.untyped_storage()
        key = storage._cdata
        if key not in self.sizes:
            self.sizes[key] = storage.nbytes()
            self.total += self.sizes[key]
            # torch keeps a storage's Python object as long as the storage
            self.watched[key] = weakref.ref(storage, lambda _: self.drop(key))

    def drop(self, key: int) -> None:
        self.total -= self.sizes.pop(key)
        del self.watched[key]

    def settle(self, node: int) -> None:
        """Note that the layer at work is done, and `node` is next."""
        self._note()
        if self.total > self.between.bytes:
            self.between = AliveBytes(self.total, self.node, self.part)
        self.node = node

    def _note(self) -> None:
        if self.node != NOWHERE:
            self.layers[self.node] = max(self.total, self.layers.get(self.node, 0))
        if self.total > self.peak.bytes:
            self.peak = AliveBytes(self.total, self.node, self.part)

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        result = func(*args, **(kwargs or {}))
        for leaf in tree_leaves(result):
            if isinstance(leaf, Tensor):
                self.add(leaf)
        self._note()
        return result


class _Following(fx.Interpreter):
    """Runs the graph and notes which node is at work, forward and, with gradients, backward."""

    def __init__(self, module: fx.GraphModule, live: _Live):
        super().__init__(module)
        self.live = live

    def run(self, *args: Any, **kwargs: Any) -> Any:
        gradients = torch.is_grad_enabled()
        # in inference mode what torch composes of several ops would come as one, and hide the
        # tensors between them
        with torch.inference_mode(False), torch.set_grad_enabled(gradients):
            result = super().run(*args, **kwargs)
        self.env = {}  # where the result would stay, and autograd's graph with it
        return result

    def run_node(self, n: fx.Node) -> Any:
        node = n.meta.get(NODE, NOWHERE)
        self.live.node = node
        result = super().run_node(n)
        self.live.settle(NOWHERE)
        if isinstance(result, Tensor) and result.requires_grad and node != NOWHERE:
            # a hook that knew the interpreter would keep it: autograd's graph is not searched
            live = self.live
            result.register_hook(lambda gradient: live.settle(node))  # type: ignore[no-untyped-call]
        return result


@contextmanager
def _run_by(interpreter: fx.Interpreter, module: fx.GraphModule) -> Iterator[None]:
    """Let calls of the module run the interpreter."""
    module.forward = interpreter.run
    try:
        yield
    finally:
        del module.forward
