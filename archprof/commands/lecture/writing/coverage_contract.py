"""The published shape of `lecture --coverage --format json`, as pydantic models."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from archprof.show.contract import Count, Strict, json_schema


class Uncovered(Strict):
    """A sentence with figures that no claim quotes, or, with none, one that could be checked."""

    lines: list[Count]
    sentence: str
    figures: list[str]


class Nearest(Strict):
    """The sentence that shares most words with a quotation."""

    line: Count
    sentence: str


class Misquoted(Strict):
    """Words that a claim quotes, or a figure that it states, and the text does not have."""

    claim: str
    words: str
    stated: bool
    nearest: Nearest | None


class CoverageOfText(Strict):
    """What `archprof lecture FILE --coverage TEXT --format json` prints."""

    schema_: Annotated[Literal[1], Field(alias="schema")]
    text: str
    figures: Annotated[int, Field(description="Figures that the text has.")]
    checkable: Annotated[int, Field(description="Its sentences that could be checked.")]
    uncovered: list[Uncovered]
    misquoted: list[Misquoted]


def coverage_schema() -> dict[str, Any]:
    """Return the JSON Schema of what `archprof lecture FILE --coverage TEXT` prints."""
    return json_schema(CoverageOfText)
