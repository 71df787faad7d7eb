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


class Quiz(Strict):
    """What `archprof quiz NET --format json` prints; `command` makes the same sheet again."""

    schema_: Annotated[Literal[1], Field(alias="schema")]
    command: str
    blanks: list[Blank]
    rows: list[dict[str, str | None]]


def quiz_schema() -> dict[str, Any]:
    """Return the JSON Schema of what `archprof quiz NET --format json` prints."""
    return json_schema(Quiz)
