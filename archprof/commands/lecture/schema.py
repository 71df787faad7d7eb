"""The JSON Schema of a file of claims, from the same tables the reader uses: its words,
quantities, ops and experiments.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from archprof.analysis.counting import DTYPES, OPTIMIZERS
from archprof.commands.lecture.document import COMBINATIONS, RELATIONS, TRENDS
from archprof.commands.lecture.experiments import EXPERIMENTS
from archprof.commands.lecture.figures import PATTERN, PREFIXES, UNITS
from archprof.commands.lecture.keys import (
    ABOUT,
    BODIES,
    CELLS,
    KINDS,
    MAX_BATCH,
    NAMED,
    QUANTITY,
    ROW,
    SHAPES,
    SUBJECT,
    TOP,
)
from archprof.commands.lecture.quantities import FACTS, QUANTITIES
from archprof.commands.lecture.verdicts import AS, DIFFERS, HOLDS, ROUNDED, UNDECIDABLE
from archprof.language.schema import spec_schema
from archprof.language.schema_parts import Schema
from archprof.ops import OPS

_TEXT: Schema = {"type": "string", "minLength": 1}
_NAMES: Schema = {
    "anyOf": [
        {"type": ["string", "integer"]},
        {"type": "array", "minItems": 1, "items": {"type": ["string", "integer"]}},
    ]
}
_FORMULA: Schema = {
    "type": ["string", "number"],
    "description": "The lecture's own calculation, such as (W - F)/S + 1.",
}
_NUMBERS: Schema = {
    "type": ["object", "null"],
    "additionalProperties": {"type": "number"},
    "description": "The numbers that its letters stand for.",
}
_ID: Schema = {"pattern": "^[A-Za-z0-9][A-Za-z0-9_.\\-]{0,99}$"}


def _ref(name: str) -> Schema:
    return {"$ref": f"#/$defs/{name}"}


def _mapping(
    properties: Mapping[str, Schema], required: Iterable[str] = (), description: str = ""
) -> Schema:
    return {
        "type": "object",
        "additionalProperties": False,
        "required": list(required),
        "properties": dict(properties),
    } | ({"description": description} if description else {})


def _described(meanings: Mapping[str, str]) -> Schema:
    """One of these words, each with what it means."""
    return {
        "anyOf": [{"const": word, "description": meaning} for word, meaning in meanings.items()]
    }


_WORDS: dict[str, Schema] = {
    "network": {
        **_TEXT,
        "description": (
            "One of the file's `networks`, a shipped network, or a spec's path from here on."
        ),
    },
    "input": {**_ref("shape"), "description": "Another input: channels x height x width."},
    "set": {"type": ["object", "null"], "description": "Parameters of its spec, as --set."},
    "batch": {"type": "integer", "minimum": 1, "maximum": MAX_BATCH},
    "dtype": {"enum": list(DTYPES)},
    "optimizer": {"enum": list(OPTIMIZERS)},
    "layers": {
        **_NAMES,
        "description": "Paths, with * where any will do; what stands under them is meant too.",
    },
    "first": {**_TEXT, "description": "Begin with this layer, in order of execution."},
    "last": {**_TEXT, "description": "End with this layer."},
    "op": _ref("ops"),
    "where": {**_ref("settings"), "description": "Settings that a layer must have."},
    "block": {**_TEXT, "description": "Only what stands in a block of this name."},
    "aux": {"type": "boolean", "description": "Auxiliary heads too."},
    "quantity": _ref("quantity"),
    "each": {**_TEXT, "description": "Once per block of this name, and all must agree."},
    "shapes": {"enum": list(SHAPES)},
    "verdict": _ref("verdict"),
    "slide": {**_TEXT, "description": "Where it stands."},
    "says": {**_TEXT, "description": "A short quotation."},
    "note": {**_TEXT, "description": "Why, for the lecturer."},
    "likely": {**_TEXT, "description": "The cause that must be found."},
    "aside": {"type": "boolean", "description": "What differs is no error of the lecture."},
    "contradicts": {**_NAMES, "description": "Other claims, also of other lectures."},
    "stated": {
        "anyOf": [_ref("figure"), _ref("shape")],
        "description": "The figure or the shape, as printed.",
    },
    "formula": _FORMULA,
    "with": _NUMBERS,
    "of": _ref("term"),
    "table": _ref("table"),
    "parts": {
        "type": "object",
        "minProperties": 1,
        "additionalProperties": _ref("part"),
        "description": "Several statements, each with its name.",
    },
    "undecidable": {**_TEXT, "description": "Why no analysis can decide it."},
    "rows": {"type": "array", "minItems": 1, "items": _ref("row")},
    "relation": {"enum": list(RELATIONS)},
    "sides": {"type": "array", "minItems": 2, "items": _ref("term")},
    "is": _ref("settings"),
    "followed_by": _ref("ops"),
    "under": {**_TEXT, "description": "The path that the modules stand under."},
    "are": {
        "type": "array",
        "minItems": 1,
        "items": {**_ref("settings"), "required": ["op"]},
        "description": "The modules, in order.",
    },
    "names": {
        "type": ["object", "null"],
        "additionalProperties": {"enum": [*QUANTITIES, *FACTS]},
        "description": "What each letter stands for.",
    },
    "gives": {"enum": [*QUANTITIES, *FACTS]},
    "label": _TEXT,
    "verdicts": {
        "type": ["object", "null"],
        "propertyNames": {"enum": list(CELLS)},
        "additionalProperties": _ref("verdict"),
    },
}
"""By the word that a file uses; where a word means another thing, the kind says so below."""

_BODIES: dict[str, tuple[dict[str, Schema], tuple[str, ...], str]] = {
    "order": ({}, ("sides",), "Terms stand in a relation, each to the next."),
    "every": ({}, (), "Every layer selected has these settings."),
    "modules": ({}, ("are",), "What stands under a path is, in order, these ops."),
    "law": ({}, ("formula", "gives"), "A formula gives a quantity of every layer selected."),
    "series": (
        {"quantity": {"enum": [*QUANTITIES, *FACTS]}, "is": {"enum": list(TRENDS)}},
        ("quantity", "is"),
        "Layer after layer, a trend.",
    ),
    "table": ({}, ("rows",), "Rows of cells, each decided by itself."),
}
_ARGUMENTS: dict[str, Schema] = {
    "op": {"enum": list(OPS)},
    "network": _WORDS["network"],
    "left": _WORDS["network"],
    "right": _WORDS["network"],
    "layer": _TEXT,
    "formula": _TEXT,
    **{key: {"type": "integer", "minimum": 1} for key in ("channels", "out", "kernel")},
    "zeroed": _NAMES,
    "nonnegative": {"type": "boolean"},
    "input": _ref("shape"),
    "inputs": {"anyOf": [_ref("shape"), {"type": "array", "minItems": 1, "items": _ref("shape")}]},
}


def lecture_schema() -> Schema:
    """The schema of a file of claims; that of a spec is inside it, for the networks written out."""
    spec = spec_schema()
    inline = {
        "type": "object",
        "additionalProperties": False,
        "required": ["input", "layers"],
        "properties": spec["properties"],
        "description": "A spec; it needs no name.",
    }
    about = {word: _WORDS[word] for word in ABOUT}
    own = {
        "spec": inline,
        "named": {
            "anyOf": [
                _mapping(
                    {word: _WORDS[word] for word in NAMED if word in _WORDS},
                    ["network"],
                    "Conditions on another network.",
                ),
                _mapping({"spec": _ref("spec")}, ["spec"], "A spec written out."),
            ]
        },
        "claim": {"anyOf": [_kind(kind, about) for kind in KINDS]},
        "part": {
            "anyOf": [
                _kind(kind, {"verdict": _WORDS["verdict"]})
                for kind in KINDS
                if kind not in ("parts", "table")
            ]
        },
        "term": {
            "anyOf": [
                _ref("figure"),
                *(_combined(how) for how in COMBINATIONS),
                _mapping(
                    {word: _WORDS[word] for word in QUANTITY},
                    ["quantity"],
                    "A quantity of the layers selected, or of the network.",
                ),
            ]
        },
        "quantity": _described(
            {
                name: f"{quantity.meaning}{f' ({quantity.unit})' if quantity.unit else ''}"
                for name, quantity in QUANTITIES.items()
            }
        ),
        "row": _mapping(
            {word: _WORDS[word] if word in _WORDS else _cell(word) for word in ROW},
            (),
            "A layer, and what is stated of it.",
        )
        | {"anyOf": [{"required": [cell]} for cell in CELLS]},
        "table": _body("table"),
        "experiment": {"anyOf": [_experiment(name) for name in EXPERIMENTS]},
        "figure": {
            "anyOf": [{"type": "number"}, {"type": "string", "pattern": _figure()}],
            "description": "As printed: 35K, 96 MB, 12x, about 5 million.",
        },
        "verdict": {
            "anyOf": [
                {"enum": [HOLDS, ROUNDED, DIFFERS, UNDECIDABLE]},
                {"type": "string", "pattern": f"^{AS}."},
            ]
        },
        "ops": {
            "anyOf": [
                {"enum": list(OPS)},
                {"type": "array", "minItems": 1, "items": {"enum": list(OPS)}},
            ]
        },
        "settings": _settings(),
    }
    text = {"title": "The lecture's full name.", "source": "Whose it is, and where it is found."}
    return {
        "$schema": spec["$schema"],
        "title": "archprof claims",
        **_mapping(
            {word: {**_TEXT, "description": text[word]} for word in TOP if word in text}
            | {
                "lecture": {
                    "type": "string",
                    **_ID,
                    "description": "Its short name on the command line.",
                },
                "shapes": {**_WORDS["shapes"], "description": "How the lecture writes its shapes."},
                "networks": {
                    "type": ["object", "null"],
                    "additionalProperties": _ref("named"),
                    "description": "The file's own names for networks.",
                },
                "claims": {
                    "type": "object",
                    "minProperties": 1,
                    "propertyNames": _ID,
                    "additionalProperties": _ref("claim"),
                    "description": "The statements by their ids.",
                },
            },
            ["lecture", "claims"],
        ),
        "$defs": spec["$defs"] | own,
    }


def _kind(kind: str, about: Mapping[str, Schema]) -> Schema:
    """A claim of one kind: what is said about it, conditions for all of it, and the words of the
    kind.
    """
    own = {word: _WORDS.get(word, {}) for word in KINDS[kind]}
    if kind in BODIES:
        own[kind] = _body(kind)
    if kind == "experiment":
        own = {
            "experiment": _ref("experiment"),
            "stated": {"type": ["string", "number"], "minLength": 1},
        }
    required = [word for word in KINDS[kind] if word in (kind, "stated")]
    return _mapping({**about, **{word: _WORDS[word] for word in SUBJECT}, **own}, required)


def _body(kind: str) -> Schema:
    other, required, description = _BODIES[kind]
    body = _mapping(
        {word: other.get(word, _WORDS[word]) for word in BODIES[kind]}, required, description
    )
    return (
        body | {"anyOf": [{"required": ["is"]}, {"required": ["followed_by"]}]}
        if kind == "every"
        else body
    )


def _combined(how: str) -> Schema:
    two = {"maxItems": 2} if how in ("ratio", "difference") else {}
    terms = {"type": "array", "minItems": 2, **two, "items": _ref("term")}
    return _mapping({how: terms, **{word: _WORDS[word] for word in SUBJECT}}, [how])


def _cell(quantity: str) -> Schema:
    return {
        **(_ref("shape") if quantity == "shape" else _ref("figure")),
        "description": QUANTITIES[quantity].meaning,
    }


def _experiment(name: str) -> Schema:
    declared = EXPERIMENTS[name]
    required = ["run", *(key for key, needed in declared.arguments.items() if needed)]
    return _mapping(
        {"run": {"const": name}, **{key: _ARGUMENTS[key] for key in declared.arguments}},
        required,
        f"Gives {declared.gives}.",
    )


def _settings() -> Schema:
    """Settings of any op, by name: what any of the ops that have one so called takes, or the
    word `channels`.
    """
    kinds: dict[str, list[Schema]] = {}
    for op in OPS.values():
        for name, declared in op.settings.items():
            if declared.kind.schema not in kinds.setdefault(name, []):
                kinds[name].append(declared.kind.schema)
    return {
        "type": ["object", "null"],
        "additionalProperties": False,
        "properties": {
            "op": {"enum": list(OPS)},
            **{
                name: {"anyOf": [*schemas, {"const": "channels"}]}
                for name, schemas in kinds.items()
            },
        },
    }


def _figure() -> str:
    """The pattern of a figure in the words of JSON Schema, which knows no named groups."""
    units = "|".join(map(re.escape, sorted(UNITS, key=len, reverse=True)))
    prefixes = "|".join(prefix for prefix in sorted(PREFIXES, key=len, reverse=True) if prefix)
    plain = (
        re.sub(r"\(\?P<\w+>", "(", PATTERN)
        .replace("[A-Za-z%]+", f"(?:{prefixes})?(?:{units})?")
        .replace(r"\Z", "$")
    )
    return f"^{plain}"
