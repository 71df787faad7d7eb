"""A network as a flat list of nodes in order of execution, every shape known."""

from __future__ import annotations

import math
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

from archprof.graph.origin import Entry, Origin
from archprof.ops.answers import Cost, Saved, Weight
from archprof.ops.base import Op, Shape
from archprof.ops.elements import FRACTIONS, Elements
from archprof.ops.reading import Reading
from archprof.problem import Mark, Problem, ProblemError
from archprof.record import Record

if TYPE_CHECKING:
    from archprof.graph.state import State


def unknown_answer(what: str, answer: str) -> ProblemError:
    """Return the error for where a number is requested that follows from an unknown answer."""
    return ProblemError.of(Mark("archprof"), "unknown-cost", f"the {answer} of {what} is unknown")


class Facts:
    """What an op answers for one choice of input shapes, shared by all nodes where both agree."""

    def __init__(self, op: Op, inputs: tuple[Shape, ...], output: Shape):
        self.op, self.inputs, self.output = op, inputs, output

    @cached_property
    def weights(self) -> dict[str, Weight]:
        """Its parameters and buffers by torch name."""
        return self.op.weights(*self.inputs)

    @cached_property
    def trainable(self) -> frozenset[str]:
        """The names of its parameters: all weights but buffers."""
        return frozenset(name for name, weight in self.weights.items() if weight.trainable)

    @cached_property
    def params(self) -> int:
        """How many elements its parameters have."""
        return sum(w.elements for w in self.weights.values() if w.trainable)

    @cached_property
    def buffers(self) -> int:
        """How many elements are kept and not trained."""
        return sum(w.elements for w in self.weights.values() if not w.trainable)

    @cached_property
    def cost(self) -> Cost | None:
        """Its arithmetic for one image; None where that is unknown."""
        return self.op.cost(self.inputs, self.output)

    @property
    def known_cost(self) -> Cost:
        """Its arithmetic for one image. Raises ProblemError where that is unknown."""
        if self.cost is None:
            raise unknown_answer(f"an op `{self.op.name}`", "cost")
        return self.cost

    @cached_property
    def reads(self) -> tuple[Reading | None, ...]:
        """What each output unit reads of each input; None where that is unknown."""
        return self.op.reads(self.inputs, self.output)

    @cached_property
    def saved(self) -> tuple[Saved, ...] | None:
        """What autograd keeps for the backward pass; None where that is unknown."""
        return self.op.saved(self.inputs, self.output)

    @cached_property
    def storage(self) -> str:
        """The memory of its output in evaluation: "new", its input's as a "view", or "inplace"."""
        return self.op.storage(training=False)

    @cached_property
    def training_storage(self) -> str:
        """The same in training."""
        return self.op.storage(training=True)

    @cached_property
    def notes(self) -> tuple[str, ...]:
        """Remarks on its shape, such as a remainder that no window covers."""
        return self.op.notes(self.inputs)


class Instance(Record):
    """A use of a block or group: where it is, and what it is in. `index` counts repeats."""

    path: str
    block: str  # "" for a group
    mark: Mark
    parent: Instance | None
    index: int | None = None

    def chain(self) -> tuple[str, ...]:
        """Return the uses that led here, outermost first."""
        outer = self.parent.chain() if self.parent else ()
        block = f"block {self.block}, " if self.block else ""
        called = self.path.removesuffix(".") or self.block or "a group"
        return (*outer, f"{called} ({block}{self.mark.file}:{self.mark.line})")


