"""The published shape of `list --format json`, as pydantic models."""

from __future__ import annotations

from typing import Any

from pydantic import RootModel

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


class Catalogue(RootModel[list[Entry]]):
    """What `archprof list --format json` prints."""


def list_schema() -> dict[str, Any]:
    """Return the JSON Schema of what `archprof list --format json` prints."""
    return json_schema(Catalogue)
