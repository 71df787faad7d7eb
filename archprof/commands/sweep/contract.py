"""The published shape of `sweep --format json`, as pydantic models."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from archprof.show.contract import Count, Scalar, Strict, json_schema

Positive = Annotated[int, Field(ge=1)]


class Conditions(Strict):
    """Under which conditions the totals are."""

    batch: Positive
    dtype: Literal["float64", "float32", "float16", "bfloat16"]
    count: Annotated[str, Field(description="Whose arithmetic `counted` is.")]
    optimizer: Annotated[str, Field(description="What updates the weights.")]
    ema: Annotated[bool, Field(description="Whether an average of the weights is kept.")]
    amp: Annotated[str, Field(description='The narrower dtype of autocast, "": it is off.')]
    freeze: Annotated[list[str], Field(description="Patterns of parameters not trained.")]
    checkpoint: Annotated[str, Field(description='What runs again in the backward pass, "": none.')]
    accumulate: Annotated[Positive, Field(description="Batches whose gradients are added up.")]
    device: Annotated[str, Field(description="By whose rules a step is run, cuda or cpu.")]
    room: Annotated[
        Count | None, Field(description="The bytes that automatic checkpoints make it fit into.")
    ]
    train: Annotated[bool, Field(description="Whether a step of training is simulated.")]


class Drawn(Strict):
    """Which points of the space the rows are."""

    method: Annotated[
        Literal["grid", "random", "sobol"],
        Field(description="All points in order, some at random, or those of a Sobol sequence."),
    ]
    count: Annotated[Positive | None, Field(description="How many; null: the whole grid.")]
    seed: Annotated[Count, Field(description="What they are drawn with.")]


class Range(Strict):
    """A total of all variants within the limits."""

    least: Annotated[Count, Field(description="The smallest.")]
    most: Annotated[Count, Field(description="The largest.")]


class Variant(Strict):
    """A row of the sweep's table."""

    row: Annotated[Count, Field(description="Its number.")]
    parameters: Annotated[
        dict[str, Scalar], Field(description="The space's parameters by column, as depths.0.")
    ]
    totals: Annotated[
        dict[str, int | str | None],
        Field(description="Totals by name; null: a network without a local receptive field."),
    ]


class RowsFound(Strict):
    """Variants that answer a question."""

    kind: Annotated[
        Literal["front", "best"],
        Field(description="front: no variant beats them; best: by the first objective."),
    ]
    objectives: Annotated[list[str], Field(description="min or max, and a number's name.")]
    rows: list[Variant]


class OneStep(Strict):
    """A parameter moved to its next value, up or down."""

    parameter: Annotated[str, Field(description="Its column.")]
    before: Scalar
    after: Scalar
    added: Annotated[
        dict[str, int], Field(description="What that adds by total; empty: there are none.")
    ]
    why: Annotated[str, Field(description='Why there are no totals; "": there are.')]


class StepsOfRow(Strict):
    """What becomes of a row where one of its parameters is moved one step."""

    row: Count
    steps: list[OneStep]


class Differing(Strict):
    """A number that differs from the one that analysing its row in full gives."""

    row: Count
    name: str
    stored: Annotated[int | str | None, Field(description="In the table; null: none there.")]
    full: Annotated[int | str | None, Field(description="Of the row by itself; null: none.")]


class SelfCheck(Strict):
    """Rows drawn at random that were analysed in full."""

    rows: Annotated[Count, Field(description="How many.")]
    differing: Annotated[list[Differing], Field(description="None, or there is a bug.")]


class SweepRun(Strict):
    """How the rows were made that were not there before."""

    rows: Annotated[Count, Field(description="How many were made.")]
    seconds: Annotated[float, Field(ge=0, description="How long that took.")]
    peak_bytes: Annotated[
        Count | None, Field(description="The most memory of a process; null: unknown.")
    ]
    checked: Annotated[SelfCheck, Field(description="Whether some of the rows are right.")]


class Sweep(Strict):
    """What `archprof sweep SPACE --format json` prints."""

    schema_: Annotated[Literal[1], Field(alias="schema")]
    space: Annotated[str, Field(description="Its name.")]
    version: Annotated[str, Field(description="Of archprof, with which it was made.")]
    digest: Annotated[
        str, Field(description="A hash of the space, its network and its sample: SHA-256.")
    ]
    conditions: Annotated[Conditions, Field(description="Under which the totals hold.")]
    sample: Annotated[Drawn, Field(description="How the rows are drawn from the space.")]
    rows: Annotated[Positive, Field(description="Of the sample.")]
    stored: Annotated[Count, Field(description="Of these, the rows that are there.")]
    valid: Annotated[Count, Field(description="Of these, the rows that have totals.")]
    invalid: Annotated[dict[str, int], Field(description="Rows that have none, by rule.")]
    limits: Annotated[list[str], Field(description="Conditions of the budget and of --where.")]
    within: Annotated[Count, Field(description="How many rows meet them.")]
    ranges: Annotated[dict[str, Range], Field(description="Of the rows within, by total.")]
    answers: list[RowsFound]
    steps: list[StepsOfRow]
    run: Annotated[SweepRun | None, Field(description="null: a folder was asked, nothing made.")]


def sweep_schema() -> dict[str, Any]:
    """Return the JSON Schema of what `archprof sweep SPACE --format json` prints."""
    return json_schema(Sweep)
