"""What the fields of the published JSON mean: every field says it, and no sentence is left over."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from typing import Any

import pytest
from pydantic import Field

from archprof.commands.edit.schema_command import MAKERS, Of
from archprof.show.contract import MaybeCount, Strict, json_schema
from archprof.show.glossary import NETWORKS, OF_MODEL, meaning
from archprof.show.run_glossary import RUNS

REPORTS = [of for of in Of if of not in (Of.spec, Of.lecture)]


def fields(of: Of) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Model, name and schema of every field of what a command prints."""
    module, function = MAKERS[of]
    schema = getattr(import_module(f"archprof.{module}"), function)()
    for model, definition in {schema["title"]: schema, **schema.get("$defs", {})}.items():
        for name, field in definition.get("properties", {}).items():
            yield model, name, field


@pytest.mark.parametrize("of", REPORTS)
def test_every_field_says_what_it_means(of: Of) -> None:
    silent = [
        f"{model}.{name}"
        for model, name, field in fields(of)
        if not field.get("description", "null: unknown.").removeprefix("null: unknown.")
    ]
    assert silent == [], "a sentence for it in archprof/show/glossary.py"


def test_no_sentence_is_left_over() -> None:
    shown = {(model, name) for of in REPORTS for model, name, _ in fields(of)}
    assert {tuple(key.split(".")) for key in OF_MODEL} <= shown
    general = {name for model, name in shown if f"{model}.{name}" not in OF_MODEL}
    assert {*NETWORKS, *RUNS} <= general
    assert not NETWORKS.keys() & RUNS.keys()
    for text in (*NETWORKS.values(), *RUNS.values(), *OF_MODEL.values()):
        assert text.endswith("."), text


def test_a_model_may_mean_something_else() -> None:
    assert meaning("Network", "layers") == "The layers, in order."
    assert meaning("Only", "layers") == "How many there are."
    assert meaning("Layers", "whole_ms") == "The whole pass."
    assert meaning("Layers", "nonsense") == ""


class Inner(Strict):
    """Inside."""

    flops: MaybeCount


class Example(Strict):
    """A model."""

    depth: int = Field(description="Its own word.")
    inner: Inner
    nonsense: int


def test_what_a_field_says_itself_stays() -> None:
    schema = json_schema(Example)
    assert schema["properties"]["depth"]["description"] == "Its own word."
    assert "description" not in schema["properties"]["nonsense"]
    inner = schema["$defs"]["Inner"]["properties"]["flops"]
    assert inner["description"] == "All arithmetic in evaluation, 2 per MAC. null: unknown."
