"""The JSON Schema of a spec, from the tables that the reader uses."""

from __future__ import annotations

from archprof.language import hover
from archprof.language.budget import LIMITS, OF_NETWORKS
from archprof.language.schema_parts import (
    ABOUT,
    BLOCK_INPUT,
    COMMON,
    EXPRESSION,
    INPUT,
    LAYER,
    NAME,
    SCHEME,
    SHAPE,
    SOURCE,
    VALUES,
    Schema,
    budget,
    described,
    one_or_list,
    or_expression,
)
from archprof.ops import OPS
from archprof.ops.base import Op


def spec_schema() -> Schema:
    """Return the schema of a spec file."""
    block = {
        "type": "object",
        "required": ["layers"],
        "additionalProperties": False,
        "properties": {
            "inputs": described(one_or_list(BLOCK_INPUT), hover.KEYS["inputs"]),
            "params": {"$ref": "#/$defs/params"},
            "let": {"$ref": "#/$defs/let"},
            "budget": budget(name for name in LIMITS if name not in OF_NETWORKS),
            "layers": {"$ref": "#/$defs/layers"},
            "output": described(one_or_list(SOURCE), hover.KEYS["output"]),
        },
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "archprof spec",
        "type": "object",
        "required": ["name"],
        "anyOf": [
            {"required": ["input", "layers"]},
            {"required": ["inputs", "layers"]},
            {"required": ["blocks"]},
        ],
        "dependentRequired": {"input": ["layers"], "inputs": ["layers"]},
        "dependentSchemas": {
            "layers": {"oneOf": [{"required": ["input"]}, {"required": ["inputs"]}]},
        },
        "additionalProperties": False,
        "properties": {
            "name": {
                "type": "string",
                "pattern": "^[A-Za-z0-9_][A-Za-z0-9_.\\-]*$",
                "description": "What the network is called on the command line.",
            },
            **ABOUT,
            "use": (
                one_or_list({"type": "string"})
                | {"description": "Files whose blocks are known here."}
            ),
            "params": {"$ref": "#/$defs/params"},
            "let": {"$ref": "#/$defs/let"},
            "init": described(
                {
                    "type": ["object", "null"],
                    "additionalProperties": False,
                    "properties": {op: {"$ref": "#/$defs/init"} for op in OPS},
                },
                hover.KEYS["init"],
            ),
            "blocks": described(
                {"type": ["object", "null"], "propertyNames": NAME, "additionalProperties": block},
                hover.KEYS["blocks"],
            ),
            "layers": {"$ref": "#/$defs/layers"},
            "output": described(one_or_list(SOURCE), hover.KEYS["output"]),
            "variants": described(
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
            "shape": SHAPE,
            "input": INPUT,
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
                "description": "Values computed from parameters.",
            },
            "init": {"type": ["object", "null"], "additionalProperties": SCHEME},
            "layers": described(
                {
                    "anyOf": [
                        {
                            "type": "object",
                            "minProperties": 1,
                            "propertyNames": LAYER,
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
                    "block": described({"type": "string", "minLength": 1}, hover.KEYS["block"]),
                    "with": described(VALUES, hover.KEYS["with"]),
                    "first": described(VALUES, hover.KEYS["first"]),
                },
                ["block"],
                "A use of a block.",
            ),
            "network": _layer(
                {"network": described({"type": "string", "minLength": 1}, hover.KEYS["network"])},
                ["network"],
                "A whole shipped network, by name.",
            ),
            "group": _layer(
                {
                    "layers": {"$ref": "#/$defs/layers"},
                    "output": described(one_or_list(SOURCE), hover.KEYS["output"]),
                },
                ["layers"],
                "Layers under a name of their own.",
            ),
            "any-op": {
                "type": "object",
                "required": ["op"],
                "properties": {"op": described(EXPRESSION, hover.KEYS["op"])},
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
    """Return the schema of one op's layer: its settings with their kinds and defaults.

    Over its name an editor shows its docstring.
    """
    text = hover.of_op(op)
    properties = {
        "op": described({"const": name}, text),
        **{key: _setting(op, key) for key in op.settings},
        "shape": described(or_expression({"$ref": "#/$defs/shape"}), hover.KEYS["shape"]),
        "init": described({"$ref": "#/$defs/init"}, hover.KEYS["layer-init"]),
    }
    required = [key for key, setting in op.settings.items() if setting.required]
    return _layer(properties, ["op", *required], text)


def _setting(op: type[Op], key: str) -> Schema:
    setting = op.settings[key]
    schema = described(or_expression(setting.kind.schema), hover.of_setting(op, key))
    if setting.required:
        return schema
    default = setting.default
    return schema | {"default": list(default) if isinstance(default, tuple) else default}
