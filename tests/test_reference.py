"""docs/reference: what is rendered is as the code says, and every link leads somewhere."""

from __future__ import annotations

import importlib
import re
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from archprof.cli.application import COMMANDS
from archprof.commands.check.rules import RULES
from archprof.commands.edit.schema_command import Of
from archprof.ops import OPS

ROOT = Path(__file__).parent.parent
FOLDER = ROOT / "docs" / "reference"
PAGES = ("ops.md", "rules.md", "commands.md", "schemas.md", "conventions.md")
CODE = re.compile(r"^```.*?^```$", re.DOTALL | re.MULTILINE)
LINK = re.compile(r"\]\(([^)\s]+)\)")


@pytest.fixture
def scripts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(ROOT / "scripts"))


@pytest.fixture
def render(scripts: None) -> ModuleType:
    return importlib.import_module("render_reference")


@pytest.fixture
def schemas(scripts: None) -> ModuleType:
    return importlib.import_module("reference_schemas")


def prose(path: Path) -> str:
    """The text of a page, its blocks of code left out."""
    return CODE.sub("", path.read_text(encoding="utf-8"))


def headings(name: str) -> list[str]:
    found = re.findall(r"^#+ (.+)$", prose(FOLDER / name), re.MULTILINE)
    return [heading.strip("`") for heading in found]


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_what_the_code_says(render: ModuleType, name: str) -> None:
    assert set(render.PAGES) == set(PAGES)
    written = (FOLDER / name).read_text(encoding="utf-8")
    assert render.PAGES[name]() == written, "render it again: python scripts/render_reference.py"


def test_nothing_is_left_out() -> None:
    assert sorted(headings("ops.md")[1:]) == sorted(OPS)
    assert headings("rules.md")[1:] == list(RULES)
    assert headings("commands.md")[1:] == list(COMMANDS)
    assert {of.value for of in Of} <= set(headings("schemas.md"))


def anchors(path: Path) -> set[str]:
    """The anchors of a page's headings, as GitHub makes them."""
    found = re.findall(r"^#+ (.+)$", prose(path), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in found}


def links() -> Iterator[tuple[Path, str]]:
    for path in sorted(FOLDER.glob("*.md")):
        for target in LINK.findall(re.sub(r"`[^`\n]*`", "", prose(path))):
            yield path, target


def test_every_link_leads_somewhere() -> None:
    found = list(links())
    assert len(found) > 100
    for path, target in found:
        if target.startswith("https://"):
            continue
        file, _, anchor = target.partition("#")
        other = (path.parent / file).resolve() if file else path
        assert other.exists(), f"{path.name} links to {target}"
        if anchor:
            assert anchor in anchors(other), f"{path.name} links to {target}"


@pytest.mark.parametrize("name", PAGES)
def test_pages_are_plain_markdown(name: str) -> None:
    """No HTML, no path of a machine, no two headings of one anchor."""
    text = re.sub(r"`[^`\n]*`", "", prose(FOLDER / name))
    assert not re.search(r"<(?!https://)\w", text)
    assert str(ROOT) not in text
    slugs = [re.sub(r"[^\w\- ]", "", heading.lower()) for heading in headings(name)]
    assert len(slugs) == len(set(slugs))


@pytest.mark.parametrize(
    ("schema", "words"),
    [
        ({}, "anything"),
        ({"type": "integer", "minimum": 0}, "whole number of at least 0"),
        ({"type": "number", "minimum": 0, "maximum": 1}, "number from 0 to 1"),
        ({"type": "number", "exclusiveMinimum": 0}, "number above 0"),
        ({"type": ["object", "null"]}, "object or null"),
        ({"const": "same"}, "`same`"),
        ({"enum": ["a", "b"]}, "`a` or `b`"),
        ({"enum": list(OPS)}, "the name of an [op](ops.md)"),
        ({"type": "array", "items": {"type": "string"}}, "list of text"),
        (
            {"type": "array", "items": {"type": "integer"}, "minItems": 2, "maxItems": 2},
            "list of 2 (whole number)",
        ),
        (
            {"type": "array", "items": {"anyOf": [{"type": "string"}, {"type": "null"}]}},
            "list of (text or null)",
        ),
        (
            {"anyOf": [{"anyOf": [{"type": "string"}, {"type": "null"}]}, {"type": "null"}]},
            "text or null",
        ),
        (
            {"type": "object", "additionalProperties": {"type": "boolean"}},
            "mapping of names to (true or false)",
        ),
        ({"$ref": "#/$defs/Layer"}, "[Layer](#diff-layer)"),
        ({"$ref": "#/$defs/Count"}, "[Count](#bench-count)"),
        ({"$ref": "#/$defs/conv2d"}, "[conv2d](ops.md#conv2d)"),
    ],
)
def test_kinds_in_words(schemas: ModuleType, schema: dict[str, Any], words: str) -> None:
    """`Count` is the same in another section, `Layer` is not."""
    count, layer, other = {"type": "integer"}, {"type": "object"}, {"type": "string"}
    homes = {"Count": [("bench", count), ("diff", count)], "Layer": [("bench", other)]}
    section = schemas._Section("diff", {"Count": count, "Layer": layer}, homes)
    assert section.words(schema) == words


def test_fields_of_objects_inside_stand_behind_them(schemas: ModuleType) -> None:
    inner = {"type": "object", "properties": {"b": {"type": "string", "description": "The b."}}}
    schema = {
        "required": ["a"],
        "properties": {"a": inner, "c": {"type": "object", "additionalProperties": inner}},
    }
    assert list(schemas._Section("summary", {}, {}).rows(schema, "")) == [
        ("`a`", "object", ""),
        ("`a.b`", "text; may be missing", "The b."),
        ("`c`", "mapping of names to object; may be missing", ""),
        ("`c.NAME.b`", "text; may be missing", "The b."),
    ]
    assert next(schemas._Section("spec", {}, {}).rows(schema, ""))[1] == "object; required"
