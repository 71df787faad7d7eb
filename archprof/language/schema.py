"""The JSON Schema of a spec, from the same tables the reader uses: ops and their settings, the
words of the language.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from archprof.language import hover
from archprof.language.budget import LATENCY, LIMITS, Limit
from archprof.language.document import EXPECTABLE
from archprof.language.words import INITIALIZERS
from archprof.ops import OPS
from archprof.ops.base import Op

Schema = dict[str, Any]

EXPRESSION: Schema = {"$ref": "#/$defs/expression"}
NAME: Schema = {"type": "string", "pattern": "^[A-Za-z_][A-Za-z0-9_]*$"}
REFERENCE: Schema = {"type": ["string", "integer"], "pattern": "^[A-Za-z0-9_]+(\\.[A-Za-z0-9_]+)*$"}
TRUTH: Schema = {"type": "boolean"}


def _told(schema: Schema, text: str) -> Schema:
    """The schema with what an editor shows over it."""
    return schema | {"description": text}


def _or_expression(schema: Schema) -> Schema:
    return {"anyOf": [schema, EXPRESSION, {"type": "array", "contains": EXPRESSION}]}


def _one_or_list(schema: Schema) -> Schema:
    return {"anyOf": [schema, {"type": "array", "items": schema, "minItems": 1}]}


_SHAPE: Schema = {
    "anyOf": [
        {"type": "string", "pattern": "^[0-9]+(x[0-9]+){0,3}$"},
        {"type": "integer", "minimum": 1},
        {"type": "array", "items": {"type": "integer", "minimum": 1}, "minItems": 1, "maxItems": 4},
    ]
}
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
_VALUES: Schema = {"type": "object", "propertyNames": NAME}


def _budget(names: Iterable[str]) -> Schema:
    return {
        "type": ["object", "null"],
        "description": "Limits that `archprof check` holds it to.",
        "additionalProperties": False,
        "properties": {name: _told(_limit(LIMITS[name]), hover.BUDGET[name]) for name in names},
    }


def _limit(limit: Limit) -> Schema:
    if not limit.factors:
        return {"type": "number", "exclusiveMinimum": 0}
    behind = "|".join(filter(None, limit.factors))
    return {
        "anyOf": [
            {"type": "integer", "minimum": 0},
            {
                "type": "string",
                "pattern": rf"^[0-9][0-9_]*(\.[0-9]+)?{f'( ?({behind}))?' if behind else ''}$",
            },
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
    "year": _told(
        {"type": "integer", "exclusiveMinimum": 1900, "exclusiveMaximum": 2200}, hover.KEYS["year"]
    ),
    "input": {
        "$ref": "#/$defs/shape",
        "description": "Channels x height x width, such as 3x224x224.",
    },
    "aliases": _told(
        _one_or_list({"type": "string", "pattern": "^[A-Za-z0-9_][A-Za-z0-9_.\\-]*$"}),
        hover.KEYS["aliases"],
    ),
    "expect": {
        "type": ["object", "null"],
        "description": "Totals that must hold.",
        "additionalProperties": False,
        "properties": {
            name: _told(
                {"$ref": "#/$defs/shape"} if name == "output" else _COUNT, hover.EXPECT[name]
            )
            for name in EXPECTABLE
        },
    },
    "budget": _budget(LIMITS),
}
COMMON: dict[str, Schema] = {
    "from": (
        _one_or_list(REFERENCE)
        | {"description": "Where its input comes from: earlier layers, `input` or `previous`."}
    ),
    "when": (
        _or_expression(TRUTH)
        | {"description": "Drops the layer where it is false; its input passes through."}
    ),
    "repeat": (
        _or_expression({"type": "integer", "minimum": 0})
        | {"description": "So many times in a row; `$index` counts from 0."}
    ),
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
}
_SCHEMES: Schema = {
    "type": "object",
    "minProperties": 1,
    "maxProperties": 1,
    "additionalProperties": False,
    "properties": {name: {"type": ["number", "string"]} for name in INITIALIZERS},
}
SCHEME: Schema = {"anyOf": [{"type": "number"}, EXPRESSION, _SCHEMES]}


def spec_schema() -> Schema:
    """The schema of a spec file."""
    block = {
        "type": "object",
        "required": ["layers"],
        "additionalProperties": False,
        "properties": {
            "inputs": _told(_one_or_list(NAME), hover.KEYS["inputs"]),
            "params": {"$ref": "#/$defs/params"},
            "let": {"$ref": "#/$defs/let"},
            "budget": _budget(name for name in LIMITS if name != LATENCY),
            "layers": {"$ref": "#/$defs/layers"},
            "output": _told(_one_or_list(REFERENCE), hover.KEYS["output"]),
        },
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "archprof spec",
        "type": "object",
        "required": ["name"],
        "anyOf": [{"required": ["input", "layers"]}, {"required": ["blocks"]}],
        "dependentRequired": {"layers": ["input"], "input": ["layers"]},
        "additionalProperties": False,
        "properties": {
            "name": {
                "type": "string",
                "pattern": "^[A-Za-z0-9_][A-Za-z0-9_.\\-]*$",
                "description": "What the network is called on the command line.",
            },
            **ABOUT,
            "use": (
                _one_or_list({"type": "string"})
                | {"description": "Files whose blocks are known here."}
            ),
            "params": {"$ref": "#/$defs/params"},
            "let": {"$ref": "#/$defs/let"},
            "init": _told(
                {
                    "type": ["object", "null"],
                    "additionalProperties": False,
                    "properties": {op: {"$ref": "#/$defs/init"} for op in OPS},
                },
                hover.KEYS["init"],
            ),
            "blocks": _told(
                {"type": ["object", "null"], "propertyNames": NAME, "additionalProperties": block},
                hover.KEYS["blocks"],
            ),
            "layers": {"$ref": "#/$defs/layers"},
            "output": _told(_one_or_list(REFERENCE), hover.KEYS["output"]),
            "variants": _told(
                {
                    "type": ["object", "null"],
                    "additionalProperties": {"type": ["object", "null"], "properties": ABOUT},
                },
                hover.KEYS["variants"],
            ),
        },
        "$defs": {
            "expression": {
                "type": "string",
                "pattern": "\\$",
                "description": "Arithmetic over $names.",
            },
            "shape": _SHAPE,
            "params": {
                "type": ["object", "null"],
                "propertyNames": NAME,
                "description": (
                    "Parameters and their defaults; one without a default must be given."
                ),
            },
            "let": {
                "type": ["object", "null"],
                "propertyNames": NAME,
                "description": "Values worked out from parameters.",
            },
            "init": {"type": ["object", "null"], "additionalProperties": SCHEME},
            "layers": _told(
                {
                    "anyOf": [
                        {
                            "type": "object",
                            "minProperties": 1,
                            "propertyNames": NAME,
                            "additionalProperties": {"$ref": "#/$defs/layer"},
                        },
                        {"type": "array", "minItems": 1, "items": {"$ref": "#/$defs/layer"}},
                    ]
                },
                hover.KEYS["layers"],
            ),
            "layer": {
                "anyOf": [
                    {"type": "array", "minItems": 1, "items": {"$ref": "#/$defs/layer"}},
                    {"$ref": "#/$defs/block"},
                    {"$ref": "#/$defs/network"},
                    {"$ref": "#/$defs/group"},
                    {"$ref": "#/$defs/any-op"},
                    *({"$ref": f"#/$defs/{name}"} for name in OPS),
                ]
            },
            "block": _layer(
                {
                    "block": _told({"type": "string", "minLength": 1}, hover.KEYS["block"]),
                    "with": _told(_VALUES, hover.KEYS["with"]),
                    "first": _told(_VALUES, hover.KEYS["first"]),
                },
                ["block"],
                "A use of a block.",
            ),
            "network": _layer(
                {"network": _told({"type": "string", "minLength": 1}, hover.KEYS["network"])},
                ["network"],
                "A whole shipped network, by name.",
            ),
            "group": _layer(
                {
                    "layers": {"$ref": "#/$defs/layers"},
                    "output": _told(_one_or_list(REFERENCE), hover.KEYS["output"]),
                },
                ["layers"],
                "Layers under a name of their own.",
            ),
            "any-op": {
                "type": "object",
                "required": ["op"],
                "properties": {"op": _told(EXPRESSION, hover.KEYS["op"])},
            },
            **{name: _op(name, op) for name, op in OPS.items()},
        },
    }


def _layer(properties: dict[str, Schema], required: list[str], description: str) -> Schema:
    return {
        "type": "object",
        "description": description,
        "required": required,
        "additionalProperties": False,
        "properties": properties | COMMON,
    }


def _op(name: str, op: type[Op]) -> Schema:
    """One op's layer: its settings with their kinds and defaults.

    Over its name an editor shows its docstring.
    """
    settings = {
        key: (
            _told(_or_expression(s.kind.schema), hover.of_setting(name, op, key))
            | (
                {}
                if s.required
                else {"default": list(s.default) if isinstance(s.default, tuple) else s.default}
            )
        )
        for key, s in op.settings.items()
    }
    text = hover.of_op(op)
    return _layer(
        {
            "op": _told({"const": name}, text),
            **settings,
            "shape": _told(_or_expression({"$ref": "#/$defs/shape"}), hover.KEYS["shape"]),
            "share": _told(REFERENCE, hover.KEYS["share"]),
            "init": _told({"$ref": "#/$defs/init"}, hover.KEYS["layer-init"]),
        },
        ["op", *(key for key, s in op.settings.items() if s.required)],
        text,
    )
