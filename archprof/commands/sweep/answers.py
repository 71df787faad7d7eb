"""What is asked of a sweep, and its answers as records."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from archprof.cli.ranges import refused
from archprof.record import Record
from archprof.sweeping.answering.asking import best_rows, pages_that_meet, rows_of_front
from archprof.sweeping.answering.filters import condition
from archprof.sweeping.answering.objectives import objectives
from archprof.sweeping.answering.sensitivity import NUMBERS, ParameterStep
from archprof.sweeping.planning import Ran
from archprof.sweeping.space.bounds import Objective
from archprof.sweeping.space.space import Space
from archprof.sweeping.storing.folder import known_names
from archprof.sweeping.storing.tabulating import schema
from archprof.sweeping.sweep import Sweep
from archprof.sweeping.variants import OF_STEP

FRONT, BEST = "front", "best"
ASKED_BY = {FRONT: "--front 'min macs, max params'", BEST: "--best 'max depth'"}
MOST_STEPS = 100  # rows whose steps are worked out


class SweepQuestion(Record):
    """What is asked: `front` by objectives, "" as the space has it; `best` ones by objectives;
    `steps` of rows by their numbers, or of the rows shown of the front or of the best; so many
    `rows`.
    """

    front: str = ""
    best: tuple[str, ...] = ()
    steps: tuple[str, ...] = ()
    rows: int = 20

    def refuse_steps(self, rows: int, own_front: bool) -> None:
        """Raise ProblemError for steps from what is none of so many rows, or is not asked for.

        `own_front`: whether the space has a front.
        """
        asked = {FRONT: bool(self.front) or own_front, BEST: bool(self.best)}
        for text in self.steps:
            if text not in asked:
                _row(text, rows)
            elif not asked[text]:
                raise refused("--steps", f"no {text} is asked for", ASKED_BY[text])

    @property
    def asks_own_front(self) -> bool:
        """Whether the front is wanted that the space has: where nothing else is asked."""
        return not self.front and (FRONT in self.steps or not (self.best or self.steps))


class RowsAnswer(Record):
    """Rows that answer a question of `kind`: their numbers, in order."""

    kind: str
    objectives: tuple[Objective, ...]
    rows: np.ndarray[Any, Any]

    @property
    def heading(self) -> str:
        """What was asked."""
        return f"{self.kind}: {', '.join(map(str, self.objectives))}"


class SweepAnswers(Record):
    """Answers of one sweep, and how it was made (None: it lay there).

    `valid`: how many rows have totals; `reasons`: how many have none, by rule; `met`: how many meet
    the budget and all conditions; `ranges`: least and most of these by total.
    """

    sweep: Sweep
    ran: Ran | None
    valid: int
    reasons: Mapping[str, int]
    met: int
    ranges: Mapping[str, tuple[int, int]]
    found: tuple[RowsAnswer, ...]
    steps: Mapping[int, Sequence[ParameterStep]]


def answers(sweep: Sweep, ran: Ran | None, question: SweepQuestion) -> SweepAnswers:
    """Return what a sweep answers. Raises ProblemError for what it cannot be asked."""
    question.refuse_steps(sweep.stored.identity.rows, bool(sweep.stored.identity.front))
    found = tuple(_rows_answers(sweep, question))
    reasons = sweep.reasons
    met, ranges = _ranges(sweep)
    steps = {row: sweep.steps(row) for row in _rows_of_steps(sweep, question, found)}
    valid = sweep.stored.rows - sum(reasons.values())
    return SweepAnswers(sweep, ran, valid, reasons, met, ranges, found, steps)


def answering(space: Space, where: Sequence[str], question: SweepQuestion) -> Space:
    """Return the space with the numbers that are asked of its sweep.

    Raises ProblemError for what a sweep of it could not be asked, before it is made.
    """
    columns = schema(space.asked(OF_STEP))
    names = [name for text in where for name in condition(text, known_names(columns.names)).names]
    numbers = [column.name for column in columns if column.type in (pa.int64(), pa.float64())]
    if question.front:
        names += [one.quantity for one in objectives(question.front, numbers, "--front")]
    for text in question.best:
        names += [one.quantity for one in objectives(text, numbers, "--best")]
    question.refuse_steps(space.count, bool(space.front))
    return space.asked(names)


def evenly(rows: np.ndarray[Any, Any], count: int) -> np.ndarray[Any, Any]:
    """Return at most so many of the rows, evenly from the first to the last."""
    if len(rows) <= count:
        return rows
    chosen: np.ndarray[Any, Any] = rows[np.linspace(0, len(rows) - 1, count).round().astype(int)]
    return chosen


def _rows_answers(sweep: Sweep, question: SweepQuestion) -> Iterator[RowsAnswer]:
    front: str | tuple[str, ...] = question.front
    if question.asks_own_front:
        front = sweep.stored.identity.front
    if front:
        wanted = sweep.wanted(front, "--front")
        yield RowsAnswer(FRONT, wanted, rows_of_front(sweep.stored, wanted, sweep.asked()))
    for text in question.best:
        wanted = sweep.wanted(text, "--best")
        best = best_rows(sweep.stored, wanted, sweep.asked(), question.rows)
        yield RowsAnswer(BEST, wanted, best)


def _ranges(sweep: Sweep) -> tuple[int, dict[str, tuple[int, int]]]:
    """Return how many rows meet all conditions, and by total the least and the most of them."""
    met = 0
    least: dict[str, int] = {}
    most: dict[str, int] = {}
    columns = sweep.stored.columns
    names = [name for name in NUMBERS if name in columns and not name.startswith("field_")]
    for page in pages_that_meet(sweep.stored, names, sweep.asked()):
        met += len(page.rows)
        for name, values in page.values.items():
            if len(values):
                low, high = int(values.min()), int(values.max())
                least[name] = min(least.get(name, low), low)
                most[name] = max(most.get(name, high), high)
    return met, {name: (least[name], most[name]) for name in least}


def _rows_of_steps(
    sweep: Sweep, question: SweepQuestion, found: Sequence[RowsAnswer]
) -> Iterator[int]:
    """Yield the rows whose steps are asked for."""
    most = min(question.rows, MOST_STEPS)
    for text in question.steps:
        if text not in ASKED_BY:
            yield _row(text, sweep.stored.identity.rows)
        for one in found:
            if one.kind == text:
                yield from evenly(one.rows, most).tolist()


def _row(text: str, rows: int) -> int:
    """Return a row's number. Raises ProblemError for what is none of so many rows."""
    if text.isdecimal() and int(text) < rows:
        return int(text)
    raise refused("--steps", f"`{text[:60]}` is not a row", f"0 to {rows - 1:,}, front or best")
