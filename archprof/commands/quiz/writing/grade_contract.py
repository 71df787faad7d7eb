"""The published shape of `grade --format json`, as pydantic models."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from archprof.show.contract import Count, Strict, json_schema


class Answer(Strict):
    """An answer as written, and its number or numbers, in their order; null for words."""

    value: int | float | list[int] | None
    text: str


class Mark(Strict):
    """One blank: the answer, null for none, what is right, the mark, and why; "" for nothing.

    carried over: it follows rightly from a wrong answer, which is at `entered_at`.
    """

    layer: str
    column: str
    answer: Answer | None
    right: int | str | list[int] | None
    mark: Literal["right", "rounded", "carried over", "wrong", "missing"]
    convention: Annotated[str, Field(description="The one that a right answer follows.")]
    why: str
    entered_at: str


class Convention(Strict):
    """A convention of the sheet: how many answers follow it, and which ones another."""

    of: str
    name: str
    followed: Count
    apart: list[str]


class Grade(Strict):
    """What `archprof grade SHEET --format json` prints; `blanks` is how many there are."""

    schema_: Annotated[Literal[2], Field(alias="schema")]
    command: str
    right: Count
    carried_over: Count
    blanks: Count
    marks: list[Mark]
    conventions: list[Convention]


def grade_schema() -> dict[str, Any]:
    """Return the JSON Schema of what `archprof grade SHEET --format json` prints."""
    return json_schema(Grade)
