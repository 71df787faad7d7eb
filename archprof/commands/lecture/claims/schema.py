"""The JSON Schema of a file of claims, from the same tables that the reader uses."""

from __future__ import annotations

from collections.abc import Mapping

from archprof.commands.lecture.claims.document import COMBINATIONS
from archprof.commands.lecture.claims.experiments import EXPERIMENTS
from archprof.commands.lecture.claims.figure_patterns import figure_pattern, range_pattern
from archprof.commands.lecture.claims.keys import (
    ABOUT,
    BODIES,
    CELLS,
    KINDS,
    NAMED,
    QUANTITY,
    ROW,
    SHAPED,
    SUBJECT,
)
from archprof.commands.lecture.claims.quantities import QUANTITIES
from archprof.commands.lecture.claims.schema_words import (
    ARGUMENTS,
    BODY_WORDS,
    ID,
    NAMES,
    TEXT,
    WORDS,
    WRITTEN,
    mapping,
    ref,
)
from archprof.commands.lecture.deciding.verdicts import AS, HOLDS_AS, RECORDED
from archprof.language.published import published_tables
from archprof.language.schema import spec_schema
from archprof.language.schema_parts import Schema
from archprof.ops import OPS

_DECIDED_BY: dict[str, Schema] = {
    "experiment": {**ref("experiment"), "description": "What is run to decide it."},
    "published": WORDS["published"],
}
_STATED = {**WRITTEN, "description": "What the lecture says that it gives, or that it is."}
_TERMS = {
    "ratio": "The first term divided by the second.",
    "sum": "All terms added.",
    "difference": "The first term less the second.",
    "product": "All terms multiplied.",
}
_SIDES = "[0-9]+(?: ?[x×] ?[0-9]+)"


def lecture_schema() -> Schema:
    """Return the schema of a file of claims, which contains the schema of a spec."""
    spec = spec_schema()
    properties = {
        "title": {**TEXT, "description": "The lecture's full name."},
        "source": {**TEXT, "description": "Whose it is, and where it is found."},
        "lecture": {"type": "string", **ID, "description": "Its short name on the command line."},
        "text": {**TEXT, "description": "The text that the claims quote, a file beside this one."},
        "shapes": {**WORDS["shapes"], "description": "How the lecture writes its shapes."},
        "networks": {
            "type": ["object", "null"],
            "additionalProperties": ref("named"),
            "description": "The file's own names for networks.",
        },
        "claims": {
            "type": "object",
            "minProperties": 1,
            "propertyNames": ID,
            "additionalProperties": ref("claim"),
            "description": "The statements by their ids.",
        },
        "not_claims": {
            "type": "array",
            "items": mapping(
                {
                    "quote": {**NAMES, "description": "The words of the text."},
                    "why": {**TEXT, "description": "Why they are not a claim."},
                },
                ["quote", "why"],
            ),
            "description": "What of the text is not a claim about a network, and why.",
        },
    }
    return {
        "$schema": spec["$schema"],
        "title": "archprof claims",
        **mapping(properties, ["lecture", "claims"]),
        "$defs": spec["$defs"] | _definitions(spec),
    }


