"""What editors show: every word of a spec has its sentence, and no sentence is left over."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from archprof.language import hover
from archprof.language.schema import spec_schema
from archprof.ops import OPS

SCHEMA = spec_schema()


def properties(schema: Any, path: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """Every property that a schema describes, by its path."""
    if isinstance(schema, dict):
        for name, inner in schema.get("properties", {}).items():
            yield f"{path}.{name}", inner
        for key, inner in schema.items():
            yield from properties(
                inner, f"{path}.{key}" if key not in ("properties", "$defs", "anyOf") else path
            )
    elif isinstance(schema, list):
        for inner in schema:
            yield from properties(inner, path)


def described(schema: dict[str, Any]) -> bool:
    """Whether an editor has something to show: here, or where this refers to."""
    return "description" in schema or (
        "$ref" in schema and "description" in SCHEMA["$defs"][schema["$ref"].rpartition("/")[2]]
    )


def test_every_property_has_a_description() -> None:
    found = dict(properties(SCHEMA))
    assert len(found) > 400
    bare = [path for path, schema in found.items() if not described(schema)]
    assert [
        path
        for path in bare
        if not path.startswith(
            (".init.", ".kaiming", ".normal", ".trunc", ".uniform", ".constant", ".xavier")
        )
        and "additionalProperties" not in path
    ] == []


@pytest.mark.parametrize("name", OPS)
def test_an_op_shows_its_docstring(name: str) -> None:
    op, schema = OPS[name], SCHEMA["$defs"][name]
    text = schema["properties"]["op"]["description"]
    assert text == schema["description"]
    first = (op.__doc__ or "").strip().split("\n")[0]
    assert text.startswith(first)
    assert "  " not in text
    for setting in op.settings:
        said = schema["properties"][setting]["description"]
        assert op.settings[setting].kind.expected in said
        assert ("Default" in said) != op.settings[setting].required


def test_settings_by_hand() -> None:
    texts = {
        f"{op}.{setting}": SCHEMA["$defs"][op]["properties"][setting]["description"]
        for op, setting in (
            ("conv2d", "kernel"),
            ("conv2d", "bias"),
            ("conv2d", "stride"),
            ("max_pool2d", "stride"),
            ("group_norm", "groups"),
            ("pad", "sides"),
        )
    }
    assert texts == {
        "conv2d.kernel": (
            "Height and width of the window. Expects a whole number of at least 1, or [height,"
            " width]."
        ),
        "conv2d.bias": (
            "Whether each output channel has a learned bias. Expects true or false. Default: true."
        ),
        "conv2d.stride": (
            "How far the window moves from one output to the next. Expects a whole number of at"
            " least 1, or [height, width]. Default: 1."
        ),
        "max_pool2d.stride": (
            "How far the window moves from one output to the next; nothing: its own size. Expects a"
            " whole number of at least 1, or [height, width], or nothing. Default: nothing."
        ),
        "group_norm.groups": (
            "Channels are normalised in so many groups. Expects a whole number of at least 1."
        ),
        "pad.sides": (
            "Pixels added at [left, right, top, bottom, front, back]; negative ones crop. Expects"
            " a list of whole numbers. Default: []."
        ),
    }


def test_every_text_is_a_sentence() -> None:
    texts = [*hover.KEYS.values(), *hover.EXPECT.values(), *hover.BUDGET.values()]
    texts += [declared.about for op in OPS.values() for declared in op.settings.values()]
    for text in texts:
        assert text[0].isupper() or text.startswith("nearest copies"), text
        assert text.endswith("."), text
