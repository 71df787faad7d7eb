"""What is to fit: a step of training, or an inference, at any batch."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, Protocol

from archprof.analysis.memory import inference_walk, peak_of
from archprof.analysis.totals import ALONE
from archprof.autograd.run import KINDS
from archprof.graph.graph import Graph
from archprof.training.conditions import StepConditions
from archprof.training.search import NEAR
from archprof.training.step import Timeline, simulate

SHOWN_ALIVE = 5  # tensors that are named


class AliveTensor(NamedTuple):
    """Memory that is alive at the peak: its layer, the kernel that made it, what for, its bytes."""

    layer: str
    kernel: str
    kind: str
    bytes: int


class PeakMoment(NamedTuple):
    """The moment at which most is alive: where that is, its bytes by kind, the largest tensors."""

    batch: int
    phase: str
    layer: str
    kernel: str
    kinds: dict[str, int]
    alive: tuple[AliveTensor, ...]

    @property
    def bytes(self) -> int:
        """All bytes alive."""
        return sum(self.kinds.values())


class FitSubject(Protocol):
    """What is to fit. `is_bound`: whether its bytes are lower bounds, as a layer is unknown."""

    @property
    def is_bound(self) -> bool: ...

    def lives(self, batch: int) -> Sequence[int]: ...

    def moment(self, batch: int) -> PeakMoment: ...


class TrainingSubject:
    """A step of training a network; the timelines are remembered."""

    def __init__(self, graph: Graph, conditions: StepConditions) -> None:
        self.graph, self.conditions = graph, conditions
        self._timelines: dict[int, Timeline] = {}

    def timeline(self, batch: int) -> Timeline:
        """Return the step with a batch."""
        if batch not in self._timelines:
            self._timelines[batch] = simulate(self.graph, self.conditions.replaced(batch=batch))
        return self._timelines[batch]

    @property
    def is_bound(self) -> bool:
        """Whether it is unknown what some layers keep."""
        return bool(self.timeline(NEAR).unknown)

    def lives(self, batch: int) -> Sequence[int]:
        """Return the bytes alive after every kernel that makes a tensor."""
        return [birth.live for birth in self.timeline(batch).births]

    def moment(self, batch: int) -> PeakMoment:
        """Return the moment of a step at which most is alive."""
        births = self.timeline(batch).births
        place = max(range(len(births)), key=lambda i: (births[i].live, -i))
        peak = births[place]
        alive = simulate(self.graph, self.conditions.replaced(batch=batch), place).alive
        tensors = [AliveTensor(h.path, h.kernel, KINDS[h.kind], h.bytes) for h in alive if h.path]
        return PeakMoment(
            batch,
            peak.phase,
            peak.path,
            peak.kernel,
            dict(zip(KINDS, peak.kinds, strict=True)),
            _largest(tensors, self.graph),
        )


class InferenceSubject:
    """An inference of a network."""

    is_bound = False

    def __init__(self, graph: Graph, itemsize: int) -> None:
        self.graph, self.itemsize = graph, itemsize
        self.weights = ALONE["weight_bytes"](graph, 1, itemsize)

    def lives(self, batch: int) -> Sequence[int]:
        """Return the bytes alive at the start, and while each layer runs."""
        walk = inference_walk(self.graph, batch, self.itemsize)
        start = walk.input_bytes
        moments = [moment.live + moment.inside for moment in walk.moments]
        return [self.weights + live for live in (start, *moments)]

    def moment(self, batch: int) -> PeakMoment:
        """Return the layer at which most is alive."""
        walk = inference_walk(self.graph, batch, self.itemsize)
        peak = peak_of(walk, self.weights)
        image = walk.input_bytes
        kinds = dict.fromkeys(KINDS, 0) | {
            "weights": self.weights,
            "input": image,
            "transient": peak.bytes - self.weights - image,
        }
        tensors = [
            AliveTensor(self._path(storage), "", self._kind(storage), size)
            for storage, size in peak.alive
        ]
        return PeakMoment(
            batch, "forward", self._path(peak.node), "", kinds, _largest(tensors, self.graph)
        )

    def _path(self, index: int) -> str:
        return self.graph.nodes[index].path if index >= 0 else "input"

    def _kind(self, storage: int) -> str:
        """Return which kind of memory a node's is: "input" of what arrives."""
        arrives = storage < 0 or self.graph.nodes[storage].op.arrives
        return "input" if arrives else "transient"


def _largest(tensors: Sequence[AliveTensor], graph: Graph) -> tuple[AliveTensor, ...]:
    """Return the largest tensors, of those alike the first in the network."""
    order = {node.path: place for place, node in enumerate(graph.nodes)}

    def rank(one: AliveTensor) -> tuple[int, int, str]:
        return -one.bytes, order.get(one.layer, -1), one.kernel

    return tuple(sorted(tensors, key=rank)[:SHOWN_ALIVE])
