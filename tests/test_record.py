"""Immutable records: what a frozen dataclass does, but for the code that it compiles."""

from __future__ import annotations

import pickle
from dataclasses import dataclass

import pytest

from archprof.record import NOTHING, Record


class Place(Record):
    """With a default."""

    file: str
    line: int = 0


class Spot(Record):
    """The same fields under another name."""

    file: str
    line: int = 0


class Named(Place):
    """A place with a name of its own."""

    name: str = "?"


@dataclass(frozen=True)
class Usual:
    """What the standard library makes of them."""

    file: str
    line: int = 0


def test_values_by_place_and_by_name() -> None:
    for found in (Place("a", 3), Place("a", line=3), Place(line=3, file="a")):
        assert (found.file, found.line) == ("a", 3)
    assert Place("a").line == 0


@pytest.mark.parametrize(
    ("values", "named"),
    [
        ((), {}),
        ((), {"line": 1}),
        (("a", 1, 2), {}),
        (("a",), {"file": "b"}),
        (("a",), {"column": 1}),
        (("a", 1, 2), {"column": 1}),
    ],
)
def test_other_values_are_refused(values: tuple[object, ...], named: dict[str, object]) -> None:
    """As a dataclass refuses them."""
    for kind in (Place, Usual):
        with pytest.raises(TypeError):
            kind(*values, **named)  # type: ignore[arg-type]


def test_they_are_immutable() -> None:
    place = Place("a")
    with pytest.raises(AttributeError, match="Place is immutable"):
        place.line = 3  # type: ignore[misc]
    with pytest.raises(AttributeError, match="Place is immutable"):
        del place.file
    with pytest.raises(TypeError):
        NOTHING["a"] = 1  # type: ignore[index]


def test_equal_by_class_and_values() -> None:
    assert Place("a", 3) == Place("a", 3)
    assert hash(Place("a", 3)) == hash(Place("a", 3))
    assert Place("a", 0) == Place("a")
    assert Place("a", 3) != Place("a", 4)
    assert Place("b", 3) != Place("a", 3)
    assert Place("a", 3) != Spot("a", 3)
    assert Place("a", 3) != ("a", 3)


def test_the_same_with_changes() -> None:
    place = Place("a", 3)
    assert place.replaced(line=4) == Place("a", 4)
    assert place.replaced() == place == Place("a", 3)
    with pytest.raises(TypeError):
        place.replaced(column=1)


def test_fields_are_inherited() -> None:
    place = Named("a", 3, "b")
    assert (place.file, place.line, place.name) == ("a", 3, "b")
    assert Named("a").name == "?"
    assert Named("a", 3) != Place("a", 3)
    with pytest.raises(TypeError):
        Named(name="b")  # type: ignore[call-arg]


def test_they_travel_between_processes() -> None:
    assert pickle.loads(pickle.dumps(Place("a", 3))) == Place("a", 3)


def test_they_are_printed_as_a_dataclass_is() -> None:
    assert repr(Place("a", 3)) == repr(Usual("a", 3)).replace("Usual", "Place")
