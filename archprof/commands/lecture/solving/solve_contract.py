"""The published shape of `solve --format json`, as pydantic models."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import RootModel

from archprof.show.contract import Strict, json_schema

Figure = int | float | list[int]


class Answer(Strict):
    """What gives the figure, and the exact value that it gives.

    holds: as asked; reading: a convention or a variant; likely slip: a mistake. luck: the
    probability that an explanation as simple is a coincidence.
    """

    reproduces: str
    value: Figure
    kind: Literal["holds", "reading", "likely slip"]
    luck: float | None = None


class Question(Strict):
    """A printed figure, the quantity exactly as asked, and what gives it, simplest first.

    Shapes have their channels first; `order` is how the printed one was read, "" of a figure.
    """

    question: str
    exact: Figure
    order: str
    answers: list[Answer]


class Solved(RootModel[list[Question]]):
    """What `archprof solve NET --macs FIGURE --format json` prints: one question per figure."""


def solve_schema() -> dict[str, Any]:
    """Return the JSON Schema of what `archprof solve NET --macs FIGURE --format json` prints."""
    return json_schema(Solved)
