"""What is asked of a network, and the parts of an answer."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from archprof.commands.fit.step_time import ReachedRate
from archprof.commands.fit.subjects import (
    FitSubject,
    InferenceSubject,
    TrainingSubject,
)
from archprof.graph.graph import Graph
from archprof.ops.base import Shape
from archprof.ops.elements import DTYPES
from archprof.record import Record
from archprof.training.checkpoints import Plan
from archprof.training.overhead import Overhead
from archprof.training.search import BatchPeaks
from archprof.training.sharding import DeviceBytes, Scheme
from archprof.training.training_conditions import TrainingWords, training_step

Resize = Callable[[Shape], Graph | None]


class Question(Record):
    """What is asked of a network.

    `words`: how a step is run, None for an inference. `memory`: bytes of the device, `batch`: the
    images at a time; None where they were not given. `resize` gives the network with another
    input, None where it has none. `rate`: what the device reaches, None: unknown. `plan`: which
    parts run again, where that was planned. `row`: of the space that the network is of.
    """

    graph: Graph
    words: TrainingWords | None
    dtype: str
    device: str
    memory: int | None
    batch: int | None
    devices: int
    resize: Resize
    rate: ReachedRate | None = None
    plan: Plan = ()
    row: int | None = None


class LargestBatch(NamedTuple):
    """The largest batch that fits for sure, and that may fit at best; 0: not even one image.

    `sure` is None where some layers are unknown: what is more than a lower bound fits for sure
    nowhere.
    """

    sure: int | None
    possible: int

    @property
    def known(self) -> int:
        """The batch that fits for sure, or at best where nobody knows; 1 at least."""
        return max(1, self.possible if self.sure is None else self.sure)

    @property
    def beyond(self) -> int:
        """The first batch that does not fit for sure."""
        return (self.possible if self.sure is None else self.sure) + 1


class Help(NamedTuple):
    """A change that may help: what a user types, its largest batches, its peak at the batch that
    is looked at, the share of the step's arithmetic that it adds, and the cost in words.
    """

    change: str
    largest: LargestBatch
    peak: int
    recomputed: float
    cost: str


class ShardedFit(NamedTuple):
    """A scheme of sharding: each device's bytes at its peak, what it sends in a step, and its
    largest batch.
    """

    scheme: Scheme
    device: DeviceBytes
    sent: int
    largest: LargestBatch | None


def subject_of(
    graph: Graph, words: TrainingWords | None, dtype: str, plan: Plan = ()
) -> FitSubject:
    """Return what is to fit. Raises ProblemError for words that mean nothing."""
    if words is None:
        return InferenceSubject(graph, DTYPES[dtype])
    return training_subject(graph, words, plan)


def training_subject(graph: Graph, words: TrainingWords, plan: Plan = ()) -> TrainingSubject:
    """Return a step that is to fit. Raises ProblemError for words that mean nothing."""
    step = training_step(graph, words)
    conditions = step.conditions.replaced(checkpoints=plan) if plan else step.conditions
    return TrainingSubject(step.graph, conditions)


def largest_batch(
    peaks: BatchPeaks, overhead: Overhead, memory: int, unknown: bool
) -> LargestBatch:
    """Return the largest batches, at both ends of what lies beside the tensors.

    `unknown`: whether the peaks are lower bounds.
    """
    possible = peaks.largest(overhead.possible_room(memory))
    if unknown:
        return LargestBatch(None, possible)
    return LargestBatch(peaks.largest(overhead.sure_room(memory)), possible)
