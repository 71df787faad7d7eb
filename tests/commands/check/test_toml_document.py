"""TOML with the places of its keys: where each stands, and what is refused before Python's
reader takes long over it.
"""

from __future__ import annotations

import pytest

from archprof.commands.check.toml_document import Keys, TomlDocument
from archprof.problem import Mark, ProblemError

TEXT = """\
top = 1
  "quoted.key" . 'other' = 2

[table]
inside = {a = 1}
[table.deeper]
  bare-key = [
    1,
  ]

[[many]]
first = 1
  [[many]]
second = 2
[many.below]
third = 3
[[many.nested]]
fourth = 4
[["with\\u0041escape"]]
fifth = 5
"""


def document(text: str) -> TomlDocument:
    return TomlDocument(text, "a.toml")


def refused(text: str) -> str:
    with pytest.raises(ProblemError) as raised:
        document(text)
    return str(raised.value)


@pytest.mark.parametrize(
    ("path", "line", "column"),
    [
        (("top",), 1, 1),
        (("quoted.key", "other"), 2, 3),
        (("table",), 4, 1),
        (("table", "inside"), 5, 1),
        (("table", "inside", "a"), 5, 1),  # within its line: that of what it stands in
        (("table", "deeper"), 6, 1),
        (("table", "deeper", "bare-key"), 7, 3),
        (("table", "deeper", "bare-key", 0), 7, 3),
        (("many", 0), 11, 1),
        (("many", 0, "first"), 12, 1),
        (("many", 1), 13, 3),
        (("many", 1, "second"), 14, 1),
        (("many", 1, "below"), 15, 1),
        (("many", 1, "below", "third"), 16, 1),
        (("many", 1, "nested", 0), 17, 1),
        (("many", 1, "nested", 0, "fourth"), 18, 1),
        (("many", 0, "below"), 11, 1),
        (("many", 2), 0, 0),
        (("nowhere",), 0, 0),
        ((), 0, 0),
    ],
)
def test_places(path: Keys, line: int, column: int) -> None:
    assert document(TEXT).mark(*path) == Mark("a.toml", line, column)


def test_the_first_of_two_places_counts() -> None:
    """A header within a text of several lines is none, and what stands before it has its place."""
    found = document("a = 1\ntext = '''\na = 2\n'''\n")
    assert found.mark("a") == Mark("a.toml", 1, 1)


@pytest.mark.parametrize(
    ("line", "row"), [(0, ""), (1, "first = 1"), (2, "last = 2"), (3, ""), (-1, "")]
)
def test_the_line_at_a_place(line: int, row: str) -> None:
    assert document("first = 1\nlast = 2").row(Mark("a.toml", line, 1)) == row


@pytest.mark.parametrize(
    ("text", "place", "caret"),
    [
        ("a = 1\nb = \n", "2:5", "    b =\n        ^"),
        # at the end: that is the last line with anything in it
        ("a = [1,\n\n  \n", "1:8", "    a = [1,\n           ^"),
        ("b = 1\n\na = [1,\n\n  \n", "3:8", "    a = [1,\n           ^"),
        ("a = 1\n  a = 2 # c\n", "2:8", "      a = 2 # c\n           ^"),
        ("a = " + "[" * 2000, "1:2005", ""),
    ],
)
def test_what_is_no_toml(text: str, place: str, caret: str) -> None:
    """The reason is the reader's, and not in all versions of Python the same."""
    found = refused(text)
    assert found.startswith(f"a.toml:{place}: error: not valid TOML: ")
    assert found[found.index("TOML: ") + 6].islower()
    assert ("nested too deep" in found) == ("[[" in text)
    assert found.endswith(caret)


MOST = 16  # parts of a key


def key(parts: int) -> str:
    return ".".join("k" * parts)


@pytest.mark.parametrize(
    "text", [f"{key(MOST)} = 1", f"a = {{{key(MOST)} = 1}}", f"[{key(MOST)}]", "n = 1" + "0" * 17]
)
def test_as_much_as_is_read(text: str) -> None:
    assert document(text).data


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            f"a = 1\n  {key(MOST + 1)} = 1",
            "a.toml:2:3: error: a key of more than 16 parts [config]",
        ),
        (f"{key(MOST + 1)} = 1", "a.toml:1:1: error: a key of more than 16 parts [config]"),
        (f"[ 'q' . {key(MOST)}]", "a.toml:1:3: error: a key of more than 16 parts [config]"),
        (
            "a = 1\nb = 1" + "0" * 4000,
            "a.toml:2:5: error: a number of more than 4,000 digits [config]",
        ),
    ],
)
def test_what_would_take_long(text: str, message: str) -> None:
    assert refused(text).startswith(message)


@pytest.mark.parametrize(
    ("text", "key", "line"),
    [
        (f"[t]\na = [1, {2**63}]", "", 0),
        (f"[t]\na = {2**63}", "a", 2),
        (f"[t]\na = -{2**63}", "a", 2),
        (f"[t]\na = [{{b = {2**64}}}]", "b", 2),
        (f"[t]\na = {2**63 - 1}\nb = {2**63 + 1}", "b", 3),
    ],
)
def test_integers_that_toml_cannot_hold(text: str, key: str, line: int) -> None:
    found = document(text)
    with pytest.raises(ProblemError) as raised:
        found.refuse_large_integers((), found.data)
    (problem,) = raised.value.problems
    assert problem.message == f"`{key or 1}` is a number of more than 64 bits"
    assert problem.mark.line == (line or 2)


def test_integers_that_toml_holds() -> None:
    found = document(f"a = [{2**63 - 1}, -{2**63 - 1}, true, 1.5e300]")
    found.refuse_large_integers((), found.data)
    assert found.data["a"][0] == 2**63 - 1
