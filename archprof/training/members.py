"""Parameters that an optimizer updates, their state, and the tensors that its kernels make."""

from __future__ import annotations

from collections.abc import Sequence

from archprof.autograd.layout import contiguous
from archprof.autograd.run import STATE, Run
from archprof.autograd.tensor import FakeParameter, FakeTensor, new
from archprof.training.optimizers import Shape, UpdateRule, state_of


class Member:
    """A parameter that the optimizer updates, and its state by torch's names."""

    __slots__ = ("parameter", "state")

    def __init__(self, parameter: FakeParameter) -> None:
        self.parameter = parameter
        self.state: dict[str, FakeTensor] = {}

    @property
    def path(self) -> str:
        """The layer that it belongs to."""
        return self.parameter.path

    @property
    def shape(self) -> Shape:
        """The parameter's sizes."""
        return self.parameter.shape

    @property
    def gradient(self) -> FakeTensor:
        """Its gradient; raises ValueError where it has none."""
        if self.parameter.gradient is None:
            raise ValueError(f"a parameter of {self.path} has no gradient")
        return self.parameter.gradient


Members = Sequence[Member]


def make_state(run: Run, rule: UpdateRule, member: Member, earlier: bool = False) -> None:
    """Make the state of a parameter that has none yet; `earlier`: an earlier step has made it, no
    kernel of this one.
    """
    if member.state:
        return
    parameter = member.parameter
    for each in state_of(rule, parameter.shape, parameter.itemsize, run.device):
        kernel = "" if earlier else each.kernel
        member.state[each.name] = kept(run, each.shape, each.itemsize, kernel)


def kept(run: Run, shape: Shape, itemsize: int, kernel: str = "") -> FakeTensor:
    """Return a new tensor of the optimizer's state; `kernel`: "" where nothing makes it now."""
    made = FakeTensor(run, contiguous(shape), itemsize)
    run.move(made.memory, STATE)
    if kernel:
        run.note(kernel)
    return made


def like(run: Run, tensor: FakeTensor, kernel: str, shape: Shape | None = None) -> FakeTensor:
    """Return a new tensor with the dtype of another, and its shape unless one is given."""
    return new(run, contiguous(tensor.shape if shape is None else shape), tensor.itemsize, kernel)


def in_list(run: Run, tensors: Sequence[FakeTensor], kernel: str) -> list[FakeTensor]:
    """Return new tensors like those of a list, all made by one kernel."""
    made = [FakeTensor(run, contiguous(each.shape), each.itemsize) for each in tensors]
    run.note(kernel)
    return made


def by_dtype(members: Members) -> list[list[Member]]:
    """Return the lists in which `foreach` runs parameters of several dtypes; which of them torch
    takes first is the order of a hash table, here the first parameter's.
    """
    groups: dict[int, list[Member]] = {}
    for each in members:
        groups.setdefault(each.parameter.itemsize, []).append(each)
    return list(groups.values())


def one_on_host(run: Run) -> None:
    """Make the 1 by which the step counters grow, which are in the host's memory."""
    if run.device == "cpu":
        new(run, contiguous(()), 4, "lift_fresh")
