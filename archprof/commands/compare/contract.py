"""The published shape of `compare --format json`, as pydantic models."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, RootModel

from archprof.commands.measure.contract import Bench
from archprof.commands.measure.judging.verdict_contract import MatchedVerdict
from archprof.show.contract import (
    Count,
    MaybeCount,
    Resized,
    Sees,
    Sides,
    Strict,
    Unknown,
    Value,
    json_schema,
)


class Totals(Strict):
    """The network as a whole, as in `summary`."""

    params: Count
    trainable_params: Count
    buffers: Count
    macs: Count
    flops: Count
    depth: Count
    weight_bytes: Count
    sum_outputs_bytes: Count
    peak_inference_bytes: Count
    saved_bytes: Count
    training_bytes: Count
    bytes_moved: Count
    training_peak_bytes: MaybeCount
    step_flops: MaybeCount
    receptive_field: Sides | None
    sees: Sees
    unknown: Unknown


class UnknownOfStep(Strict):
    """The layers that the numbers of a step lack, by path."""

    cost: Annotated[list[str], Field(description="Lacking in `step_flops`.")]
    saved: Annotated[list[str], Field(description="Lacking in `training_peak_bytes`.")]


class Step(Strict):
    """How a step of training is run, and the layers that its numbers lack: lower bounds then."""

    optimizer: str
    amp: Annotated[
        Literal["bfloat16", "float16"] | None, Field(description="The dtype of torch.autocast.")
    ]
    checkpoint: Annotated[
        str | None, Field(description="Which blocks run again in the backward pass.")
    ]
    accumulate: Annotated[
        int, Field(ge=1, description="Batches whose gradients are added up for one update.")
    ]
    device: Annotated[Literal["cpu", "cuda"], Field(description="By whose rules.")]
    unknown: UnknownOfStep


class Stage(Strict):
    """What a network spends at one resolution, `factor` times smaller than the input; null where
    no pixels are left.
    """

    factor: int | None
    layers: Count
    params: Count
    macs: MaybeCount
    output_shape: list[int]


class Network(Strict):
    """One network, under a name that no other one has; `kinds` has the number of layers of each."""

    network: str
    input: list[int]
    resized: Resized | None
    freeze: list[str]
    step: Annotated[Step | None, Field(description="With --train; null without.")]
    totals: Totals
    stages: list[Stage]
    kinds: dict[str, Count]


class Changed(Strict):
    """A parameter or a setting in both networks."""

    name: str
    before: Value
    after: Value


class Change(Strict):
    """Layers of the same path whose settings changed alike, and what that added to all of them."""

    op: str
    settings: list[Changed]
    layers: list[str]
    params: int
    macs: int | None


class Only(Strict):
    """Layers of a kind that only one network has."""

    kind: str
    layers: Count
    params: Count
    macs: MaybeCount


class Difference(Strict):
    """What differs from the first network to another one."""

    from_: Annotated[str, Field(alias="from")]
    to: str
    shared_layers: Count
    renamed_layers: Count
    same: bool
    parameters: list[Changed]
    changes: list[Change]
    gone: list[Only]
    new: list[Only]


class Comparison(Strict):
    """Networks side by side at one input."""

    networks: list[Network]
    differences: list[Difference]


class MeasuredComparison(Comparison):
    """With --device: the comparison, the run as `bench` has it, and the verdicts on its times."""

    run: Bench
    verdicts: list[MatchedVerdict]


class Comparisons(Strict):
    """With several inputs: one comparison for each."""

    comparisons: list[Comparison]


class LoadedRuns(Strict):
    """With --load: runs of `bench` by the names of their files, what of each later one's conditions
    differs from the first one's, and the verdicts on their times.
    """

    runs: dict[str, Bench]
    differences: dict[str, list[str]]
    verdicts: list[MatchedVerdict]


class Compared(RootModel[Comparison | MeasuredComparison | Comparisons | LoadedRuns]):
    """What `archprof compare NET NET --format json` prints."""


def compare_schema() -> dict[str, Any]:
    """Return the JSON Schema of what `archprof compare NET NET --format json` prints."""
    return json_schema(Compared)
