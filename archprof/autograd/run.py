"""What is alive while kernels run one after the other: bytes by kind, after every kernel that makes
a tensor.
"""

from __future__ import annotations

import itertools
import operator
import sys
import weakref
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Literal, NamedTuple

from archprof.record import Record

if TYPE_CHECKING:
    from archprof.autograd.checkpointing import Checkpoint
    from archprof.autograd.tensor import Allocation, FakeTensor

Phase = Literal["start", "forward", "backward", "optimizer", "end"]

INPUT, WEIGHTS, GRADIENTS, STATE, SAVED, TRANSIENT = range(6)
KINDS = ("input", "weights", "gradients", "optimizer", "saved", "transient")
"""What a tensor is for: the batch, which the caller holds; parameters and buffers; the gradients of
parameters; the optimizer's state, and copies of the weights; what autograd keeps; anything else.
"""


class Birth(NamedTuple):
    """A kernel that made a tensor: in which phase and layer, and the bytes alive right after it, by
    kind.
    """

    phase: Phase
    path: str
    kernel: str
    kinds: tuple[int, ...]

    @property
    def live(self) -> int:
        """The bytes of all tensors that are alive."""
        return sum(self.kinds)


class Arithmetic:
    """Multiply-accumulates, and all FLOPs beside those, of a part of a step."""

    __slots__ = ("flops", "macs")

    def __init__(self) -> None:
        self.macs = 0
        self.flops = 0


class AliveMemory(Record):
    """Memory that is alive: the layer and the kernel that made it, what it is for, its bytes."""

    path: str
    kernel: str
    kind: int
    bytes: int


class Run:
    """A run of kernels on tensors without data.

    A tensor is freed when nothing refers to it any more, as torch frees one: kernels are written
    as functions whose local names are torch's local tensors, and Python counts the references.
    That counting is CPython's, as torch's own interpreter is.

    `itemsize`: the bytes of an element of the network's dtype. `autocast`: whether float32 tensors
    become narrower ones for some kernels, on `device`. `observed`: whether somebody looks at every
    gradient, as a tracker of tensors does, so that none is added to another in place. `watch`: the
    number of the birth at which `alive` is noted down. `batch`: how many samples there are.
    """

    def __init__(
        self,
        device: str = "cpu",
        itemsize: int = 4,
        observed: bool = False,
        watch: int | None = None,
        batch: int = 1,
    ) -> None:
        if sys.implementation.name != "cpython":
            raise RuntimeError("a step of training is followed by CPython's reference counts")
        self.device = device
        self.itemsize = itemsize
        self.observed = observed
        self.watch = watch
        self.phase: Phase = "start"
        self.path = ""
        self.kinds = [0] * len(KINDS)
        self.births: list[Birth] = []
        self.alive: list[AliveMemory] = []
        self.autocast = False
        self.narrowed: dict[int, FakeTensor] = {}  # parameters' copies, kept while autocast is on
        self.sequence = itertools.count()
        self.batch = batch
        self.parts: dict[int, FakeTensor] = {}  # outputs of a kernel that their layers will take
        self.unknown: list[str] = []  # layers of which it is not known what they do
        self.recording: Checkpoint | None = None
        self.replaying: Checkpoint | None = None
        self.forward = Arithmetic()
        self.backward = Arithmetic()
        self.recomputed = Arithmetic()
        self.update = Arithmetic()
        self._made: list[Allocation] = []
        self._held: weakref.WeakSet[Allocation] = weakref.WeakSet()

    @property
    def live(self) -> int:
        """The bytes that are alive now."""
        return sum(self.kinds)

    def note(self, kernel: str) -> None:
        """Note that a kernel has run; only one that made a tensor is remembered."""
        made = self._made
        if not made:
            return
        for allocation in made:
            allocation.path = self.path
            allocation.kernel = kernel
        made.clear()
        self.births.append(Birth(self.phase, self.path, kernel, tuple(self.kinds)))
        if self.watch == len(self.births) - 1:
            self.alive = _all_held(self._held)

    def backdate(self, make: Callable[[], None]) -> None:
        """Take in what `make` makes, by no kernel, as if it had been there from the start: every
        birth so far has its bytes too.
        """
        before, known = tuple(self.kinds), set(self._held)
        make()
        self._made.clear()
        grown = [now - then for now, then in zip(self.kinds, before, strict=True)]
        self.births = [
            birth._replace(kinds=tuple(map(operator.add, birth.kinds, grown)))
            for birth in self.births
        ]
        if self.alive:
            self.alive += _all_held(set(self._held) - known)

    def count(self, macs: int, flops: int = 0) -> None:
        """Count arithmetic where it belongs: forward, backward, forward a second time, or the
        optimizer.
        """
        part = self.forward
        if self.replaying is not None:
            part = self.recomputed
        elif self.phase == "backward":
            part = self.backward
        elif self.phase == "optimizer":
            part = self.update
        part.macs += macs
        part.flops += flops

    def add(self, allocation: Allocation) -> None:
        """Take in new memory."""
        self.kinds[allocation.kind] += allocation.bytes
        if allocation.bytes:
            self._made.append(allocation)
        if self.watch is not None:
            self._held.add(allocation)

    def free(self, allocation: Allocation) -> None:
        """Let memory go."""
        self.kinds[allocation.kind] -= allocation.bytes

    def move(self, allocation: Allocation, kind: int) -> None:
        """Say what memory is for from now on."""
        self.kinds[allocation.kind] -= allocation.bytes
        self.kinds[kind] += allocation.bytes
        allocation.kind = kind


def _all_held(allocations: Iterable[Allocation]) -> list[AliveMemory]:
    return [AliveMemory(each.path, each.kernel, each.kind, each.bytes) for each in allocations]
