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
    mark: Literal["right", "rounded", "other convention", "carried over", "wrong", "missing"]
    points: float
    convention: Annotated[str, Field(description="The one that a right answer follows.")]
    why: str
    slip: Annotated[str, Field(description="The likely mistake alone.")]
    entered_at: str


class Convention(Strict):
    """A convention of the sheet: how many answers follow it, and which ones another."""

    of: str
    name: str
    followed: Count
    apart: list[str]


class AlteredCell(Strict):
    """A cell that is not as it was handed out."""

    layer: str
    column: str
    text: Annotated[str, Field(description="What the sheet has there.")]
    given: Annotated[str, Field(description="What was there.")]


class SheetGrade(Strict):
    """The marks of a sheet; `blanks` is how many there are, and how many points can be had."""

    strict: Annotated[bool, Field(description="Whether answers count as their columns do alone.")]
    points: float
    right: Count
    carried_over: Count
    blanks: Count
    marks: list[Mark]
    conventions: list[Convention]


class Grade(SheetGrade):
    """What `archprof grade SHEET --format json` prints."""

    schema_: Annotated[Literal[3], Field(alias="schema")]
    command: str
    altered: list[AlteredCell]


class StudentGrade(Strict):
    """A student of a class; `marks` is null where the sheet has a `problem` or there is none."""

    student: str
    file: str
    marks: SheetGrade | None
    altered: list[AlteredCell]
    problem: str


class CommonMistake(Strict):
    """A mistake, who made it and where."""

    slip: Annotated[str, Field(description='"" where its cause is unknown.')]
    students: Annotated[list[str], Field(description="Who made it.")]
    places: list[str]


class ClassGrade(Strict):
    """What `archprof grade FOLDER --format json` prints; `mean` is null where nothing is marked."""

    schema_: Annotated[Literal[1], Field(alias="schema")]
    network: str
    mean: Annotated[float | None, Field(description="Points of a sheet, in the mean.")]
    students: list[StudentGrade]
    mistakes: list[CommonMistake]


def grade_schema() -> dict[str, Any]:
    """Return the JSON Schema of what `archprof grade SHEET --format json` prints."""
    return json_schema(Grade)


def class_schema() -> dict[str, Any]:
    """Return the JSON Schema of what `archprof grade FOLDER --format json` prints."""
    return json_schema(ClassGrade)
