"""The page of JSON Schemas: the fields of every file and every report, as tables."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from importlib import import_module
from typing import Any

from archprof.commands.edit.schema_command import MAKERS, PRINTED_BY, Of
from archprof.ops import OPS
from archprof.show.markdown_page import code, heading, pipe_table, prose

Schema = dict[str, Any]
Homes = dict[str, list[tuple[str, Schema]]]
"""By the name of a definition the schemas that have it, and what it is there."""

HEAD = """\
# JSON Schemas

What spec files and files of claims may hold, and what every command prints with `--format json`.
`archprof schema NAME` prints each as a JSON Schema (draft 2020-12), for editors and other tools.
In a file a field may be left out unless it is required, in what a command prints it is there unless
it may be missing; there are no other fields.

"""
FILES = {
    Of.spec: (
        "A spec file. [The language guide](language.md) teaches it, [Ops](ops.md) has every op."
    ),
    Of.lecture: "A file of claims, as `archprof lecture` reads it.",
}
FIRST = (Of.spec, Of.summary, Of.bench)
"""The schemas that describe what others share with them."""

NUMBERS = {"integer": "whole number", "number": "number"}
WORDS = {
    "string": "text",
    "boolean": "true or false",
    "null": "null",
    "object": "object",
    "array": "list",
}


def schemas_page() -> str:
    """Return the page, one section for each schema."""
    made = {of: _made(of) for of in Of}
    homes: Homes = {}
    for of in (*FIRST, *Of):
        for name, definition in made[of].get("$defs", {}).items():
            if name not in OPS:
                homes.setdefault(name, []).append((of.value, definition))
    contents = "\n".join(f"- [{of.value}](#{of.value})" for of in Of)
    sections = [_section(of, schema, homes) for of, schema in made.items()]
    return HEAD + contents + "\n\n" + "\n".join(sections)


def _made(of: Of) -> Schema:
    module, function = MAKERS[of]
    schema: Schema = getattr(import_module(f"archprof.{module}"), function)()
    return schema


def _section(of: Of, schema: Schema, homes: Homes) -> str:
    """Return the section of one schema: its fields, then those of each kind of object in it that is
    not the same in another section.
    """
    parts = _Section(of.value, schema.get("$defs", {}), homes)
    command = PRINTED_BY.get(of, of.value)
    about = FILES.get(of) or prose(
        str(schema.get("description") or f"What `archprof {command} --format json` prints.")
    )
    lines = [heading(2, of.value), about, *parts.described(schema)]
    for name, definition in parts.definitions.items():
        if name in OPS or parts.home(name) != of.value:
            continue
        lines.append(heading(3, f"{of.value}: {name}"))
        if text := definition.get("description"):
            lines.append(prose(text))
        lines += parts.described(definition)
    return "\n\n".join(lines) + "\n"


class _Section:
    """The kinds of one schema, in words."""

    def __init__(self, of: str, definitions: dict[str, Schema], homes: Homes):
        self.of, self.definitions, self.homes = of, definitions, homes

    def home(self, name: str) -> str:
        """Return the section that describes a definition: the first that has the same."""
        same = (of for of, d in self.homes.get(name, ()) if d == self.definitions.get(name))
        return next(same, self.of)

    def described(self, schema: Schema) -> Iterator[str]:
        """Yield a schema as a table of its fields, or as what it is in words."""
        if schema.get("properties"):
            yield self.table(schema)
            return
        choices = schema.get("anyOf") or schema.get("oneOf") or []
        if choices and all("const" in choice and "description" in choice for choice in choices):
            rows = [[self.words(choice), prose(choice["description"])] for choice in choices]
            yield pipe_table(("Word", "Meaning"), rows)
            return
        if any("properties" in choice for choice in choices):
            for i, choice in enumerate(choices):
                yield "Either:" if i == 0 else "or:"
                yield from self.described(choice)
            return
        yield f"It is {self.words(schema)}."

    def table(self, schema: Schema) -> str:
        return pipe_table(("Field", "Kind", "Meaning"), list(self.rows(schema, "")))

    def rows(self, schema: Schema, prefix: str) -> Iterator[tuple[str, str, str]]:
        """Yield field, kind and meaning of every field, those of objects inside one behind it."""
        required = schema.get("required", [])
        for name, field in schema["properties"].items():
            kind = self.words(field) + self.presence(name in required)
            yield code(prefix + name), kind, prose(self.about(field))
            values = field.get("additionalProperties")
            if "properties" in field and not _same_kind(field):
                yield from self.rows(field, f"{prefix}{name}.")
            elif isinstance(values, dict) and "properties" in values:
                yield from self.rows(values, f"{prefix}{name}.NAME.")

    def about(self, field: Schema) -> str:
        """Return what a field says of itself, or what the kind that it refers to says."""
        referred = self.definitions.get(field.get("$ref", "").rpartition("/")[2], {})
        return str(field.get("description") or referred.get("description", ""))

    def presence(self, required: bool) -> str:
        """Return what is to be said about whether a field is there, in files or in reports."""
        if self.of in FILES:
            return "; required" if required else ""
        return "" if required else "; may be missing"

    def words(self, schema: Schema | bool) -> str:
        """Return what a value may be."""
        if isinstance(schema, bool) or not schema:
            return "anything"
        if "$ref" in schema:
            return self.referred(schema["$ref"].rpartition("/")[2])
        if "const" in schema:
            return code(json.dumps(schema["const"]).strip('"'))
        if "enum" in schema:
            if len(schema["enum"]) > 10 and OPS.keys() >= set(schema["enum"]):
                return "the name of an [op](ops.md)"
            return " or ".join(code(str(value)) for value in schema["enum"])
        if "type" not in schema and (choices := list(_choices(schema))):
            return " or ".join(dict.fromkeys(map(self.words, choices)))
        kinds = schema.get("type", "anything")
        kinds = kinds if isinstance(kinds, list) else [kinds]
        return " or ".join(self.of_type(kind, schema) for kind in kinds)

    def referred(self, name: str) -> str:
        """Return the name of a definition, linked to where it stands."""
        if name in OPS:
            return f"[{name}](ops.md#{name})"
        return f"[{name}](#{_anchor(f'{self.home(name)}: {name}')})"

    def of_type(self, kind: str, schema: Schema) -> str:
        if kind in NUMBERS:
            return NUMBERS[kind] + _bounds(schema)
        if kind == "array":
            return self.array(schema)
        if kind == "object" and (of := _same_kind(schema) or schema.get("additionalProperties")):
            return f"mapping of names to {self.inner(of)}"
        return WORDS.get(kind, kind)

    def inner(self, schema: Schema) -> str:
        """Return what a value inside another may be, in brackets where that is one of several."""
        words = self.words(schema)
        return f"({words})" if " or " in words else words

    def array(self, schema: Schema) -> str:
        if "contains" in schema:
            return f"list with {self.words(schema['contains'])} in it"
        of = f" of {self.inner(schema['items'])}" if schema.get("items") else ""
        exact = schema.get("minItems")
        if exact and exact == schema.get("maxItems"):
            return f"list of {exact} ({self.words(schema['items'])})"
        return f"list{of}"


def _choices(schema: Schema) -> Iterator[Schema]:
    """Yield what a value may be one of, choices inside choices too."""
    for choice in schema.get("anyOf") or schema.get("oneOf") or ():
        inside = list(_choices(choice)) if "type" not in choice else []
        yield from inside or [choice]


def _same_kind(schema: Schema) -> Schema | None:
    """Return the one schema that all of many fields have, as under the names of ops."""
    fields = list(schema.get("properties", {}).values())
    return fields[0] if len(fields) > 10 and fields.count(fields[0]) == len(fields) else None


def _bounds(schema: Schema) -> str:
    """Return the limits of a number in words, "" for none."""
    least, most = schema.get("minimum"), schema.get("maximum")
    if least is not None and most is not None:
        return f" from {least} to {most}"
    if least is not None:
        return f" of at least {least}"
    above = schema.get("exclusiveMinimum")
    return f" above {above}" if above is not None else ""


def _anchor(title: str) -> str:
    """Return the anchor of a heading, as GitHub and MyST make it."""
    return re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-")
