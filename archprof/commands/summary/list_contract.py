"""The published shape of `list --format json`, as pydantic models."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field, RootModel

from archprof.show.contract import Count, Strict, json_schema


class Entry(Strict):
    """A shipped network; `macs` are for one image at its own `input`, `year` is 0 for none."""

    name: str
    aliases: list[str]
    family: str
    year: Count
    input: list[int]
    params: Count
    macs: Count
    depth: Count
    title: str
    source: str


class Parameter(Strict):
    """A parameter of a spec; values are as a spec writes them."""

    name: str
    default: Annotated[str | None, Field(description="null: it must be given.")]
    value: Annotated[str | None, Field(description="Of the network; null: no network is named.")]


class Variant(Strict):
    """A network of a family; "" is what it does not state."""

    name: str
    aliases: list[str]
    title: str
    input: str
    values: dict[str, str]


class Block(Strict):
    """A block: the names of its inputs, and by parameter its default, null for none."""

    name: str
    inputs: list[str]
    parameters: dict[str, str | None]


class Spec(Strict):
    """A spec, and the network of it that is named; `network` is false where none is."""

    name: str
    aliases: list[str]
    family: str
    title: str
    year: Count
    source: str
    input: str
    file: str
    line: Count
    network: bool
    parameters: list[Parameter]
    variants: list[Variant]
    blocks: list[Block]


class Listing(RootModel[list[Entry] | Spec]):
    """What `archprof list [PATTERN|NET] --format json` prints: the networks, or one spec."""


def list_schema() -> dict[str, Any]:
    """Return the JSON Schema of what `archprof list --format json` prints."""
    return json_schema(Listing)
