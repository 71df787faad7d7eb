"""The published shape of `verify --format json`, as pydantic models."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field

from archprof.show.contract import Resized, Strict, json_schema

Figure = int | list[int]


class Check(Strict):
    """One quantity as archprof and as a witness has it; `layer` is null for the whole network.

    Figures are counts, bytes, shapes without the batch, or first and last pixel of a field. The
    quantity `runs` is 1 against 0: torch refuses to run the network.
    """

    witness: str
    quantity: str
    layer: str | None
    archprof: Figure
    says: Figure
    holds: bool


class Verification(Strict):
    """What `archprof verify NET --format json` prints."""

    network: str
    input: list[int]
    resized: Resized | None
    holds: Annotated[
        bool, Field(description="Whether every check holds, and there is one at least.")
    ]
    notes: Annotated[list[str], Field(description="What no witness could check.")]
    checks: list[Check]


def verify_schema() -> dict[str, Any]:
    """Return the JSON Schema of what `archprof verify NET --format json` prints."""
    return json_schema(Verification)
