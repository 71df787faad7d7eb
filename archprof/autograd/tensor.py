"""Tensors without data, and the functions of the backward graph that refer to them."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import NamedTuple

from archprof.autograd.checkpointing import Checkpoint
from archprof.autograd.layout import Layout, contiguous
from archprof.autograd.run import GRADIENTS, SAVED, TRANSIENT, WEIGHTS, Run


class Allocation:
    """Memory that one tensor or several views share; freed with the last of them.

    `handles`: how many tensors lie in it. `keepers`: how many functions of the backward graph keep
    it.
    """

    __slots__ = (
        "__weakref__",
        "bytes",
        "handles",
        "keepers",
        "kernel",
        "kind",
        "path",
        "run",
    )

    def __init__(self, run: Run, size: int, kind: int = TRANSIENT) -> None:
        self.run, self.bytes, self.kind = run, size, kind
        self.handles = self.keepers = 0
        self.path = self.kernel = ""
        run.add(self)

    def __del__(self) -> None:
        self.run.free(self)


class Base(NamedTuple):
    """What a view is of: the base's layout, and the function of the backward graph that made it."""

    layout: Layout
    edge: tuple[GradFunction | AccumulateGrad, int]


class FakeTensor:
    """A tensor without data: its layout (batch included), the bytes of an element, its memory, and
    the output of the backward graph's function that it is.

    `view`: whether another tensor is its base; `base`: that tensor's layout and function, where
    autograd knows of the view. `holders`: in how many places of the backward pass
    it waits as a gradient.
    """

    __slots__ = ("base", "function", "holders", "itemsize", "layout", "memory", "slot", "view")

    def __init__(
        self, run: Run, layout: Layout, itemsize: int, memory: Allocation | None = None
    ) -> None:
        self.layout, self.itemsize = layout, itemsize
        self.view = memory is not None
        self.memory = memory or Allocation(run, math.prod(layout.shape) * itemsize)
        self.memory.handles += 1
        self.function: GradFunction | AccumulateGrad | None = None
        self.slot = self.holders = 0
        self.base: Base | None = None

    def __del__(self) -> None:
        self.memory.handles -= 1

    @property
    def shape(self) -> tuple[int, ...]:
        """Its sizes, the batch first."""
        return self.layout.shape

    @property
    def trains(self) -> bool:
        """Whether autograd wants a gradient of it."""
        return self.function is not None

    def viewed(self, layout: Layout) -> FakeTensor:
        """Return another tensor in the same memory, which no function has made yet."""
        return FakeTensor(self.memory.run, layout, self.itemsize, self.memory)


class FakeParameter(FakeTensor):
    """A parameter or a buffer of the layer at `path`; one that is `frozen` gets no gradient."""

    __slots__ = ("gradient", "path")

    def __init__(self, run: Run, shape: tuple[int, ...], itemsize: int, frozen: bool) -> None:
        super().__init__(run, contiguous(shape), itemsize)
        run.move(self.memory, WEIGHTS)
        self.gradient: FakeTensor | None = None
        self.path = ""
        if not frozen:
            self.function = AccumulateGrad(self)


class KeptTensors:
    """What a function keeps for the backward pass: memory alone, so that no function keeps another
    alive.
    """

    __slots__ = ("__weakref__", "allocations", "checkpoint")

    def __init__(self, tensors: Sequence[FakeTensor | None] = ()) -> None:
        self.allocations: list[Allocation] = []
        self.checkpoint: Checkpoint | None = None  # the one that its function is in
        self.keep(tensors)

    def keep(self, tensors: Sequence[FakeTensor | None]) -> None:
        """Keep the memory of some tensors."""
        for each in tensors:
            if each is None:
                continue
            allocation = each.memory
            self.allocations.append(allocation)
            allocation.keepers += 1
            if allocation.kind == TRANSIENT:
                allocation.run.move(allocation, SAVED)

    def take(self, other: KeptTensors) -> None:
        """Keep what another has kept up to now."""
        self.allocations, other.allocations = other.allocations, []

    def release(self) -> None:
        """Keep nothing any more."""
        while self.allocations:
            allocation = self.allocations.pop()
            allocation.keepers -= 1
            if allocation.keepers == 0 and allocation.kind == SAVED:
                allocation.run.move(allocation, TRANSIENT)

    def end_of_kernels(self) -> None:
        """Let go what a block's second run gave: it dies when the kernels of the function's
        gradients are done, before the engine sums over what was broadcast. What was kept all along
        stays.
        """
        if self.checkpoint is not None:
            self.release()

    def __del__(self) -> None:
        self.release()


