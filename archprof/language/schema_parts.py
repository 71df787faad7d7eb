"""The recurring parts of a spec's JSON Schema: names, shapes, statements, and keys of layers."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from archprof.language import hover
from archprof.language.budget import LIMITS, Limit
from archprof.language.budget_conditions import MAX_BATCH, MAX_TEXT, OF_SPEC
from archprof.language.document import EXPECTABLE
from archprof.language.words import INITIALIZERS, MOST_PARTS
from archprof.ops.elements import DTYPES, INTEGERS
from archprof.training.training_conditions import AMP, DEVICES

Schema = dict[str, Any]

EXPRESSION: Schema = {"$ref": "#/$defs/expression"}
NAME: Schema = {"type": "string", "pattern": "^[A-Za-z_][A-Za-z0-9_]*$"}
BLOCK_INPUT: Schema = {"type": "string", "pattern": "^[A-Za-z_][A-Za-z0-9_]*(\\.\\.\\.)?$"}
_WORD = "[A-Za-z0-9_][A-Za-z0-9_-]*"
LAYER: Schema = {"type": "string", "pattern": f"^{_WORD}(\\.{_WORD}){{0,{MOST_PARTS - 1}}}$"}
REFERENCE: Schema = {"type": ["string", "integer"], "pattern": f"^{_WORD}(\\.{_WORD})*$"}
_COMPUTED: Schema = {"type": "string", "pattern": "\\{.*\\}| if "}
SOURCE: Schema = {"anyOf": [REFERENCE, _COMPUTED]}
TRUTH: Schema = {"type": "boolean"}


def described(schema: Schema, text: str) -> Schema:
    """Return the schema with the text that an editor shows over it."""
    return schema | {"description": text}


def or_expression(schema: Schema) -> Schema:
    """Return the schema of a value, of an expression, or of a list with expressions in it."""
    return {"anyOf": [schema, EXPRESSION, {"type": "array", "contains": EXPRESSION}]}


def one_or_list(schema: Schema) -> Schema:
    """Return the schema of one value, or of a list of such values."""
    return {"anyOf": [schema, {"type": "array", "items": schema, "minItems": 1}]}


SHAPE: Schema = {
    "anyOf": [
        {"type": "string", "pattern": "^[0-9]+(x[0-9]+){0,3}$"},
        {"type": "integer", "minimum": 1},
        {"type": "array", "items": {"type": "integer", "minimum": 1}, "minItems": 1, "maxItems": 4},
    ]
}
INPUT: Schema = {
    "anyOf": [
        {"$ref": "#/$defs/shape"},
        {
            "type": "object",
            "required": ["shape"],
            "additionalProperties": False,
            "properties": {
                "shape": {"$ref": "#/$defs/shape", "description": hover.INPUT["shape"]},
                "dtype": described({"enum": [*INTEGERS]}, hover.INPUT["dtype"]),
                "below": described({"type": "integer", "minimum": 1}, hover.INPUT["below"]),
            },
            "dependentRequired": {"below": ["dtype"]},
        },
    ]
}
"""An input of a network: its shape, or what else there is to say of it."""
_COUNT: Schema = {
    "anyOf": [
        {"type": "integer", "minimum": 0},
        {
            "type": "string",
            "pattern": "^[0-9][0-9_]*$",
            "description": "YAML 1.2 readers take 1_000 for a text",
        },
    ]
}
VALUES: Schema = {"type": "object", "propertyNames": NAME}
LIMITED = "Limits that `archprof check` holds it to."
_WHOLE: Schema = {"type": "integer", "minimum": 1, "maximum": MAX_BATCH}
_TEXT: Schema = {"type": "string", "minLength": 1, "maxLength": MAX_TEXT}
CONDITIONS: dict[str, Schema] = {
    "batch": _WHOLE,
    "dtype": {"enum": [*DTYPES]},
    "optimizer": one_or_list(_TEXT),
    "amp": {"enum": [*AMP]},
    "freeze": one_or_list(_TEXT),
    "checkpoint": _TEXT,
    "accumulate": _WHOLE,
    "device": {"enum": [*DEVICES]},
}


def budget(names: Iterable[str]) -> Schema:
    """Return the schema of a `budget` with these limits."""
    return {
        "type": ["object", "null"],
        "description": LIMITED,
        "additionalProperties": False,
        "properties": {name: described(_limit(LIMITS[name]), hover.BUDGET[name]) for name in names},
    }


def budgets() -> Schema:
    """Return the schema of a network's `budget`: limits beside conditions, or a list of such."""
    one = budget(LIMITS)
    one["properties"] |= {
        name: described(CONDITIONS[name], hover.CONDITIONS[name]) for name in OF_SPEC
    }
    return {"description": LIMITED, "anyOf": [one, {"type": "array", "items": one}]}


