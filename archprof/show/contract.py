"""What the published shapes of several commands' JSON share, as pydantic models."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

Count = Annotated[int, Field(ge=0)]


class Strict(BaseModel):
    """Nothing more, nothing of another type, no infinities."""

    model_config = ConfigDict(extra="forbid", strict=True, allow_inf_nan=False)


class ResizedLayer(Strict):
    """A layer's parameters with the spec's own input, and with the one given."""

    path: str
    own: Count
    given: Count


class Resized(Strict):
    """What another input than the spec's own changed: layers whose weights have other shapes,
    all parameters, and statements that were not checked.
    """

    own_input: list[int]
    own_params: Count
    params: Count
    layers: list[ResizedLayer]
    unchecked: list[Literal["shape", "expect"]]
