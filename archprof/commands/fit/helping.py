"""What each change of a network's conditions would give, simulated one by one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from archprof import units
from archprof.commands.fit.fitting import (
    Help,
    LargestBatch,
    Question,
    largest_batch,
    subject_of,
)
from archprof.commands.fit.subjects import FitSubject, TrainingSubject
from archprof.graph.graph import Graph
from archprof.ops.base import Shape
from archprof.training.advice import changes
from archprof.training.overhead import BY_DEVICE
from archprof.training.search import FAR, BatchPeaks
from archprof.training.step_arithmetic import arithmetic_of
from archprof.training.training_conditions import TrainingWords

GRAIN = 32  # pixels by which a smaller image is smaller: most networks halve it five times


class Alternative(NamedTuple):
    """A change: what a user types for it, the network and its words then, and what it costs."""

    typed: str
    graph: Graph
    words: TrainingWords | None
    dtype: str
    cost: str


def helps(question: Question, memory: int, unchanged: Help, batch: int) -> list[Help]:
    """Return what each change gives, and what there is without, the largest batch first."""
    found = [unchanged]
    found += [_help(each, question, memory, batch) for each in _alternatives(question)]
    if question.batch is not None:
        found += _in_passes(question, memory, question.batch)
    return sorted(found, key=lambda one: (-(one.largest.sure or 0), -one.largest.possible))


def _alternatives(question: Question) -> Iterator[Alternative]:
    graph, words, dtype = question.graph, question.words, question.dtype
    if words is None:
        if dtype == "float32":
            yield Alternative("--dtype bfloat16", graph, None, "bfloat16", "all in bfloat16")
    else:
        for change in changes(graph, words):
            yield Alternative(change.typed, graph, change.words, dtype, change.cost)
    shape = _smaller(graph.input)
    smaller = question.resize(shape) if shape else None
    if smaller is not None:
        pixels = units.share(shape[-1] * shape[-2], graph.input[-1] * graph.input[-2])
        text = units.shape(shape)
        yield Alternative(f"--input {text}", smaller, words, dtype, f"{pixels} of the pixels")


def _smaller(shape: Shape) -> Shape:
    """Return the next smaller image, by whole steps; empty for none, or where it is not one."""
    if len(shape) != 3 or min(shape[1:]) <= 2 * GRAIN:
        return ()
    height, width = ((side - 1) // GRAIN * GRAIN for side in shape[1:])
    return (shape[0], height, width)


def _help(alternative: Alternative, question: Question, memory: int, batch: int) -> Help:
    subject = subject_of(alternative.graph, alternative.words, alternative.dtype, question.plan)
    peaks = BatchPeaks(subject.lives)
    overhead = BY_DEVICE[question.device]
    largest = largest_batch(peaks, overhead, memory, subject.is_bound)
    again = _recomputed(subject)
    return Help(alternative.typed, largest, peaks.peak(batch), again, alternative.cost)


def _recomputed(subject: FitSubject) -> float:
    """Return the share of a step that runs again, the same for all batches and passes."""
    if not isinstance(subject, TrainingSubject):
        return 0.0
    return arithmetic_of(subject.timeline(FAR), 1, 1).recomputed_share


def _in_passes(question: Question, memory: int, batch: int) -> Iterator[Help]:
    """Yield how a batch that may not fit is taken in several passes, if so."""
    words = question.words
    if words is None or words.accumulate > 1:
        return
    several = words.replaced(accumulate=2)
    subject = subject_of(question.graph, several, question.dtype, question.plan)
    peaks = BatchPeaks(subject.lives)
    overhead = BY_DEVICE[question.device]
    most = largest_batch(peaks, overhead, memory, subject.is_bound).sure
    if not most or most >= batch:
        return
    passes = -(-batch // most)
    part = -(-batch // passes)
    yield Help(
        f"--batch {part} --accumulate {passes}",
        LargestBatch(part * passes, part * passes),
        peaks.peak(part),
        _recomputed(subject),
        _cost_of_passes(question.graph, passes, part),
    )


def _cost_of_passes(graph: Graph, passes: int, part: int) -> str:
    """Return what several passes cost: time, and statistics over fewer images."""
    cost = f"{passes} passes for a step"
    if any("running_mean" in node.facts.weights for node in graph.nodes):
        cost += f"; batch norms see {part:,} images at a time"
    return cost
