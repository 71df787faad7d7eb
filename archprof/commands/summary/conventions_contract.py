"""The published shape of `conventions --format json`, as pydantic models."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field

from archprof.show.contract import Count, Strict, json_schema


class Preset(Strict):
    """A convention of `--count`; `rules` has what one layer of an op counts, in words."""

    unit: str
    meaning: str
    equals: Annotated[
        str | None, Field(description="The tool and its version that counts the same.")
    ]
    rules: dict[str, str]
    otherwise: Annotated[str, Field(description="What ops count that `rules` does not name.")]


class Conventions(Strict):
    """What `archprof conventions --format json` prints."""

    presets: dict[str, Preset]
    flops_per_output_element: Annotated[dict[str, Count], Field(description="By op.")]
    formulas: Annotated[
        dict[str, str], Field(description="FLOPs in words, by the names of the ops.")
    ]
    backward_flops_per_element: Annotated[
        dict[str, Count],
        Field(
            description="By torch's kernel, beside multiply-accumulates, of an element of the"
            " gradient."
        ),
    ]
    update_flops_per_parameter: Annotated[
        dict[str, Count], Field(description="By optimizer, of an element of a parameter.")
    ]


def conventions_schema() -> dict[str, Any]:
    """Return the JSON Schema of what `archprof conventions --format json` prints."""
    return json_schema(Conventions)
