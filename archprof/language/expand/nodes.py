"""The nodes of the graph being built, and how many are allowed."""

from __future__ import annotations

from collections.abc import Hashable
from typing import NoReturn

from archprof.allowance import Allowance
from archprof.graph.graph import Dropped, Node
from archprof.language.document import Layer
from archprof.language.expand.complaints import Complaints, cycle_of
from archprof.language.expand.frame import Frame, Stop
from archprof.limits import raising
from archprof.ops.base import Shape
from archprof.ops.elements import Elements

CHECKED = 256  # steps between two looks at the clock


class Nodes:
    """The nodes so far, in order of execution; -1 is the network's input."""

    def __init__(self, input_shape: Shape, elements: Elements):
        self.input, self.elements = input_shape, elements
        # by node what its elements are, where they are whole numbers
        self.whole: dict[int, Elements] = {-1: elements} if elements.whole else {}
        self.list: list[Node] = []
        self.edges = 0
        self.aux_outputs: list[int] = []  # of auxiliary heads
        self.dropped: list[Dropped] = []  # what layers lose that are left out
        # nodes made from parameters and constants alone: the same for every image
        self.learned: set[int] = set()

    def add(self, node: Node, whole: Elements | None = None) -> int:
        """Append a node and return its index; `whole`: what its elements are, where they are whole
        numbers.
        """
        index = len(self.list)
        if whole is not None:
            self.whole[index] = whole
        fixed = node.op.constant or self.learned.issuperset(node.inputs)
        if fixed and not node.op.arrives:
            self.learned.add(index)
        self.edges += len(node.inputs)
        self.list.append(node)
        return index

    def shape(self, index: int) -> Shape:
        """Return the shape of a node's output, or of the network's input."""
        return self.input if index < 0 else self.list[index].facts.output

    def state(self, index: int) -> Hashable:
        """Return all that a layer depends on of one that it reads."""
        return self.shape(index), self.whole.get(index), index in self.learned


class StepCounter:
    """Counts what is built or dropped, and stops where the open allowance ends."""

    def __init__(self, allowance: Allowance, nodes: Nodes, complaints: Complaints):
        self.allowance, self.most = allowance, allowance.limits
        self.nodes, self.complaints = nodes, complaints
        self.count = 0

    def step(self, layer: Layer, frame: Frame) -> None:
        """Count one layer, or one turn of a repeat. Raises Stop where it is too many."""
        self.count += 1
        self.allowance.place = layer.mark
        if self.count % CHECKED == 0:
            self.allowance.check()
        if self.count > 2 * self.most.layers or len(self.nodes.list) > self.most.layers:
            self._too_many(layer, frame, "layers")
        if self.nodes.edges > self.most.edges:
            self._too_many(layer, frame, "edges")

    def again(self, steps: int, layers: int, edges: int) -> bool:
        """Count so many steps at once; not, and return False, where a limit ends them earlier."""
        most, nodes = self.most, self.nodes
        if (
            self.count + steps > 2 * most.layers
            or len(nodes.list) + layers > most.layers
            or nodes.edges + edges > most.edges
        ):
            return False
        before, self.count = self.count, self.count + steps
        if before // CHECKED < self.count // CHECKED:
            self.allowance.check()
        return True

    def used(self) -> tuple[int, int]:
        """Return the steps and the edges so far."""
        return self.count, self.nodes.edges

    def foresee(self, layer: Layer, frame: Frame, before: tuple[int, int], times: int) -> None:
        """Raise Stop where a repeat of `times` turns will be too much.

        Each is taken to be as large as the one since `before`.
        """
        if (self.count - before[0]) * times > 2 * self.most.layers:
            self._too_many(layer, frame, "layers")
        if (self.nodes.edges - before[1]) * times > self.most.edges:
            self._too_many(layer, frame, "edges")

    def _too_many(self, layer: Layer, frame: Frame, name: str) -> NoReturn:
        most = getattr(self.most, name)
        what = {"layers": "layers", "edges": "inputs of layers"}[name]
        lower = "lower a `repeat`"
        cycle = cycle_of(frame.instance)
        if cycle:
            lower += f", or how often {cycle[0]} is inside itself: {' -> '.join(cycle)}"
        self.complaints.add(
            layer.mark,
            "limit",
            f"the network has more than {most:,} {what}",
            f"{lower}; {raising(name, 10 * most)}",
            frame.instance,
        )
        raise Stop
