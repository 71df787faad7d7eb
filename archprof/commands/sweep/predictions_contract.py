"""The published shape of predicted latencies, as pydantic models."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field

from archprof.commands.sweep.latency_contract import LatencyConditions
from archprof.show.contract import Count, Strict, json_schema

Scalar = int | float | bool | str | None
Share = Annotated[float, Field(ge=0, le=1)]


class LatencyError(Strict):
    """How wrong the model was on variants that were held back, as shares of what was measured."""

    median: Annotated[float, Field(ge=0, description="Half of them are nearer.")]
    worst: Annotated[float, Field(ge=0, description="Of the one that is farthest off.")]
    held_back: Annotated[Count, Field(description="How many they are.")]
    rank_correlation: Annotated[
        float | None, Field(ge=-1, le=1, description="Spearman's, null: of too few.")
    ]
    covered: Annotated[Share, Field(description="Of all variants, those in the range.")]


class PredictedRow(Strict):
    """A variant and its prediction, null where a layer's time is unknown."""

    row: Annotated[Count, Field(description="Its number in the sample.")]
    parameters: Annotated[
        dict[str, Scalar], Field(description="The space's parameters by column, as depths.0.")
    ]
    predicted_latency_ms: Annotated[float | None, Field(description="Predicted, not measured.")]
    predicted_low_ms: Annotated[float | None, Field(description="Where the range begins.")]
    predicted_high_ms: Annotated[float | None, Field(description="Where the range ends.")]
    looked_up: Annotated[
        Share | None, Field(description="Of the layers' time, what was timed, not estimated.")
    ]


class PredictedLatencies(Strict):
    """What `archprof latency SPACE --predict FILE --format json` prints."""

    space: Annotated[str, Field(description="Whose variants they are.")]
    conditions: Annotated[LatencyConditions, Field(description="For what the model is.")]
    error: Annotated[LatencyError, Field(description="How wrong the model is.")]
    variants: Annotated[list[PredictedRow], Field(description="In the order of the rows.")]


def predictions_schema() -> dict[str, Any]:
    """Return the JSON Schema of what `archprof latency SPACE --predict FILE -f json` prints."""
    return json_schema(PredictedLatencies)
