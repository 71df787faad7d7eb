"""The published shape of `lecture --format json`, as pydantic models.

`archprof schema verdicts` prints it: `archprof schema lecture` is of files of claims.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from archprof.commands.lecture.deciding.verdicts import AS, HOLDS_AS, NOT_RUN, RECORDED
from archprof.show.contract import Count, Strict, json_schema

_PLAIN = "|".join(kind for kind in (*RECORDED, NOT_RUN) if kind != HOLDS_AS)
Verdict = Annotated[str, Field(pattern=f"^({_PLAIN}|{AS}.+)$")]
Figure = int | float | list[int]


class StatedValue(Strict):
    """What is stated: `text` as printed, `value` null where that is neither a number nor a shape.

    Shapes are channels first, however the lecture writes them; 35 % is 35 with the unit "%".
    `reads` are the lecture's words that say it, "" where it is printed.
    """

    value: Figure | None
    unit: str
    text: str
    reads: Annotated[str, Field(description="The lecture's words that say it.")]


class ByHand(Strict):
    """The lecture's own calculation; of an experiment that was run only the text."""

    formula: str
    numbers: dict[str, int | float]
    value: Figure | None
    text: str


class Block(Strict):
    """A value, null for none, and how many blocks have it."""

    value: Figure | None
    count: Count


class Report(Strict):
    """What the analysis or a witness reports; `text` alone where that is a sentence.

    `convention` is the quantity that is counted instead of the stated one, "" for the same.
    `blocks` are the values where blocks differ.
    """

    value: Figure | None
    unit: str
    convention: str
    blocks: list[Block]
    text: str


class PublishedValues(Strict):
    """What a source publishes: one value, or several whose order is stated, as it prints them."""

    values: Annotated[list[str], Field(min_length=1, description="As its source prints them.")]
    source: str


class Error(Strict):
    """Why it does not hold: the `value` that comes out instead, exactly or by the lecture's own
    formula; null where `text` says all.

    `share` is (stated - value) / value, null where nothing is compared.
    """

    value: Figure | None
    unit: str
    convention: str
    share: float | None
    text: str


class Statement(Strict):
    """A statement decided; null for what does not apply.

    `luck` is the probability that what it holds as, or the first that is `likely`, is a
    coincidence. `beside` is the convention of the figures beside it where that gives another.
    """

    label: str
    stated: StatedValue | None
    by_hand: ByHand | None
    analysis: Report | None
    torch: Report | None
    fvcore: Report | None
    published: Annotated[PublishedValues | None, Field(description="What a source publishes.")]
    verdict: Verdict
    error: Error | None
    likely: list[str]
    luck: float | None
    beside: str
    recorded: str
    as_recorded: bool


class Claim(Strict):
    """What a lecture says in one place; `verdict` is that of its weakest statement.

    `also` are archprof's own supporting checks, of what the lecture does not state.
    """

    id: str
    slide: str
    says: str
    line: Annotated[int, Field(description="Of the quotation in its text; 0: not known.")]
    note: str
    verdict: Verdict
    statements: list[Statement]
    also: Annotated[list[Statement], Field(description="Supporting checks, not stated.")]


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


class JointFigure(Strict):
    """A figure, and other variants of its network that give it."""

    lecture: str
    claim: str
    label: str
    printed: str
    also: list[str]


class Joint(Strict):
    """One slip in any one of these layers that gives several figures of a network.

    Those that follow are worked out from one of the figures. `luck` is the probability that all
    of them match by luck.
    """

    network: str
    slip: str
    layers: list[str]
    figures: list[JointFigure]
    following: list[JointFigure]
    luck: float


class Verdicts(Strict):
    """What `archprof lecture --format json` prints."""

    schema_: Annotated[Literal[2], Field(alias="schema")]
    missing_witnesses: list[Literal["torch", "fvcore"]]
    lectures: list[Lecture]
    contradictions: list[Contradiction]
    joint: list[Joint]


def verdicts_schema() -> dict[str, Any]:
    """Return the JSON Schema of what `archprof lecture --format json` prints."""
    return json_schema(Verdicts)