class GradFunction:
    """A function of the backward graph: torch's `grad_fn`.

    `gradients` makes the gradients of its inputs from those of its outputs; it may refer to
    layouts and numbers, never to tensors, which it would keep alive. `edges`: for each input the
    function that made it, and as which of its outputs; None where no gradient is wanted.
    """

    __slots__ = ("edges", "gradients", "kept", "name", "outputs", "path", "sequence")

    def __init__(
        self,
        run: Run,
        name: str,
        inputs: Sequence[FakeTensor | None],
        kept: KeptTensors,
        gradients: Callable[..., Sequence[FakeTensor | None]],
        outputs: int = 1,
    ) -> None:
        self.sequence = next(run.sequence)
        self.name, self.path, self.outputs = name, run.path, outputs
        self.gradients, self.kept = gradients, kept
        self.edges: list[tuple[GradFunction | AccumulateGrad, int] | None] = []
        for each in inputs:
            if each is None or each.function is None:
                self.edges.append(None)
            else:
                self.edges.append((each.function, each.slot))


class AccumulateGrad:
    """The end of the backward graph: where a parameter gets its gradient."""

    __slots__ = ("parameter",)
    edges: tuple[()] = ()
    outputs = 1
    sequence = math.inf  # before every other function that is ready

    def __init__(self, parameter: FakeParameter) -> None:
        self.parameter = parameter

    def accumulate(self, run: Run, gradient: FakeTensor) -> None:
        """Take the gradient as it is where nobody else holds it and it lies as the parameter does;
        else copy it, or add it to what is there: torch's AccumulateGrad.
        """
        parameter = self.parameter
        if parameter.gradient is not None:
            run.note("add_")
        elif gradient.holders == 1 and lies_as(gradient.layout, parameter.layout):
            parameter.gradient = gradient
        else:
            parameter.gradient = FakeTensor(run, parameter.layout, parameter.itemsize)
            run.note("new_empty_strided")
        run.move(parameter.gradient.memory, GRADIENTS)


def lies_as(gradient: Layout, parameter: Layout) -> bool:
    """Return whether the strides are those of the parameter; a dimension of 1 has none."""
    return all(
        n == 1 or own == wanted
        for n, own, wanted in zip(parameter.shape, gradient.strides, parameter.strides, strict=True)
    )


def new(run: Run, layout: Layout, itemsize: int, kernel: str = "") -> FakeTensor:
    """Return a new tensor; `kernel`: the one that makes it, "" where that makes several."""
    made = FakeTensor(run, layout, itemsize)
    if kernel:
        run.note(kernel)
    return made


def attach(
    run: Run,
    name: str,
    output: FakeTensor,
    inputs: Sequence[FakeTensor | None],
    keeps: KeptTensors | Sequence[FakeTensor | None],
    gradients: Callable[..., Sequence[FakeTensor | None]],
) -> FakeTensor:
    """Put a function into the backward graph where one of its inputs wants a gradient, and return
    its output.

    Raises EndOfReplay where all that a checkpointed block keeps is there again.
    """
    attach_all(run, name, [output], inputs, keeps, gradients)
    return output


def attach_all(
    run: Run,
    name: str,
    outputs: Sequence[FakeTensor],
    inputs: Sequence[FakeTensor | None],
    keeps: KeptTensors | Sequence[FakeTensor | None],
    gradients: Callable[..., Sequence[FakeTensor | None]],
) -> None:
    """Put a function with several outputs into the backward graph: see `attach`. A gradient that
    does not come is None.
    """
    if not any(each is not None and each.trains for each in inputs):
        return
    kept = keeps if isinstance(keeps, KeptTensors) else KeptTensors(keeps)
    if run.recording is not None:
        run.recording.record(kept)
    elif run.replaying is not None:
        run.replaying.restore(kept)
    function = GradFunction(run, name, inputs, kept, gradients, len(outputs))
    for slot, output in enumerate(outputs):
        output.function, output.slot = function, slot


def before(run: Run, wanted: bool, *inputs: FakeTensor | None) -> None:
    """Say what a function keeps of its inputs, before its kernel runs: a block that needs no more
    than these ends its second run here.
    """
    if wanted and run.replaying is not None:
        run.replaying.end_before(inputs)
