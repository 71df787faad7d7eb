"""The published shape of `lecture --format json`, as pydantic models.

`archprof schema verdicts` prints it: `archprof schema lecture` is of files of claims.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from archprof.commands.lecture.verdicts import AS, DIFFERS, HOLDS, NOT_RUN, ROUNDED, UNDECIDABLE
from archprof.show.contract import Strict, json_schema

_PLAIN = "|".join((HOLDS, ROUNDED, DIFFERS, UNDECIDABLE, NOT_RUN))
Verdict = Annotated[str, Field(pattern=f"^({_PLAIN}|{AS}.+)$")]


class Statement(Strict):
    """A statement decided; "" for what does not apply."""

    label: str
    stated: str
    by_hand: str
    analysis: str
    torch: str
    fvcore: str
    verdict: Verdict
    error: str
    likely: list[str]
    recorded: str
    as_recorded: bool


class Claim(Strict):
    """What a lecture says in one place; `verdict` is that of its weakest statement."""

    id: str
    slide: str
    says: str
    note: str
    verdict: Verdict
    statements: list[Statement]


class Lecture(Strict):
    """A lecture, or what was chosen of it."""

    lecture: str
    title: str
    source: str
    claims: list[Claim]


class Contradiction(Strict):
    """Two claims that cannot both be true; `found` where neither says so itself."""

    claims: Annotated[list[str], Field(min_length=2, max_length=2)]
    found: bool


class Verdicts(Strict):
    """What `archprof lecture --format json` prints."""

    schema_: Annotated[Literal[1], Field(alias="schema")]
    missing_witnesses: list[Literal["torch", "fvcore"]]
    lectures: list[Lecture]
    contradictions: list[Contradiction]


def verdicts_schema() -> dict[str, Any]:
    """Return the JSON Schema of what `archprof lecture --format json` prints."""
    return json_schema(Verdicts)
