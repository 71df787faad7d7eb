"""What the published shapes of several commands' JSON share, as pydantic models."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from archprof.show.glossary import meaning

Count = Annotated[int, Field(ge=0)]
MaybeCount = Annotated[Count | None, Field(description="null: unknown.")]
Sides = Annotated[list[int], Field(min_length=1, max_length=3)]
"""A number for each axis of the input: length; height and width; depth, height and width."""
Rational = int | Annotated[str, Field(pattern=r"^[0-9]+/[0-9]+$")]
Scalar = bool | int | float | str | None
Value = Scalar | list[Scalar | list[Scalar]]
"""A parameter of a spec."""
Sees = Annotated[
    Literal["local", "all", "unknown"],
    Field(
        description=(
            "all: a layer that keeps places apart (attention, a gate) sees the whole input;"
            " unknown: one has no regular answer."
        )
    ),
]


class Strict(BaseModel):
    """Nothing more, nothing of another type, no infinities."""

    model_config = ConfigDict(extra="forbid", strict=True, allow_inf_nan=False)


class ReceptiveField(Strict):
    """Per axis, in pixels of the input: height then width of an image, the length of a sequence,
    depth, height and width of a volume.
    """

    size: Annotated[
        Sides, Field(description="Of the layer's unit that sees most, padding included.")
    ]
    jump: Annotated[
        list[Rational],
        Field(
            min_length=1,
            max_length=3,
            description=(
                "From one unit's first pixel to the next one's on average: over a period of an"
                " upsampling, over all units where nothing repeats."
            ),
        ),
    ]
    start: Sides
    least: Sides
    whole: Annotated[list[bool], Field(min_length=1, max_length=3)]
    aligned: bool


class Unknown(Strict):
    """The layers that the totals lack, by path, so that these are lower bounds."""

    cost: Annotated[
        list[str],
        Field(description="Lacking in `macs`, `flops` and `counted`: their arithmetic is unknown."),
    ]
    saved: Annotated[
        list[str],
        Field(
            description=(
                "Lacking in `saved_bytes` and `training_bytes`: what autograd keeps of them is"
                " unknown."
            )
        ),
    ]


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
    input: list[int]
    own_params: Count
    params: Count
    layers: list[ResizedLayer]
    unchecked: list[Literal["shape", "expect"]]


class GivenInput(Strict):
    """An input of the network."""

    name: Annotated[str, Field(description="What the network calls it.")]
    shape: Annotated[list[int], Field(description="Its shape, the batch not in it.")]
    dtype: Annotated[
        str | None, Field(description="Its own dtype, such as int64; null: the network's.")
    ]
    below: Annotated[
        int | None,
        Field(description="Its whole numbers are from 0 to below this; null: not stated."),
    ]


def json_schema(model: type[BaseModel]) -> dict[str, Any]:
    """Return the JSON Schema of a model, each paragraph of a docstring in one line.

    A field that does not say what it means gets its sentence of the glossary.
    """
    plain: dict[str, Any] = _unwrapped(model.model_json_schema())
    _explain(str(plain["title"]), plain)
    for name, definition in plain.get("$defs", {}).items():
        _explain(name, definition)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **plain}


def _explain(model: str, definition: dict[str, Any]) -> None:
    """Give the fields of one object their meanings, before what they say of null alone."""
    for name, field in definition.get("properties", {}).items():
        said = field.get("description", "")
        if not said or said.startswith("null: "):
            found = f"{meaning(model, name)} {said}".strip()
            if found:
                field["description"] = found


def _unwrapped(data: Any) -> Any:
    """Return the data with its descriptions' lines joined, paragraphs kept apart."""
    if isinstance(data, list):
        return [_unwrapped(item) for item in data]
    if not isinstance(data, dict):
        return data
    found = {key: _unwrapped(value) for key, value in data.items()}
    description = found.get("description")
    if isinstance(description, str):
        paragraphs = description.split("\n\n")
        found["description"] = "\n\n".join(" ".join(text.split()) for text in paragraphs)
    return found
