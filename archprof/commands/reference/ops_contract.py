"""The published shape of `ops --format json`, as pydantic models."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field, RootModel

from archprof.show.contract import Strict, json_schema


class Op(Strict):
    """An op in the list of all."""

    name: str
    family: str
    about: str


class Setting(Strict):
    """A setting of an op; `archprof schema spec` has the JSON Schema of what it takes."""

    name: str
    default: Annotated[
        str | None, Field(description="As a spec writes it; null: it must be given.")
    ]
    takes: Annotated[str, Field(description="What it takes, in words.")]
    about: str


class Step(Strict):
    """One quantity as on the board: formula, numbers put in, result; "" for what it has not."""

    quantity: str
    formula: str
    numbers: str
    result: str


class Layer(Strict):
    """A layer of the example that is the op."""

    path: str
    inputs: list[str]
    output: str
    working: list[Step]
    weights: Annotated[dict[str, str], Field(description="Shapes by torch name.")]
    kept: Annotated[
        list[str], Field(description="What autograd keeps for the backward pass, in words.")
    ]


class Page(Strict):
    """All there is to say about one op."""

    name: str
    family: str
    about: Annotated[list[str], Field(description="Paragraph by paragraph.")]
    inputs: Annotated[str, Field(description="How many inputs it takes.")]
    settings: list[Setting]
    example: Annotated[str, Field(description="A whole spec.")]
    layers: Annotated[list[Layer], Field(description="What the op does in the example.")]


class Ops(RootModel[list[Op] | Page]):
    """What `archprof ops [OP] --format json` prints."""


def ops_schema() -> dict[str, Any]:
    """Return the JSON Schema of what `archprof ops [OP] --format json` prints."""
    return json_schema(Ops)
