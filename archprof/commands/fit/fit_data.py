"""The JSON of `fit`: plain integers, units in the names of keys."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from archprof.commands.fit.answering import Answer
from archprof.commands.fit.fitting import Help, LargestBatch, Question, ShardedFit
from archprof.commands.fit.planning import Checkpoints
from archprof.commands.fit.step_time import least_time
from archprof.commands.fit.subjects import PeakMoment
from archprof.show.resized import resized_data

SCHEMA = 1


def fit_data(answers: Sequence[Answer]) -> dict[str, Any]:
    """Return the answers, one for each input; `archprof schema fit` prints their JSON Schema."""
    first = answers[0].question
    return {
        "schema": SCHEMA,
        "network": first.graph.network.name,
        "conditions": _conditions(first),
        "memory_bytes": first.memory,
        "answers": [_answer(found) for found in answers],
    }


def _conditions(question: Question) -> dict[str, Any]:
    words = question.words
    return {
        "training": words is not None,
        "dtype": question.dtype,
        "device": question.device,
        "devices": question.devices,
        "optimizer": words.optimizer if words else None,
        "amp": (words.amp or None) if words else None,
        "freeze": list(words.freeze) if words else [],
        "checkpoint": (words.checkpoint or None) if words else None,
        "accumulate": words.accumulate if words else 1,
    }


def _answer(found: Answer) -> dict[str, Any]:
    graph, overhead = found.question.graph, found.overhead
    return {
        "row": found.question.row,
        "input": list(graph.input),
        "resized": resized_data(graph),
        "asked_batch": found.question.batch,
        "verdict": found.verdict,
        "largest_batch": _largest(found.largest),
        "peak": _moment(found.peak),
        "breaks": _moment(found.breaks) if found.breaks else None,
        "beside": {
            "least_bytes": overhead.least(found.peak.bytes) - found.peak.bytes,
            "most_bytes": overhead.most(found.peak.bytes) - found.peak.bytes,
            "basis": overhead.basis,
        },
        "step_flops": found.arithmetic._asdict() if found.arithmetic else None,
        "least_time": _time(found),
        "helps": [_help(one) for one in found.helps],
        "checkpoints": _checkpoints(found.checkpoints) if found.checkpoints else None,
        "sharded": [_sharded(one) for one in found.sharded],
        "timeline": None,
        "unknown": list(found.unknown),
        "monotone": found.monotone,
    }


def _checkpoints(found: Checkpoints) -> dict[str, Any]:
    plan = found.plan
    return {
        "parts": [part._asdict() for part in plan.again],
        "peak_without_bytes": plan.peak_without,
        "flops_again": plan.flops_again,
        "longest_part": found.longest._asdict() if found.longest else None,
        "code": found.code,
    }


def _largest(largest: LargestBatch | None) -> dict[str, int | None] | None:
    return largest._asdict() if largest else None


def _moment(peak: PeakMoment) -> dict[str, Any]:
    return {
        "batch": peak.batch,
        "bytes": peak.bytes,
        "phase": peak.phase,
        "layer": peak.layer,
        "kernel": peak.kernel,
        "kinds": peak.kinds,
        "alive": [one._asdict() for one in peak.alive],
    }


def _time(found: Answer) -> dict[str, Any] | None:
    rate = found.question.rate
    if rate is None or found.arithmetic is None:
        return None
    return {**rate._asdict(), **least_time(found.arithmetic, rate)._asdict()}


def _help(one: Help) -> dict[str, Any]:
    return {
        "change": one.change,
        "largest_batch": _largest(one.largest),
        "peak_bytes": one.peak,
        "recomputed_share": one.recomputed,
        "cost": one.cost,
    }


def _sharded(one: ShardedFit) -> dict[str, Any]:
    return {
        "scheme": one.scheme.name,
        **{f"{name}_bytes": size for name, size in one.device._asdict().items()},
        "bytes": sum(one.device),
        "sent_bytes": one.sent,
        "largest_batch": _largest(one.largest),
    }
