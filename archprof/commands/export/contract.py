"""The published shape of `export --to json`, as pydantic models; only `archprof schema` and the
tests import it.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from archprof.show.contract import Count, GivenInput, MaybeCount, Strict, Value, json_schema


class Source(Strict):
    """Where the layer is written."""

    file: str
    line: Count


class Weight(Strict):
    """A parameter or a buffer of a layer."""

    name: Annotated[str, Field(description="As torch calls it; empty: the layer's own path.")]
    shape: Annotated[list[int], Field(description="Its shape.")]
    trainable: Annotated[bool, Field(description="Whether it is a parameter, and no buffer.")]


class Block(Strict):
    """A block or a group that a layer is in."""

    path: Annotated[str, Field(description="Its path; empty: it has none of its own.")]
    block: Annotated[
        str, Field(description="The block's name, or the module's class; empty: a group.")
    ]


class Layer(Strict):
    """One layer, for one image; the batch is not in its shapes."""

    path: str
    op: str
    settings: Annotated[
        dict[str, Value], Field(description="The settings that differ from their defaults.")
    ]
    inputs: list[str]
    output_shape: list[int]
    weights: Annotated[list[Weight], Field(description="Its parameters and buffers.")]
    shares: Annotated[
        str | None, Field(description="The layer whose weights it uses; null: its own.")
    ]
    params: Count
    buffers: Count
    macs: MaybeCount
    flops: MaybeCount
    aux: bool
    frozen: list[str]
    blocks: Annotated[list[Block], Field(description="The blocks that it is in, outermost first.")]
    source: Source


class Export(Strict):
    """What `archprof export NET --to json` prints."""

    schema_: Annotated[Literal[1], Field(alias="schema")]
    network: str
    title: str
    input: list[int]
    inputs: list[GivenInput]
    outputs: Annotated[list[str], Field(description="The layers whose outputs it gives.")]
    aux_outputs: Annotated[list[str], Field(description="The last layers of its auxiliary heads.")]
    nodes: Annotated[list[Layer], Field(description="The layers, in order of execution.")]


def export_schema() -> dict[str, Any]:
    """Return the JSON Schema of what `archprof export NET --to json` prints."""
    return json_schema(Export)
