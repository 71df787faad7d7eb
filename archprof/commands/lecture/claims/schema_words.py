"""What each word of a file of claims may be, as JSON Schema."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from archprof.analysis.counting import OPTIMIZERS
from archprof.commands.lecture.claims.document import RELATIONS, TRENDS
from archprof.commands.lecture.claims.experiments import CHOICES, COUNTS, MEANINGS, PATHS
from archprof.commands.lecture.claims.keys import CELLS, MAX_BATCH, SHAPES
from archprof.commands.lecture.claims.layer_facts import FACTS
from archprof.commands.lecture.claims.layer_types import TYPES
from archprof.commands.lecture.claims.quantities import QUANTITIES
from archprof.language.schema_parts import Schema
from archprof.ops import OPS
from archprof.ops.elements import DTYPES

TEXT: Schema = {"type": "string", "minLength": 1}
NAMES: Schema = {
    "anyOf": [
        {"type": ["string", "integer"]},
        {"type": "array", "minItems": 1, "items": {"type": ["string", "integer"]}},
    ]
}
WRITTEN: Schema = {"type": ["string", "number"], "minLength": 1}
"""A text for the reader, which may be a number."""
_TYPE_WORDS = "|".join(
    written
    for word in sorted(TYPES, key=len, reverse=True)
    for written in dict.fromkeys((word, word.capitalize(), word.title(), word.upper()))
)
LETTERS: Schema = {"enum": list(dict.fromkeys((*QUANTITIES, *FACTS)))}
FORMULA: Schema = {
    "type": ["string", "number"],
    "description": "The lecture's own calculation, such as (W - F)/S + 1.",
}
NUMBERS: Schema = {
    "type": ["object", "null"],
    "additionalProperties": {"type": "number"},
    "description": "The numbers that its letters stand for.",
}
ID: Schema = {"pattern": "^[A-Za-z0-9][A-Za-z0-9_.\\-]{0,99}$"}


def ref(name: str) -> Schema:
    """Return a reference to one of the schema's definitions."""
    return {"$ref": f"#/$defs/{name}"}


def mapping(
    properties: Mapping[str, Schema], required: Iterable[str] = (), description: str = ""
) -> Schema:
    """Return the schema of a mapping that knows no other keys."""
    schema: Schema = {
        "type": "object",
        "additionalProperties": False,
        "required": list(required),
        "properties": dict(properties),
    }
    if description:
        schema["description"] = description
    return schema


