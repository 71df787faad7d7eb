"""The JSON Schema of a space file, from the tables that the reader uses."""

from __future__ import annotations

from archprof.analysis.counting import CONVENTIONS
from archprof.language import hover
from archprof.language.budget_conditions import OF_SPEC
from archprof.language.schema import spec_schema
from archprof.language.schema_parts import (
    CONDITIONS,
    EXPRESSION,
    NAME,
    TRUTH,
    Schema,
    described,
    one_or_list,
    or_expression,
)
from archprof.sweeping.space.bounds import BOUNDS, DIRECTIONS, is_size
from archprof.sweeping.space.entry_reader import MOST_CHOICES
from archprof.sweeping.space.parameter_reader import MOST_AXES
from archprof.sweeping.space.sample import MOST_ROWS, MOST_SOBOL
from archprof.sweeping.space.wanted_reader import MOST_OBJECTIVES
from archprof.sweeping.space.words import NEEDED

_TEXT: Schema = {"type": "string", "minLength": 1}
_NUMBER = "[-+]?[0-9][0-9_]*(\\.[0-9]+)?"
_RANGE: Schema = {
    "type": "string",
    "pattern": f"^\\s*{_NUMBER}\\s*\\.\\.\\s*{_NUMBER}\\s*$",
    "description": "Both ends, such as 1..8; floats without a `step` are continuous.",
}
_COUNT = "^[0-9][0-9_]*(\\.[0-9]+)? ?[KMGT]?$"


def space_schema() -> Schema:
    """Return the schema of a space file."""
    spec = spec_schema()
    condition = one_or_list(EXPRESSION)
    properties = {
        "name": described(
            {"type": "string", "pattern": "^[A-Za-z0-9_][A-Za-z0-9_.\\-]*$"},
            "What the space is called.",
        ),
        "title": described(_TEXT, "What its variants are."),
        "source": described(_TEXT, "Whose space it is, and where it is found."),
        "network": described(
            _TEXT, "A shipped network, or PATH or PATH:VARIANT relative to this file."
        ),
        "space": {
            "type": "object",
            "minProperties": 1,
            "propertyNames": NAME,
            "additionalProperties": {"$ref": "#/$defs/parameter"},
            "description": "What differs: parameters of the network, and names of the space's own.",
        },
        "let": {"$ref": "#/$defs/let", "description": "Values derived from those of `space`."},
        "set": {
            "type": ["object", "null"],
            "propertyNames": NAME,
            "additionalProperties": or_expression(
                {"type": ["number", "string", "boolean", "array"]}
            ),
            "description": "What the network's parameters are; `input` is a side or a shape.",
        },
        "where": described(condition, "Conditions over parameters that every variant meets."),
        "budget": _budget(),
        "conditions": _mapping(
            {
                **{name: described(CONDITIONS[name], hover.CONDITIONS[name]) for name in OF_SPEC},
                "count": {"enum": [*CONVENTIONS]},
                "ema": TRUTH,
                "train": described(TRUTH, "Whether a step of training is simulated."),
            },
            "Under which conditions variants are analysed.",
        ),
        "sample": _sample(),
        "front": described(
            one_or_list({"type": "string", "pattern": f"^\\s*({'|'.join(DIRECTIONS)}) +[^ ]+\\s*$"})
            | {"maxItems": MOST_OBJECTIVES},
            "What a front compares: [min macs, max params].",
        ),
    }
    return {
        "$schema": spec["$schema"],
        "title": "archprof space",
        **_mapping(properties),
        "required": [*NEEDED],
        "$defs": {
            "expression": spec["$defs"]["expression"],
            "let": spec["$defs"]["let"],
            "parameter": _parameter(),
            "entry": _entry({}),
        },
    }


def _mapping(properties: dict[str, Schema], text: str = "") -> Schema:
    """Return the schema of a mapping that has no other keys."""
    schema: Schema = {"type": "object", "additionalProperties": False, "properties": properties}
    return described(schema, text) if text else schema


def _parameter() -> Schema:
    """Return the schema of one parameter: an entry, a list of them, or `each`."""
    each = {"type": "integer", "minimum": 1, "maximum": MOST_AXES}
    text = "A list of so many entries; `$index` is the place of each."
    fixed = {"type": ["number", "boolean"]}
    entry = {"anyOf": [{"$ref": "#/$defs/entry"}, fixed]}
    listed = {
        "type": "array",
        "items": entry,
        "minItems": 1,
        "contains": {"$ref": "#/$defs/entry"},
        "description": "A range, a choice or a number for each entry of a list.",
    }
    return {"anyOf": [_entry({"each": described(each, text)}), listed]}


def _entry(more: dict[str, Schema]) -> Schema:
    """Return the schema of what is drawn: a range or a choice; `more` are further keys."""
    more = {
        "when": described(
            EXPRESSION, "Where it is false, this has its first value: one variant, not many."
        ),
        **more,
    }
    step = {"type": "number", "exclusiveMinimum": 0}
    range_ = _mapping(
        {
            "range": _RANGE,
            "step": described(step, "Between neighbours; the last of them is the end."),
            "log": described(TRUTH, "Whether it is drawn evenly on a logarithmic scale."),
            **more,
        }
    )
    kinds = [{"type": kind} for kind in ("number", "string", "boolean", "array")]
    choice = {
        "type": "array",
        "minItems": 1,
        "maxItems": MOST_CHOICES,
        "uniqueItems": True,
        "anyOf": [{"items": kind} for kind in kinds],
        "description": "Numbers, texts, truth values or lists: one of them.",
    }
    return {
        "anyOf": [
            _RANGE,
            range_ | {"required": ["range"]},
            _mapping({"choice": choice, **more}) | {"required": ["choice"]},
        ]
    }


def _budget() -> Schema:
    """Return the schema of limits of totals."""
    size = "^[0-9][0-9_]*(\\.[0-9]+)? ?[A-Za-z]*$"
    limits = {
        word: {
            "type": ["integer", "string"],
            "minimum": 0,
            "pattern": size if is_size(quantity) else _COUNT,
        }
        for word, (quantity, _) in BOUNDS.items()
    }
    return _mapping(limits, "Limits of totals: 40M, 8G, 120 MiB.")


def _sample() -> Schema:
    """Return the schema of the three ways to take points."""
    seed = {"type": "integer", "minimum": 0}
    kinds = [_mapping({"grid": {"const": "all"}}) | {"required": ["grid"]}]
    for method, most in (("random", MOST_ROWS), ("sobol", MOST_SOBOL)):
        points = {
            "type": ["integer", "string"],
            "minimum": 1,
            "maximum": most,
            "pattern": _COUNT,
        }
        kinds.append(_mapping({method: points, "seed": seed}) | {"required": [method]})
    return described({"anyOf": kinds}, "Which points are taken.")
