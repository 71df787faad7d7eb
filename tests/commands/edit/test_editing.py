"""Entries of a spec changed in its text, everything else as it was."""

from __future__ import annotations

import pytest

from archprof.commands.edit.editing import (
    at,
    lines_of,
    places,
    scalars,
    value,
    with_entries,
    with_value,
    without,
    without_comment,
)

TEXT = """\
# about the file
name: net  # its name
params: {width: 8, depths: , last: [1, 2]}
# about the blocks
blocks:
  # about one
  one:
    layers: [{op: relu}]
  two:  # beside two
    params: {out: }
    layers:
      a: {op: relu}
      # the end of two
  # about three
  three: {layers: [{op: tanh}]}
# about the layers
layers:
- {block: two}
rows:
- [1, 2]
- [3, 4]

expect: {}
"""


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        (("name",), "net"),
        (("params", "width"), "8"),
        (("params", "depths"), ""),
        (("params", "last"), "[1, 2]"),
        (("rows",), "- [1, 2]\n- [3, 4]"),
        (("blocks", "two", "params"), "{out: }"),
        (("blocks", "two", "layers"), "a: {op: relu}"),
        (("nothing",), None),
        (("blocks", "nothing"), None),
    ],
)
def test_value(path: tuple[str, ...], expected: str | None) -> None:
    assert value(TEXT, *path) == expected


def test_with_value() -> None:
    assert with_value(TEXT, "other", "name").splitlines()[1] == "name: other  # its name"
    assert (
        with_value(TEXT, "[3]", "params", "depths").splitlines()[2]
        == "params: {width: 8, depths: [3], last: [1, 2]}"
    )
    assert (
        with_value(TEXT, "3", "params", "last").splitlines()[2]
        == "params: {width: 8, depths: , last: 3}"
    )
    with pytest.raises(KeyError):
        with_value(TEXT, "3", "params", "nothing")


def without_lines(first: int, last: int) -> str:
    """The text without these lines, counted from 1."""
    rows = TEXT.split("\n")
    return "\n".join(rows[: first - 1] + rows[last:])


def test_without() -> None:
    # with the comment above it; the one about the layers stays
    assert without(TEXT, "blocks") == without_lines(4, 15)
    assert without(TEXT, "blocks", "one") == without_lines(6, 8)
    assert without(TEXT, "blocks", "two") == without_lines(9, 13)
    assert without(TEXT, "blocks", "three") == without_lines(14, 15)
    assert without(TEXT, "params", "width").splitlines()[2] == "params: {depths: , last: [1, 2]}"
    assert without(TEXT, "params", "last").splitlines()[2] == "params: {width: 8, depths: }"
    assert without(TEXT, "params", "depths").splitlines()[2] == "params: {width: 8, last: [1, 2]}"
    assert without(TEXT, "nothing") == TEXT
    assert without(TEXT, "expect") == TEXT.removesuffix("expect: {}\n")


def test_what_is_left_empty_goes_too() -> None:
    assert without("a: {b: {c: 1}}\nd: 2\n", "a", "b", "c") == "d: 2\n"
    assert without("a:\n  b: 1\nd: 2\n", "a", "b") == "d: 2\n"


def test_lines_of() -> None:
    assert lines_of(TEXT, "blocks", "two") == (8, 13)
    assert lines_of(TEXT, "rows") == (18, 22)


@pytest.mark.parametrize(
    ("line", "column", "path"),
    [
        (2, 1, ("name",)),
        (2, 7, ("name",)),
        (3, 10, ("params", "width")),
        (3, 17, ("params", "width")),
        (7, 3, ("blocks", "one")),
        (9, 3, ("blocks", "two")),
        (1, 1, None),
        (12, 11, ("blocks", "two", "layers", "a", "op")),
        (99, 1, None),
    ],
)
def test_at(line: int, column: int, path: tuple[str, ...] | None) -> None:
    assert at(TEXT, line, column) == path


def test_without_comment() -> None:
    assert without_comment(TEXT, 2, 12).splitlines()[1] == "name: net"
    assert without_comment(TEXT, 6, 3) == without_lines(6, 6)


def test_places_and_scalars() -> None:
    found = places(TEXT)
    assert found[2, 1] == ("name",)
    assert found[3, 20] == ("params", "depths")
    assert found[18, 4] == ("layers", "0", "block")
    assert {("blocks", "two", "params", "out"), ("rows",)} <= {*found.values()}
    texts = scalars(TEXT)
    assert (texts["name",], texts["params", "depths"], texts["layers", "0", "block"]) == (
        "net",
        "",
        "two",
    )
    assert ("params",) not in texts


@pytest.mark.parametrize(
    ("values", "before", "after"),
    [
        ({("name",): "mine"}, "name: net  # its name", "name: mine  # its name"),
        (
            {("params", "depths"): "[1]", ("params", "new"): "2"},
            "{width: 8, depths: , last: [1, 2]}",
            "{width: 8, depths: [1], last: [1, 2], new: 2}",
        ),
        ({("layers", "0", "n"): "a"}, "- {block: two}", "- {block: two, n: a}"),
        (
            {("blocks", "two", "new"): "1", ("blocks", "two", "layers", "b"): "{}"},
            "      a: {op: relu}\n",
            "      a: {op: relu}\n      b: {}\n    new: 1\n",
        ),
        # behind a comment that stands on its line
        ({("blocks", "two", "params", "out"): "3"}, "{out: }", "{out: 3}"),
        ({("blocks", "one", "about"): "x"}, "[{op: relu}]\n", "[{op: relu}]\n    about: x\n"),
    ],
)
def test_with_entries(values: dict[tuple[str, ...], str], before: str, after: str) -> None:
    assert TEXT.count(before) == 1
    assert with_entries(TEXT, values) == TEXT.replace(before, after)


def test_new_entries_stand_before_the_last() -> None:
    text = "a: {x: 1, note: n}\nb:\n  x: 1  # one\n  note: >-\n    n\n    # n\n"
    assert with_entries(text, {("a", "y"): "2", ("b", "y"): "2"}, ("note",)) == text.replace(
        "x: 1, ", "x: 1, y: 2, "
    ).replace("# one\n", "# one\n  y: 2\n")
    assert with_entries(text, {("b", "y"): "2"}) == text + "  y: 2\n"
    only = "b:\n  note: n\n"
    assert with_entries(only, {("b", "y"): "2"}, ("note",)) == only + "  y: 2\n"


def test_there_is_no_such_mapping() -> None:
    for path in (("none", "a"), ("name", "a"), ("expect", "a")):
        with pytest.raises(KeyError):
            with_entries(TEXT, {path: "1"})