WORDS: dict[str, Schema] = {
    "network": {
        **TEXT,
        "description": (
            "One of the file's `networks`, a shipped network, or a spec's path from here on."
        ),
    },
    "input": {**ref("shape"), "description": "Another input: channels x height x width."},
    "set": {"type": ["object", "null"], "description": "Parameters of its spec, as --set."},
    "batch": {
        "type": "integer",
        "minimum": 1,
        "maximum": MAX_BATCH,
        "description": "Images at a time; without it, one.",
    },
    "dtype": {
        "enum": list(DTYPES),
        "description": "The type of every element; without it, float32.",
    },
    "optimizer": {
        "enum": list(OPTIMIZERS),
        "description": "The one whose state training holds; without it, sgd.",
    },
    "freeze": {
        **NAMES,
        "description": "Patterns of parameters that are not trained, such as features.*.",
    },
    "layers": {
        **NAMES,
        "description": "Paths, with * where any will do; what stands under them is meant too.",
    },
    "first": {**TEXT, "description": "Begin with this layer, in order of execution."},
    "last": {**TEXT, "description": "End with this layer."},
    "op": {**ref("ops"), "description": "Only layers that are one of these ops."},
    "where": {**ref("settings"), "description": "Settings that a layer must have."},
    "block": {**TEXT, "description": "Only what stands in a block of this name."},
    "aux": {"type": "boolean", "description": "Auxiliary heads too."},
    "quantity": {**ref("quantity"), "description": "What is counted."},
    "each": {**TEXT, "description": "Once per block of this name, and all must agree."},
    "shapes": {"enum": list(SHAPES), "description": "How shapes are written here."},
    "verdict": {**ref("verdict"), "description": "The verdict that it must have."},
    "slide": {**WRITTEN, "description": "Where it stands."},
    "says": {**WRITTEN, "description": "A short quotation."},
    "note": {**WRITTEN, "description": "Why, for the lecturer."},
    "instead": {**WRITTEN, "description": "What to print instead, where no figure says it."},
    "likely": {**WRITTEN, "description": "The cause that must be found."},
    "aside": {"type": "boolean", "description": "What differs is not an error of the lecture."},
    "contradicts": {**NAMES, "description": "Other claims, also of other lectures."},
    "stated": {
        "anyOf": [ref("figure"), ref("range"), ref("volume"), ref("filter")],
        "description": "The figure, the range or the shape, as printed.",
    },
    "reads": {**TEXT, "description": "The words of `says` that the stated figure translates."},
    "formula": FORMULA,
    "with": NUMBERS,
    "of": {**ref("term"), "description": "What the figure is of."},
    "table": {**ref("table"), "description": "A table of the lecture, cell by cell."},
    "parts": {
        "type": "object",
        "minProperties": 1,
        "additionalProperties": ref("part"),
        "description": "Several statements, each with its name.",
    },
    "also": {
        "type": "object",
        "minProperties": 1,
        "additionalProperties": ref("part"),
        "description": "Checks that support the verdict, of what the lecture does not state.",
    },
    "undecidable": {**TEXT, "description": "Why no analysis can decide it."},
    "published": {**ref("published"), "description": "What a source publishes."},
    "not_modelled": {**TEXT, "description": "What archprof would have to know to decide it."},
    "rows": {
        "type": "array",
        "minItems": 1,
        "items": ref("row"),
        "description": "The table's rows, in order.",
    },
    "relation": {"enum": list(RELATIONS), "description": "Of each term to the next."},
    "sides": {
        "type": "array",
        "minItems": 2,
        "items": ref("term"),
        "description": "The terms that are compared, in order.",
    },
    "is": {**ref("settings"), "description": "The settings that each must have."},
    "followed_by": {**ref("ops"), "description": "The op that must come right behind each."},
    "under": {**TEXT, "description": "The path that the modules stand under."},
    "are": {
        "type": "array",
        "minItems": 1,
        "items": {**ref("settings"), "required": ["op"]},
        "description": "The modules, in order.",
    },
    "names": {
        "type": ["object", "null"],
        "additionalProperties": LETTERS,
        "description": "What each letter stands for.",
    },
    "gives": {**LETTERS, "description": "What the formula gives."},
    "type": {
        **TEXT,
        "pattern": rf"^(?:{_TYPE_WORDS})?(?: ?[0-9]+ ?[x×] ?[0-9]+)?(?: ?/ ?s?[0-9]+)?$",
        "description": "What the row is: Conv / s2, Conv dw / s1, max pool 3x3/2, FC.",
    },
    "label": {**WRITTEN, "description": "What the row is called on the slide."},
    "verdicts": {
        "type": ["object", "null"],
        "propertyNames": {"enum": list(CELLS)},
        "additionalProperties": ref("verdict"),
        "description": "The verdicts that cells must have, by their quantity.",
    },
}
"""The schema of each word that a file uses; BODY_WORDS has those that mean another thing."""

BODY_WORDS: dict[str, tuple[dict[str, Schema], tuple[str, ...], str]] = {
    "order": ({}, ("sides",), "Terms stand in a relation, each to the next."),
    "every": ({}, (), "Every layer selected has these settings."),
    "modules": ({}, ("are",), "What stands under a path is, in order, these ops."),
    "law": ({}, ("formula", "gives"), "A formula gives a quantity of every layer selected."),
    "series": (
        {
            "quantity": {**LETTERS, "description": "What is followed from layer to layer."},
            "is": {"enum": list(TRENDS), "description": "How it goes on from each to the next."},
        },
        ("quantity", "is"),
        "Layer after layer, a trend.",
    ),
    "table": ({}, ("rows",), "Rows of cells, each decided by itself."),
}
_ARGUMENTS: dict[str, Schema] = {
    "op": {"enum": list(OPS)},
    **{key: TEXT for key in ("network", "left", "right")},
    **{key: TEXT for key in ("layer", "weights", "first", "last", "formula")},
    **{key: {"enum": list(words)} for key, words in CHOICES.items()},
    **{key: {"type": "integer", "minimum": 1} for key in COUNTS},
    **{key: NAMES for key in PATHS},
    "nonnegative": {"type": "boolean"},
    "input": ref("shape"),
    "inputs": {"anyOf": [ref("shape"), {"type": "array", "minItems": 1, "items": ref("shape")}]},
}
ARGUMENTS: dict[str, Schema] = {
    key: {**schema, "description": MEANINGS[key]} for key, schema in _ARGUMENTS.items()
}
"""The schema of each argument of an experiment."""
