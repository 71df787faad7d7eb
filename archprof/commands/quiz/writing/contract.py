"""The published shape of `quiz --format json`, as pydantic models."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from archprof.show.contract import Count, Strict, json_schema

Column = Literal[
    "layer",
    "op",
    "out",
    "kernel",
    "stride",
    "padding",
    "output",
    "params",
    "macs",
    "flops",
    "memory",
    "field",
]


class Blank(Strict):
    """A cell to fill in."""

    row: Count
    column: Column


class Row(Strict):
    """A layer, the input or the total: its cells in the sheet's columns, null for an empty one and
    for a blank, unless it is the key.

    `memory` is in bytes, `field` in pixels; shapes are channels first.
    """

    layer: str | None = None
    op: str | None = None
    from_: Annotated[str | None, Field(alias="from")] = None
    out: int | None = None
    kernel: int | list[int] | None = None
    stride: int | list[int] | None = None
    padding: int | list[int] | None = None
    also: str | None = None
    output: list[int] | None = None
    params: Count | None = None
    macs: Count | None = None
    flops: Count | None = None
    memory: Count | None = None
    field: list[int] | None = None


class Quiz(Strict):
    """What `archprof quiz NET --format json` prints; `command` makes the same sheet again."""

    schema_: Annotated[Literal[2], Field(alias="schema")]
    command: str
    blanks: list[Blank]
    rows: list[Row]


class AskedQuestion(Strict):
    """A question; `answers` and `working` are in the key alone."""

    number: Annotated[Count, Field(description="Its number, from 1.")]
    kind: Annotated[str, Field(description="What it is about.")]
    level: Annotated[Literal["easy", "medium", "hard"], Field(description="How hard it is.")]
    text: Annotated[str, Field(description="All that is needed to answer it.")]
    options: Annotated[list[str], Field(description="The answers to choose from.")]
    answers: Annotated[
        list[int | str | list[int]] | None, Field(description="Answers that are right.")
    ]
    working: Annotated[str | None, Field(description="How the answer is worked out.")]


class Questions(Strict):
    """What `archprof quiz NET --questions N --format json` prints."""

    schema_: Annotated[Literal[1], Field(alias="schema")]
    command: str
    questions: Annotated[list[AskedQuestion], Field(description="The questions, in order.")]


def questions_schema() -> dict[str, Any]:
    """Return the JSON Schema of what `archprof quiz NET --questions N --format json` prints."""
    return json_schema(Questions)


def quiz_schema() -> dict[str, Any]:
    """Return the JSON Schema of what `archprof quiz NET --format json` prints."""
    return json_schema(Quiz)
