"""Whether a network fits: the largest batch, where it breaks, and what would help."""

from __future__ import annotations

from typing import NamedTuple

from archprof.commands.fit.fitting import (
    Help,
    LargestBatch,
    Question,
    ShardedFit,
    largest_batch,
    subject_of,
)
from archprof.commands.fit.helping import helps
from archprof.commands.fit.planning import Checkpoints, checkpoints_of, planned
from archprof.commands.fit.sharded import sharded_fits
from archprof.commands.fit.subjects import PeakMoment, TrainingSubject
from archprof.training.overhead import BY_DEVICE, Overhead, verdict
from archprof.training.search import BatchPeaks
from archprof.training.step_arithmetic import StepArithmetic, arithmetic_of
from archprof.training.training_conditions import AUTO


class Answer(NamedTuple):
    """What is found. `peak` is at the batch asked for, or at the largest that fits for sure.

    `verdict`: whether that fits. `breaks`: where the first batch has its peak that may not fit.
    `unknown`: layers of which it is not known what they take, so that bytes are lower bounds.
    `checkpoints`: the parts that run again, None for none. `monotone`: whether a larger batch took
    no less, of all that were looked at.
    """

    question: Question
    overhead: Overhead
    peak: PeakMoment
    verdict: str | None = None
    largest: LargestBatch | None = None
    breaks: PeakMoment | None = None
    arithmetic: StepArithmetic | None = None
    helps: tuple[Help, ...] = ()
    sharded: tuple[ShardedFit, ...] = ()
    checkpoints: Checkpoints | None = None
    unknown: tuple[str, ...] = ()
    monotone: bool = True


def answer(question: Question, advise: bool = True) -> Answer:
    """Return what there is to say. `advise`: whether changes that help are looked for.

    Raises ProblemError for words that mean nothing.
    """
    question = planned(question)
    subject = subject_of(question.graph, question.words, question.dtype, question.plan)
    overhead = BY_DEVICE[question.device]
    peaks = BatchPeaks(subject.lives)
    memory = question.memory
    largest = None
    if memory is not None:
        largest = largest_batch(peaks, overhead, memory, subject.is_bound)
    batch = question.batch or (largest.known if largest else 1)
    found = Answer(question, overhead, subject.moment(batch), largest=largest)
    if isinstance(subject, TrainingSubject) and question.words is not None:
        passes, checkpoint = question.words.accumulate, question.words.checkpoint
        if checkpoint:
            plan = checkpoints_of(subject, batch, checkpoint == AUTO)
            found = found._replace(checkpoints=plan)
        timeline = subject.timeline(batch)
        flops = arithmetic_of(timeline, subject.conditions.accumulate, passes)
        found = found._replace(arithmetic=flops, unknown=tuple(timeline.unknown))
        if question.devices > 1:
            found = found._replace(sharded=tuple(sharded_fits(question, subject, batch)))
    if memory is None or largest is None:
        return found
    unchanged = Help("as it is", largest, found.peak.bytes, _recomputed(found), "-")
    return found._replace(
        verdict=_verdict(found, memory),
        breaks=subject.moment(largest.beyond),
        helps=tuple(helps(question, memory, unchanged, batch)) if advise else (),
        monotone=peaks.monotone,
    )


def _verdict(found: Answer, memory: int) -> str:
    """Return whether the peak fits; a lower bound fits never for sure."""
    said = verdict(found.overhead, found.peak.bytes, memory)
    return "may fit" if said == "fits" and found.unknown else said


def _recomputed(found: Answer) -> float:
    return found.arithmetic.recomputed_share if found.arithmetic else 0.0