class Node(NamedTuple):
    """One op in place. `inputs` are indices of earlier nodes; -1 is the network's input."""

    path: str
    op: Op
    inputs: tuple[int, ...]
    facts: Facts
    entry: Entry
    instance: Instance | None
    aux: bool
    shares: int | None  # the node whose weights this one uses
    # by weight how it starts: as its op does here, or as the layer says
    init: dict[str, Any] | None
    # the names of its parameters that are frozen: those of the other node where it shares weights
    frozen: frozenset[str] = frozenset()

    @property
    def output(self) -> Shape:
        """The shape that it gives, the batch not counted."""
        return self.facts.output

    @property
    def mark(self) -> Mark:
        """Where the layer is written."""
        return self.entry.mark

    @property
    def kind(self) -> str:
        """The op's name in a spec."""
        return self.op.name

    @property
    def params(self) -> int:
        """How many elements its parameters have, none where the weights are another node's."""
        return 0 if self.shares is not None else self.facts.params

    @property
    def frozen_params(self) -> int:
        """How many of these are frozen."""
        if self.shares is not None:
            return 0
        weights = self.facts.weights
        return sum(weights[name].elements for name in self.frozen)

    @property
    def frozen_setting(self) -> bool | tuple[str, ...]:
        """Whether all of its own parameters are frozen, or the names of those that are."""
        if self.shares is not None or not self.frozen:
            return False
        return self.frozen == self.facts.trainable or tuple(sorted(self.frozen))

    @property
    def untrained(self) -> int:
        """How many of these get no gradient: frozen ones, and those that nothing uses."""
        return self.params if self.entry.unused else self.frozen_params

    def weight_path(self, name: str) -> str:
        """Return what torch calls one of its weights: `layer1.0.conv1.weight`."""
        return f"{self.path}.{name}" if name else self.path

    @property
    def trained(self) -> frozenset[str]:
        """The names of the parameters that it uses and that get a gradient."""
        trainable = self.facts.trainable
        return trainable - self.frozen if self.frozen else trainable

    @property
    def remarks(self) -> tuple[str, ...]:
        """What there is to say of its place, and which of its weights are frozen."""
        if not self.frozen:
            return self.entry.remarks
        names = ", ".join(sorted(filter(None, self.frozen)))
        said = "frozen" if self.frozen == self.facts.trainable or not names else f"frozen: {names}"
        return (*self.entry.remarks, said)

    @property
    def buffers(self) -> int:
        """How many elements are kept and not trained, none where they are another node's."""
        return 0 if self.shares is not None else self.facts.buffers


class Dropped(Record):
    """A layer with several inputs that is left out.

    It passes on the first and loses the others: nodes, -1 the input.
    """

    path: str
    mark: Mark
    cause: str  # what leaves it out, as a message puts it: "its `when`"
    kept: int
    lost: tuple[int, ...]


class Arrived(Record):
    """An input of a network: the node that it is, -1 for the first, its name, its shape without
    the batch, and what its elements are.
    """

    index: int
    name: str
    shape: Shape
    elements: Elements


class Graph(Record):
    """The nodes in order, which of them are outputs, and what is wrong (empty where nothing is)."""

    network: Origin
    input: Shape
    nodes: tuple[Node, ...]
    outputs: tuple[int, ...]
    aux_outputs: tuple[int, ...] = ()
    problems: tuple[Problem, ...] = ()
    dropped: tuple[Dropped, ...] = ()
    # the same network in training, where that runs other operators than evaluation
    training: Graph | None = None
    # what the input is called, where the network has several, and what its elements are
    input_name: str = "input"
    input_elements: Elements = FRACTIONS
    # where it is a part of a network: what arrives at it, in place of the network's input
    begins: State | None = None

    @cached_property
    def main(self) -> tuple[int, ...]:
        """Indices of the nodes on the inference path: all but auxiliary heads."""
        return tuple(i for i, node in enumerate(self.nodes) if not node.aux)

    @cached_property
    def inputs(self) -> tuple[Arrived, ...]:
        """What the network is given, in order; the first is `input`."""
        first = Arrived(-1, self.input_name, self.input, self.input_elements)
        others = (
            Arrived(i, node.path, node.output, node.op.elements)
            for i, node in enumerate(self.nodes)
            if node.op.arrives
        )
        return (first, *others)

    def input_bytes(self, batch: int, itemsize: int) -> int:
        """Return the bytes of so many inputs, where the network's elements have so many."""
        own = self.input_elements.itemsize
        return math.prod(self.input) * batch * (itemsize if own is None else own)

    def called(self, index: int) -> str:
        """Return a node's path; of the first input its name where there are several, or "input"."""
        if index >= 0:
            return self.nodes[index].path
        return self.input_name if len(self.inputs) > 1 else "input"

    def shape_of(self, index: int) -> Shape:
        """Return the shape of a node's output, or of the input for -1."""
        return self.nodes[index].output if index >= 0 else self.input