def _limit(limit: Limit) -> Schema:
    if not limit.factors:
        return {"type": "number", "exclusiveMinimum": 0}
    units = "|".join(filter(None, limit.factors))
    suffix = f"( ?({units}))?" if units else ""
    return {
        "anyOf": [
            {"type": "integer", "minimum": 0},
            {"type": "string", "pattern": rf"^[0-9][0-9_]*(\.[0-9]+)?{suffix}$"},
        ]
    }


ABOUT: dict[str, Schema] = {
    "title": {"type": "string", "minLength": 1, "description": "The network's full name."},
    "family": {
        "type": "string",
        "minLength": 1,
        "description": "What `archprof list` groups it under.",
    },
    "source": {
        "type": "string",
        "minLength": 1,
        "description": "The paper or the public implementation it follows.",
    },
    "year": described(
        {"type": "integer", "exclusiveMinimum": 1900, "exclusiveMaximum": 2200}, hover.KEYS["year"]
    ),
    "input": {
        "$ref": "#/$defs/input",
        "description": (
            "Channels x height x width, such as 3x224x224, or any other shape without the batch."
        ),
    },
    "inputs": described(
        {
            "type": "object",
            "minProperties": 1,
            "propertyNames": NAME,
            "additionalProperties": {"$ref": "#/$defs/input"},
        },
        hover.KEYS["network-inputs"],
    ),
    "aliases": described(
        one_or_list({"type": "string", "pattern": "^[A-Za-z0-9_][A-Za-z0-9_.\\-]*$"}),
        hover.KEYS["aliases"],
    ),
    "expect": {
        "type": ["object", "null"],
        "description": "Totals that must hold.",
        "additionalProperties": False,
        "properties": {
            name: described(
                {"$ref": "#/$defs/shape"} if name == "output" else _COUNT, hover.EXPECT[name]
            )
            for name in EXPECTABLE
        },
    },
    "budget": budgets(),
}
COMMON: dict[str, Schema] = {
    "from": (
        one_or_list(SOURCE)
        | {
            "description": (
                "Where its input comes from: earlier layers, `input` or `previous`, by name, or"
                " computed: 'branch_{$j} for j in range(3)'."
            )
        }
    ),
    "when": (
        or_expression(TRUTH)
        | {"description": "Drops the layer where it is false; its input passes through."}
    ),
    "repeat": (
        or_expression({"type": "integer", "minimum": 0})
        | {"description": "So many times in a row; `$index` counts from 0."}
    ),
    "parallel": {
        **TRUTH,
        "description": (
            "Every turn of the `repeat` takes the same input; `add` or `concat` below joins them."
        ),
    },
    "name": {
        "type": "string",
        "description": (
            "The name in a list, or the pattern of a repeat's names: 'layer{$index + 1}'."
        ),
    },
    "flat": {**TRUTH, "description": "Its layers stand in the parent's numbering and paths."},
    "aux": {
        **TRUTH,
        "description": "An auxiliary head: its parameters count, inference leaves it out.",
    },
    "share": described(REFERENCE, hover.KEYS["share"]),
    "frozen": {
        "anyOf": [TRUTH, EXPRESSION, {"type": "array", "items": _TEXT, "minItems": 1}],
        "description": (
            "Its parameters get no gradient, nor do those inside it; `frozen: false` inside lets"
            " some train. Beside an `op` also the names of some of its parameters: [bias]."
        ),
    },
}
_SCHEMES: Schema = {
    "type": "object",
    "minProperties": 1,
    "maxProperties": 1,
    "additionalProperties": False,
    "properties": {name: {"type": ["number", "string"]} for name in INITIALIZERS},
}
SCHEME: Schema = {"anyOf": [{"type": "number"}, EXPRESSION, _SCHEMES]}
