"""The published shape of `diff --format json`, as pydantic models."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from archprof.show.contract import (
    Count,
    ReceptiveField,
    Resized,
    Sees,
    Sides,
    Strict,
    Value,
    json_schema,
)


class Source(Strict):
    """A place in a file; line 0 and column 0 mean the file as a whole."""

    file: str
    line: Count
    column: Count


class BothCounts(Strict):
    """A total before and after; null where there is no network."""

    old: Count | None
    new: Count | None


class BothFields(Strict):
    """The largest local receptive field before and after, in pixels."""

    old: Sides | None
    new: Sides | None


class Totals(Strict):
    """The network as a whole: `weights` to `moved` are bytes, `peak` is of inference, `moved` what
    a pass reads and writes, `training` what sgd keeps.
    """

    params: BothCounts
    buffers: BothCounts
    macs: BothCounts
    flops: BothCounts
    depth: BothCounts
    field: BothFields
    weights: BothCounts
    outputs: BothCounts
    peak: BothCounts
    saved: BothCounts
    training: BothCounts
    moved: BothCounts
    training_peak: Annotated[
        BothCounts | None,
        Field(
            description=(
                "The most bytes alive at once in a step of training; null where no option and no"
                " condition asks about a step."
            )
        ),
    ]
    step_flops: Annotated[
        BothCounts | None,
        Field(description="The FLOPs of that step; null where it is not asked about."),
    ]


class BothResized(Strict):
    """What another input than the spec's own changed, on each side."""

    old: Resized | None
    new: Resized | None


class BothSees(Strict):
    """Whether some layer sees the whole input, on each side."""

    old: Sees | None
    new: Sees | None


class Parameter(Strict):
    """A parameter of the spec that changed."""

    name: str
    old: Value
    new: Value


class Setting(Strict):
    """A setting of a layer that changed, as a spec writes it."""

    name: str
    old: str
    new: str


class Added(Strict):
    """What a change adds to each total, in bytes from `weights` on."""

    params: int
    macs: int
    flops: int
    weights: int
    outputs: int
    peak: int
    saved: int
    training: int


class Layer(Added):
    """A layer on one side, and its share of each total."""

    path: str
    op: str
    output_shape: list[int]
    receptive_field: ReceptiveField | None
    source: Source


class Change(Strict):
    """A layer that differs; affected: only by what it receives or what others keep alive."""

    state: Literal["added", "removed", "changed", "affected", "renamed"]
    settings: list[Setting]
    old: Layer | None
    new: Layer | None
    change: Added


class Fault(Strict):
    """A problem that kept one side from being analysed."""

    side: Literal["old", "new"]
    source: Source
    rule: str
    message: str


class Network(Strict):
    """A network on both sides; broken: the new side has faults, mended: only the old one has."""

    network: str
    state: Literal["same", "changed", "added", "removed", "broken", "mended"]
    files: Annotated[list[str], Field(description="The changed files that it depends on.")]
    totals: Totals
    resized: BothResized
    sees: BothSees
    parameters: list[Parameter]
    same_layers: Count
    input_peak_bytes: Annotated[
        int, Field(description="What the input itself adds to the peak of inference.")
    ]
    changes: list[Change]
    faults: list[Fault]


class Failed(Strict):
    """A condition of --fail-on that a network meets."""

    condition: str
    network: str
    message: str
    source: Source


class Diff(Strict):
    """What `archprof diff OLD NEW --format json` prints."""

    schema_: Annotated[Literal[1], Field(alias="schema")]
    old: str
    new: str
    networks: list[Network]
    failed: list[Failed]


def diff_schema() -> dict[str, Any]:
    """Return the JSON Schema of what `archprof diff OLD NEW --format json` prints."""
    return json_schema(Diff)
