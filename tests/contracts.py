"""Outputs held against the published shapes of commands' JSON."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from typing import Any

from jsonschema_rs import Draft202012Validator, meta

from tests.command_line import Run

Place = tuple[str | int, ...]


def contract(run: Run, name: str) -> Draft202012Validator:
    """What `archprof schema NAME` prints, found to be a schema."""
    schema = json.loads(run("schema", name).out)
    meta.validate(schema)
    return Draft202012Validator(schema)


def fault(validator: Draft202012Validator, data: Any) -> str:
    """What the validator finds first, with its place; empty where it finds nothing."""
    error = next(validator.iter_errors(data), None)
    return "" if error is None else f"{error.instance_path}: {error.message[:300]}"


def printed(run: Run, *arguments: object, code: int | None = 0) -> Any:
    """A command's JSON; a code of None is any but a crash."""
    done = run(*arguments, "--format", "json")
    assert done.code == code if code is not None else done.code in (0, 1, 2), done.err
    return json.loads(done.out)


def keeps(published: Draft202012Validator, data: Any) -> None:
    """The data is as published, and would not be with one key more in any of its objects."""
    assert fault(published, data) == ""
    for place in {_pattern(place): place for place in _objects(data, ())}.values():
        more = copy.deepcopy(data)
        found = more
        for key in place:
            found = found[key]
        found["unexpected"] = {"unexpected": {}}
        assert not published.is_valid(more), f"one key more is accepted in {place}"


def _objects(data: Any, place: Place) -> Iterator[Place]:
    """Every object's place."""
    if isinstance(data, dict):
        yield place
        for key, value in data.items():
            yield from _objects(value, (*place, key))
    elif isinstance(data, list):
        for i, value in enumerate(data):
            yield from _objects(value, (*place, i))


def _pattern(place: Place) -> Place:
    """A place with all items of a list alike."""
    return tuple("[]" if isinstance(key, int) else key for key in place)
