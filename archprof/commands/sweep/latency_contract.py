"""The published shape of a latency model's file, as pydantic models."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import FailFast, Field, ValidationError

from archprof.show.contract import Strict

FIRST = FailFast()  # a list ends at its first fault: a hostile file has a million of them
Text = Annotated[str, Field(max_length=10_000)]
Seconds = Annotated[float, Field(ge=0, le=1e9)]
Milliseconds = Annotated[float, Field(gt=0, le=1e12)]
Factor = Annotated[float, Field(ge=0, le=1e12)]


class LatencyConditions(Strict):
    """For what the model holds; `threads` are torch's on a CPU, null elsewhere."""

    device_type: Annotated[Literal["cpu", "cuda"], Field(description="The kind of device.")]
    device: Annotated[Text, Field(description="Its name.")]
    dtype: Annotated[Text, Field(description="Of the weights and of what is computed.")]
    batch: Annotated[int, Field(ge=1, description="Images at a time.")]
    memory_format: Annotated[Text, Field(description="Contiguous, or channels last.")]
    mode: Annotated[Text, Field(description="Eager, a graph, or compiled.")]
    threads: Annotated[
        Annotated[int, Field(ge=1)] | None, Field(description="Of torch on a CPU; null elsewhere.")
    ]


class TimedLayer(Strict):
    """Seconds of a layer: its op, its settings and the shapes that come in, in words."""

    layer: Text
    seconds: Seconds


class KindCost(Strict):
    """Seconds of layers of a kind that were never timed; the kind "" stands for all."""

    kind: Text
    per_mac: Factor
    per_byte: Factor
    per_layer: Factor


class HeldBack(Strict):
    """A variant that the model was not made from."""

    predicted_ms: Milliseconds
    measured_ms: Milliseconds


class Twice(Strict):
    """A variant measured twice."""

    first_ms: Milliseconds
    second_ms: Milliseconds


class LatencyModelFile(Strict):
    """A latency model: `archprof latency SPACE --fit N -o FILE` writes it.

    A network takes `per_second` for each second of its layers and `per_layer` seconds for each of
    them. `manifest` is that of the measurement, as `archprof bench` writes it.
    """

    schema_: Annotated[Literal[1], Field(alias="schema")]
    what: Literal["latency model"]
    space: Text
    conditions: LatencyConditions
    manifest: dict[str, Any]
    per_second: Factor
    per_layer: Factor
    timed: Annotated[list[TimedLayer], FIRST]
    costs: Annotated[list[KindCost], FIRST]
    held_back: Annotated[list[HeldBack], FIRST, Field(min_length=1)]
    twice: Annotated[list[Twice], FIRST]


def latency_model_faults(data: object) -> list[tuple[str, str]]:
    """Return the places where data is not a latency model, and what is wrong there."""
    try:
        LatencyModelFile.model_validate(data)
    except ValidationError as error:
        return [
            (".".join(map(str, fault["loc"])) or "the whole", fault["msg"])
            for fault in error.errors(include_url=False, include_input=False)
        ]
    return []
