"""The published shape of `roadmap --format json`, as pydantic models."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from archprof.show.contract import Count, Strict, json_schema


class Step(Strict):
    """A row of the paper's table; `paper_gmacs` is as printed, `paper_accuracy` in percent."""

    step: Count
    change: str
    network: str
    adopted: Annotated[
        Literal["yes", "no", "reference"],
        Field(description="no: only tried; reference: another network, for comparison."),
    ]
    params: Count
    macs: Count
    paper_gmacs: str
    agrees: Annotated[bool, Field(description="Whether `macs`, rounded so, is `paper_gmacs`.")]
    paper_accuracy: float
    note: str


class Regime(Strict):
    """One of the paper's two tables."""

    title: str
    steps: list[Step]


class Roadmap(Strict):
    """What `archprof roadmap --format json` prints: both tables, whichever is named."""

    t: Regime
    b: Regime


def roadmap_schema() -> dict[str, Any]:
    """Return the JSON Schema of what `archprof roadmap --format json` prints."""
    return json_schema(Roadmap)
