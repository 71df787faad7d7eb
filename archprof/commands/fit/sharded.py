"""A step on several devices, on paper: what each holds at its peak, and its largest batch."""

from __future__ import annotations

from collections.abc import Iterator

from archprof.analysis.totals import weight_size
from archprof.autograd.run import GRADIENTS, STATE, TRANSIENT, WEIGHTS, Birth
from archprof.commands.fit.fitting import LargestBatch, Question, ShardedFit, largest_batch
from archprof.commands.fit.subjects import TrainingSubject
from archprof.graph.graph import Graph
from archprof.training.overhead import BY_DEVICE
from archprof.training.search import BatchPeaks
from archprof.training.sharding import SCHEMES, DeviceBytes, Scheme, divided, sent_bytes


def sharded_fits(question: Question, subject: TrainingSubject, batch: int) -> list[ShardedFit]:
    """Return each scheme's bytes with `batch` images on each device."""
    return list(_fits(question, subject, batch))


def _fits(question: Question, subject: TrainingSubject, batch: int) -> Iterator[ShardedFit]:
    devices, words = question.devices, question.words
    layer = largest_layer(subject.graph, subject.conditions.itemsize)
    births = subject.timeline(batch).births
    weights = births[0].kinds[WEIGHTS]
    gradients = max(birth.kinds[GRADIENTS] for birth in births)
    passes = words.accumulate if words else 1
    for scheme in SCHEMES:
        at_peak = max((on_device(each, scheme, devices, layer) for each in births), key=sum)
        sent = sent_bytes(scheme, weights, gradients, devices, passes)
        largest = _largest(question, subject, scheme, layer)
        yield ShardedFit(scheme, at_peak, sent, largest)


def _largest(
    question: Question, subject: TrainingSubject, scheme: Scheme, layer: int
) -> LargestBatch | None:
    if question.memory is None:
        return None

    def lives(batch: int) -> list[int]:
        births = subject.timeline(batch).births
        return [sum(on_device(each, scheme, question.devices, layer)) for each in births]

    overhead = BY_DEVICE[question.device]
    return largest_batch(BatchPeaks(lives), overhead, question.memory, subject.is_bound)


def on_device(birth: Birth, scheme: Scheme, devices: int, layer: int) -> DeviceBytes:
    """Return what each of several devices holds at a moment.

    Who divides the optimizer's state updates its own part of the weights alone: an update's
    temporaries are divided too.
    """
    kinds = birth.kinds
    weights, gradients, state = kinds[WEIGHTS], kinds[GRADIENTS], kinds[STATE]
    rest = birth.live - weights - gradients - state
    if birth.phase == "optimizer" and scheme.state:
        temporaries = kinds[TRANSIENT]
        rest -= temporaries - -(-temporaries // devices)
    return divided(DeviceBytes(weights, gradients, state, rest), scheme, devices, layer)


def largest_layer(graph: Graph, itemsize: int) -> int:
    """Return the bytes of the weights of the layer that has most."""
    return max((weight_size(node, itemsize) for node in graph.nodes), default=0)
