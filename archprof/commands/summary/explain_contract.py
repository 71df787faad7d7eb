"""The published shape of `explain --format json`, as pydantic models."""

from __future__ import annotations

from typing import Any

from pydantic import RootModel

from archprof.show.contract import Strict, json_schema


class Step(Strict):
    """One quantity as on the board: formula, numbers put in, result; "" for what it has not."""

    quantity: str
    formula: str
    numbers: str
    result: str


class Contents(Strict):
    """The layers and blocks of a network that can be explained."""

    network: str
    layers: list[str]
    blocks: list[str]


class Explanation(RootModel[list[Step] | Contents | dict[str, list[Step]]]):
    """What `archprof explain NET [LAYER] --format json` prints: a layer's steps, a block's layers
    each with its steps, and without a layer the contents.
    """


def explain_schema() -> dict[str, Any]:
    """Return the JSON Schema of what `archprof explain NET [LAYER] --format json` prints."""
    return json_schema(Explanation)
