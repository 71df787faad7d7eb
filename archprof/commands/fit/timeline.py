"""The step moment by moment: every kernel that makes a tensor, and the bytes alive after it."""

from __future__ import annotations

from typing import Any, NamedTuple

from archprof import units
from archprof.autograd.run import KINDS, Birth
from archprof.cli.ranges import refused
from archprof.commands.fit.answering import Answer
from archprof.commands.fit.fitting import subject_of
from archprof.commands.fit.subjects import TrainingSubject
from archprof.show.table import Table, TableColumn

ALL = "all"


class StepMoment(NamedTuple):
    """A kernel that makes a tensor: which one of the step it is, from 1 on, and what is alive."""

    number: int
    birth: Birth


def how_many(text: str) -> int | None:
    """Return how many moments are asked for, None for all. Raises ProblemError."""
    if text == ALL:
        return None
    if not (text.isascii() and text.isdigit() and int(text[:9]) > 0):
        message = f"`{text[:60]}` is not a number of moments"
        raise refused("--timeline", message, "all, or a number such as 20 for the fullest")
    return int(text[:9])


def step_moments(found: Answer, most: int | None) -> list[StepMoment]:
    """Return the moments of the step at the batch of the answer's peak, in order.

    `most`: only so many, those after which the most bytes are alive; None for all.
    """
    question = found.question
    subject = subject_of(question.graph, question.words, question.dtype, question.plan)
    if not isinstance(subject, TrainingSubject):
        return []
    births = subject.timeline(found.peak.batch).births
    moments = [StepMoment(number, birth) for number, birth in enumerate(births, 1)]
    if most is None:
        return moments
    fullest = sorted(moments, key=lambda moment: (-moment.birth.live, moment.number))
    return sorted(fullest[:most])


def timeline_table(found: Answer, most: int | None) -> Table:
    """Return the moments as a table; a column for each kind that there is something of."""
    moments = step_moments(found, most)
    kinds = [k for k in range(len(KINDS)) if any(each.birth.kinds[k] for each in moments)]
    columns = [
        TableColumn("Layer", right=False),
        TableColumn("Moment"),
        TableColumn("Phase", right=False),
        TableColumn("Kernel", right=False),
        TableColumn("Alive", unit="bytes"),
        *(TableColumn(KINDS[k].capitalize(), unit="bytes", drop=len(KINDS) - k) for k in kinds),
    ]
    rows = [_row(moment, kinds) for moment in moments]
    which = "every moment"
    if most is not None:
        which = f"the {units.number_of(len(moments), 'fullest moment')}"
    shape, batch = units.shape(found.question.graph.input), found.peak.batch
    title = f"{found.question.graph.network.name} · {shape} · batch {batch:,} · {which} of the step"
    return Table(columns, rows, title)


def _row(moment: StepMoment, kinds: list[int]) -> list[str]:
    number, birth = moment
    alive = [units.size(birth.kinds[k]) for k in kinds]
    names = [birth.path or "-", units.exact(number), birth.phase, birth.kernel]
    return [*names, units.size(birth.live), *alive]


def timeline_data(found: Answer, most: int | None) -> list[dict[str, Any]]:
    """Return the moments as JSON has them."""
    return [
        {
            "number": number,
            "phase": birth.phase,
            "layer": birth.path,
            "kernel": birth.kernel,
            "bytes": birth.live,
            "kinds": dict(zip(KINDS, birth.kinds, strict=True)),
        }
        for number, birth in step_moments(found, most)
    ]
