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

from archprof.commands.measure.clock import Run
from archprof.commands.measure.profiling import allocated
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

    `peak`: the most at any moment. `between`: the most between layers, without what a layer makes
    for itself alone. `forward`: bytes alive at the end of the forward pass, its output and what
    autograd keeps included. `layers`: by graph node the most bytes while it was at work.
    """

    peak: AliveBytes
    between: AliveBytes
    forward: int
    layers: dict[int, int]


class MeasuredMemory(NamedTuple):
    """The memory of a run, in bytes, weights and input included.

    `traced` are tensors alone; `allocated` is the allocator's most, with the scratch of kernels;
    `reserved` is what CUDA's allocator took from the device for the whole process, None on the CPU.
    """

    traced: Traced
    allocated: int
    reserved: int | None

    @property
    def scratch(self) -> int:
        """Return by how much kernels and the allocator's rounding raised the peak."""
        return self.allocated - self.traced.peak.bytes


Parts = Sequence[tuple[str, Run]]


def measure(
    parts: Parts,
    module: fx.GraphModule,
    images: Tensor,
    cuda: Any = None,
    state: Callable[[], Iterable[Tensor]] = tuple,
) -> MeasuredMemory:
    """Return the memory of one run, its `parts` in order: (name, what runs it).

    Each part calls the module on `images`. The module must run eagerly: a compiled or captured one
    has other tensors. `cuda` is torch.cuda, or what behaves like it, for images on such a device.
    `state` gives what else is there after a first run, such as an optimizer's.
    """

    def run() -> None:
        for _, part in parts:
            part()

    run()  # what the first run alone makes, such as gradients, is there from now on
    kept = list(state())
    traced = trace(parts, module, images, kept)
    if cuda is None:
        # torch's profiler does not see the end of what began before it: the first of two runs makes
        # them anew
        module.zero_grad(set_to_none=True)
        before_run = sum(_sizes([*_tensors(module, images), *kept]).values())

        def all_seen() -> None:
            for _ in range(2 if module.training else 1):
                run()

        return MeasuredMemory(traced, before_run + allocated(all_seen), None)
    device = images.device
    before_run = sum(_sizes([*_tensors(module, images), *kept]).values())
    cuda.synchronize(device)
    cuda.empty_cache()
    cuda.reset_peak_memory_stats(device)
    before = cuda.memory_allocated(device)  # other networks may lie there too
    run()
    cuda.synchronize(device)
    return MeasuredMemory(
        traced,
        before_run + cuda.max_memory_allocated(device) - before,
        cuda.max_memory_reserved(device),
    )


def trace(
    parts: Parts, module: fx.GraphModule, images: Tensor, kept: Iterable[Tensor] = ()
) -> Traced:
    """Follow every tensor of one run from the op that makes it to its end, by storage and layer.

    `kept` is there from before the run, besides weights and images.
    """
    live = _Live([*_tensors(module, images), *kept])
    forward = 0
    with live, _run_by(_Following(module, live), module):
        for name, part in parts:
            live.part = name
            part()
            live.settle(NOWHERE)
            forward = forward or live.total
    return Traced(live.peak, live.between, forward, live.layers)


class _Live(TorchDispatchMode):  # type: ignore[no-untyped-call]
    """Adds up the storages alive: those of the start, and of every tensor while it is in use."""

    def __init__(self, tensors: Iterable[Tensor]):
        super().__init__()  # type: ignore[no-untyped-call]
        self.sizes: dict[int, int] = {}
        self.watched: dict[int, weakref.ref[torch.UntypedStorage]] = {}
        self.total, self.node, self.part = 0, NOWHERE, ""
        for tensor in tensors:
            self.add(tensor)
        self.peak = self.between = AliveBytes(self.total, NOWHERE, "")
        self.layers: dict[int, int] = {}

    def add(self, tensor: Tensor) -> None:
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
            return super().run(*args, **kwargs)

    def run_node(self, n: fx.Node) -> Any:
        node = n.meta.get(NODE, NOWHERE)
        self.live.node = node
        result = super().run_node(n)
        self.live.settle(NOWHERE)
        if isinstance(result, Tensor) and result.requires_grad and node != NOWHERE:
            result.register_hook(lambda gradient: self.live.settle(node))  # type: ignore[no-untyped-call]
        return result


@contextmanager
def _run_by(interpreter: fx.Interpreter, module: fx.GraphModule) -> Iterator[None]:
    """Let calls of the module run the interpreter."""
    module.forward = interpreter.run
    try:
        yield
    finally:
        del module.forward


def _tensors(module: nn.Module, images: Tensor) -> list[Tensor]:
    """Return what is there before a run: weights, buffers, gradients of earlier runs, images."""
    parameters = list(module.parameters())
    return [
        *parameters,
        *module.buffers(),
        *(p.grad for p in parameters if p.grad is not None),
        images,
    ]


def _sizes(tensors: Iterable[Tensor]) -> dict[int, int]:
    """Return the bytes of each storage."""
    return {
        tensor.untyped_storage()._cdata: tensor.untyped_storage().nbytes() for tensor in tensors
    }
