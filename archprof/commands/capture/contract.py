"""The published shape of `capture --format json`, as pydantic models."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from archprof.show.contract import Count, MaybeCount, Strict, json_schema


class StoppedAt(Strict):
    """Where a network could not be followed any further."""

    file: Annotated[str, Field(description="The file of the user's code; empty: not known.")]
    line: Count
    reason: Annotated[str, Field(description="Why it stopped, as torch says it.")]


class UsedOperator(Strict):
    """Layers that are one operator."""

    name: str
    known: Annotated[
        Literal["archprof's op", "described", "unknown"],
        Field(
            description=(
                "How its cost is known: it is an op of the spec language; it has a row in the table"
                " of operators; not at all."
            )
        ),
    ]
    layers: Annotated[Count, Field(description="How many layers it is.")]
    params: Count
    macs: MaybeCount
    counted_as: Annotated[
        str, Field(description="How its FLOPs are counted, where it is described.")
    ]


class Capture(Strict):
    """What `archprof capture TARGET --format json` prints."""

    schema_: Annotated[Literal[1], Field(alias="schema")]
    name: str
    heading: Annotated[str, Field(description="The module's class, and how it was built.")]
    made_by: Annotated[str, Field(description="What captured it, such as torch 2.13.0.")]
    inputs: Annotated[
        dict[str, list[Count]],
        Field(description="The shape of each input by its name, with a batch of one."),
    ]
    stopped: Annotated[
        StoppedAt | None, Field(description="null: the network was followed to its end.")
    ]
    params: Count
    buffers: Count
    macs: Count
    flops: Count
    lower_bound: Annotated[
        bool, Field(description="Whether the sums lack layers whose cost is unknown.")
    ]
    operators: Annotated[
        list[UsedOperator],
        Field(description="Unknown ones first, then those with the most multiply-accumulates."),
    ]


def capture_schema() -> dict[str, Any]:
    """Return the JSON Schema of what `archprof capture TARGET --format json` prints."""
    return json_schema(Capture)
