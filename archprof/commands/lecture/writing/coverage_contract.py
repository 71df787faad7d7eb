"""The published shape of `lecture --coverage --format json`, as pydantic models."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from archprof.show.contract import Count, Strict, json_schema


class Uncovered(Strict):
    """A sentence with figures that no claim quotes, or, with none, one that could be checked."""

    lines: Annotated[list[Count], Field(description="Every line where it stands.")]
    sentence: Annotated[str, Field(description="The sentence.")]
    figures: Annotated[list[str], Field(description="The figures that no claim quotes.")]


class Nearest(Strict):
    """The sentence that shares most words with a quotation."""

    line: Count
    sentence: Annotated[str, Field(description="The sentence.")]


class Misquoted(Strict):
    """Words that a claim quotes, or a figure that it states, and the text does not have."""

    claim: Annotated[str, Field(description="The claim's id, or not_claims.")]
    words: Annotated[str, Field(description="The words, or the figure.")]
    stated: Annotated[bool, Field(description="Whether it is a figure that is not quoted.")]
    nearest: Annotated[Nearest | None, Field(description="What the text has instead.")]


class CoverageOfText(Strict):
    """What `archprof lecture FILE --coverage TEXT --format json` prints."""

    schema_: Annotated[Literal[1], Field(alias="schema")]
    text: str
    figures: Annotated[int, Field(description="How many figures the text has.")]
    checkable: Annotated[int, Field(description="How many of its sentences could be checked.")]
    uncovered: Annotated[list[Uncovered], Field(description="What no claim quotes.")]
    misquoted: Annotated[list[Misquoted], Field(description="Quotations not found in the text.")]


def coverage_schema() -> dict[str, Any]:
    """Return the JSON Schema of what `archprof lecture FILE --coverage TEXT` prints."""
    return json_schema(CoverageOfText)
