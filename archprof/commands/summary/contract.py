"""The published shape of `summary --format json`, as pydantic models; only `archprof schema` and
the tests import it.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field

from archprof.analysis.counting import CONVENTIONS
from archprof.show.contract import (
    Count,
    GivenInput,
    MaybeCount,
    ReceptiveField,
    Resized,
    Sees,
    Sides,
    Strict,
    Unknown,
    json_schema,
)


def _known(name: str) -> str:
    """Return a counting convention's name. Raises ValueError for another text."""
    if name not in CONVENTIONS:
        raise ValueError(f"unknown convention {name!r}: one of {', '.join(CONVENTIONS)}")
    return name


Convention = Annotated[
    str, AfterValidator(_known), Field(json_schema_extra={"enum": [*CONVENTIONS]})
]


class Source(Strict):
    """Where the layer stands in its spec."""

    file: str
    line: Count


class Layer(Strict):
    """One layer; arithmetic and activations are for the whole batch, the batch is not in
    `output_shape`.
    """

    path: str
    op: str
    inputs: list[str]
    output_shape: list[int]
    params: Count
    frozen_params: Count
    buffers: Count
    macs: MaybeCount
    flops: MaybeCount
    counted: MaybeCount
    weight_bytes: Count
    output_bytes: Count
    bytes_moved: Count
    saved_bytes: MaybeCount
    receptive_field: ReceptiveField | None
    aux: bool
    notes: list[str]
    source: Source


class Totals(Strict):
    """The network as a whole; arithmetic and outputs without auxiliary heads, parameters and
    training with them.
    """

    params: Count
    trainable_params: Count
    frozen_params: Count
    aux_params: Count
    buffers: Count
    macs: Count
    flops: Count
    counted: Count
    weight_bytes: Count
    sum_outputs_bytes: Count
    lecture_outputs_bytes: Count
    peak_inference_bytes: Count
    bytes_moved: Count
    saved_bytes: Count
    training_bytes: Count
    training_peak_bytes: MaybeCount
    depth: Count
    receptive_field: Annotated[
        Sides | None,
        Field(description="The largest of a layer that does not see everything, in pixels."),
    ]
    sees: Sees
    unknown: Unknown


class Alive(Strict):
    """A tensor alive at the peak, named by the layer that made it."""

    layer: str
    bytes: Count


class Peak(Strict):
    """Where inference needs the most memory."""

    layer: str
    inside_bytes: Annotated[
        int, Field(ge=0, description="Of tensors that the layer makes for itself alone.")
    ]
    alive: list[Alive]


class StochasticDepth(Strict):
    """The forward pass of a training step where nothing is dropped, and on average where dropped
    branches are not run, as in the paper; torch runs them all. Auxiliary heads are counted.
    """

    branches: Annotated[int, Field(ge=1, description="How many may be dropped.")]
    expected_branches: Annotated[float, Field(ge=0, description="How many are run on average.")]
    macs: Count
    expected_macs: MaybeCount
    flops: Count
    expected_flops: MaybeCount
    saved_bytes: Count
    expected_saved_bytes: MaybeCount


class Summary(Strict):
    """What `archprof summary NET --format json` prints."""

    schema_: Annotated[Literal[1], Field(alias="schema")]
    network: str
    overrides: Annotated[
        dict[str, Any], Field(description="What --set gave the spec's parameters.")
    ]
    input: list[int]
    inputs: list[GivenInput]
    resized: Annotated[
        Resized | None, Field(description="Where --input gave another input than the spec's own.")
    ]
    output: list[list[int]]
    batch: Annotated[int, Field(ge=1)]
    dtype: Literal["float64", "float32", "float16", "bfloat16"]
    count: Convention
    optimizer: Literal["sgd", "momentum", "adam", "adamw"]
    ema: bool
    freeze: list[str]
    layers: list[Layer]
    totals: Totals
    stochastic_depth: Annotated[
        StochasticDepth | None,
        Field(description="What dropped branches save; null where none is ever dropped."),
    ]
    peak: Peak


def summary_schema() -> dict[str, Any]:
    """Return the JSON Schema of what `archprof summary NET --format json` prints."""
    return json_schema(Summary)