def _definitions(spec: Schema) -> dict[str, Schema]:
    """Return the definitions that are not a spec's own."""
    about = {word: WORDS[word] for word in ABOUT}
    verdict = {"verdict": WORDS["verdict"]}
    inline = {
        "type": "object",
        "additionalProperties": False,
        "required": ["input", "layers"],
        "properties": spec["properties"],
        "description": "A spec; it needs no name.",
    }
    return {
        "spec": inline,
        "named": _named(),
        "claim": {"anyOf": [_kind(kind, about) for kind in KINDS]},
        "part": {"anyOf": [_kind(k, verdict) for k in KINDS if k not in ("parts", "table")]},
        "term": _term(),
        "quantity": _quantity(),
        "row": _row(),
        "table": _body("table"),
        "experiment": {"anyOf": [_experiment(name) for name in EXPERIMENTS]},
        "published": _published(),
        "figure": {
            "anyOf": [{"type": "number"}, {"type": "string", "pattern": f"^{figure_pattern()}$"}],
            "description": "As printed: 35K, 3.8 × 10^9, 96 MB, 12x, about 5 million.",
        },
        "volume": {
            "anyOf": [ref("shape"), {"type": "string", "pattern": f"^{_SIDES}{{0,3}}$"}],
            "description": "As printed, in the order of `shapes`: 224x224x3, 56 × 56.",
        },
        "filter": {
            "type": "string",
            "pattern": f"^(?:Pool )?{_SIDES}{{1,3}}(?: ?dw)?$",
            "description": "As printed: 3×3×64×128, 3×3×64 dw, 1024×1000, Pool 7×7.",
        },
        "range": {
            "type": "string",
            "pattern": range_pattern(),
            "description": "As printed: 130-140M, 8 to 9 times, >100M.",
        },
        "verdict": {
            "anyOf": [
                {"enum": [kind for kind in RECORDED if kind != HOLDS_AS]},
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


def _named() -> Schema:
    """Return the schema of one of the file's own networks."""
    conditions = {word: WORDS[word] for word in NAMED if word in WORDS}
    return {
        "anyOf": [
            mapping(conditions, ["network"], "Conditions on another network."),
            mapping(
                {"spec": {**ref("spec"), "description": "The network's spec."}},
                ["spec"],
                "A spec written out.",
            ),
        ]
    }


def _term() -> Schema:
    quantity = mapping(
        {word: WORDS[word] for word in QUANTITY},
        ["quantity"],
        "A quantity of the layers selected, or of the network.",
    )
    return {"anyOf": [ref("figure"), *(_combined(how) for how in COMBINATIONS), quantity]}


def _quantity() -> Schema:
    """Return the names of quantities, each with its meaning."""
    words = []
    for name, quantity in QUANTITIES.items():
        unit = f" ({quantity.unit})" if quantity.unit else ""
        words.append({"const": name, "description": quantity.meaning + unit})
    return {"anyOf": words}


def _row() -> Schema:
    words = {word: WORDS[word] if word in WORDS else _cell(word) for word in ROW}
    row = mapping(words, (), "A layer, and what is stated of it.")
    return row | {"anyOf": [{"required": [cell]} for cell in CELLS]}


def _kind(kind: str, about: Mapping[str, Schema]) -> Schema:
    """Return the schema of one kind of claim: words about it, conditions, and the kind's own."""
    own = {word: WORDS.get(word, {}) for word in KINDS[kind]}
    if kind in BODIES:
        own[kind] = _body(kind)
    if kind in ("experiment", "published"):
        own = {kind: _DECIDED_BY[kind], "stated": _STATED, "reads": WORDS["reads"]}
    required = [word for word in KINDS[kind] if word in (kind, "stated")]
    return mapping({**about, **{word: WORDS[word] for word in SUBJECT}, **own}, required)


def _body(kind: str) -> Schema:
    other, required, description = BODY_WORDS[kind]
    body = mapping(
        {word: other.get(word, WORDS[word]) for word in BODIES[kind]}, required, description
    )
    if kind == "every":
        body["anyOf"] = [{"required": ["is"]}, {"required": ["followed_by"]}]
    return body


def _combined(how: str) -> Schema:
    two = {"maxItems": 2} if how in ("ratio", "difference") else {}
    terms = {"type": "array", "minItems": 2, **two, "items": ref("term")}
    described = {**terms, "description": _TERMS[how]}
    return mapping({how: described, **{word: WORDS[word] for word in SUBJECT}}, [how])


def _cell(quantity: str) -> Schema:
    if quantity in SHAPED:
        stated = ref("filter" if quantity == "filter" else "volume")
    else:
        stated = {"anyOf": [ref("figure"), ref("range")]}
    return {**stated, "description": QUANTITIES[quantity].meaning}


def _experiment(name: str) -> Schema:
    declared = EXPERIMENTS[name]
    return mapping(
        {
            "run": {"const": name, "description": "The experiment's name."},
            **{key: ARGUMENTS[key] for key in declared.arguments},
        },
        ["run", *declared.required],
        f"Gives {declared.gives}.",
    )


def _published() -> Schema:
    """Return the schema of what a source publishes: a value, or several in an order."""
    cell = mapping(
        {
            "table": {"enum": published_tables(), "description": "The table's name."},
            "row": {
                "type": "object",
                "minProperties": 1,
                "description": "Columns with the values by which the row is found.",
            },
            "column": {**TEXT, "description": "The column with the figure."},
            "unit": {**TEXT, "description": "The figure's unit, such as M."},
        },
        ["table", "row", "column"],
        "A cell of a table of published figures.",
    )
    value: Schema = {"anyOf": [{"type": "number"}, TEXT, cell]}
    source = {**TEXT, "description": "Who published it, and where."}
    one = {**value, "description": "The value, or the cell that has it."}
    values = {
        "type": "array",
        "minItems": 2,
        "items": value,
        "description": "The values that are compared, in order.",
    }
    return {
        "anyOf": [
            mapping({"value": one, "source": source}, ["value", "source"]),
            mapping(
                {"values": values, "relation": WORDS["relation"], "source": source},
                ["values", "relation", "source"],
            ),
        ],
        "description": "What a source publishes.",
    }


def _settings() -> Schema:
    """Return the settings of any op by name: what an op with that setting takes, or `channels`."""
    kinds: dict[str, list[Schema]] = {}
    meanings: dict[str, dict[str, None]] = {}  # the keys alone: a set that has an order
    for op in OPS.values():
        for name, declared in op.settings.items():
            if declared.kind.schema not in kinds.setdefault(name, []):
                kinds[name].append(declared.kind.schema)
            meanings.setdefault(name, {})[declared.about] = None
    return {
        "type": ["object", "null"],
        "additionalProperties": False,
        "properties": {
            "op": {"enum": list(OPS), "description": "The op."},
            **{
                name: {
                    "anyOf": [*schemas, {"const": "channels"}],
                    "description": " Or: ".join(meanings[name]),
                }
                for name, schemas in kinds.items()
            },
        },
    }
