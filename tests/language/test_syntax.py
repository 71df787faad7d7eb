"""What is not YAML: every fault that libyaml can find, in words of this program's, never in
libyaml's.
"""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from archprof.language.source import parse
from archprof.problem import ProblemError, Problems

ESCAPE = "an escape that YAML does not have"
DIRECTIVE = "`%` begins a directive"
TAG = "`!` begins a tag"
ANCHOR = "`&` begins an anchor, and no name follows"
BLOCK = "`|` and `>` begin a block of text in the lines below"
OF_LIBYAML = (
    "while ",
    "found ",
    "did not find",
    "could not find",
    "exceeded",
    "expected <",
    "not allowed in this context",
    "invalid",
    "octet",
)


def refused(text: str) -> list[str]:
    """The places and messages of a text that YAML cannot read, [] where it can."""
    try:
        parse(text, "a", Problems())
    except ProblemError as error:
        return [f"{p.mark}: {p.message}" for p in error.problems]
    return []


@pytest.mark.parametrize(
    ("text", "place", "message"),
    [
        ("a: ? b", "1:4", "a `? ` where no key can stand"),
        ("a: b\n\tc: d", "2:1", "a tab in the indentation"),
        ("a: |\n\tb\n", "2:1", "a tab in the indentation"),
        ('a: "\\q"', "1:5", ESCAPE),
        ('a: "\\xZZ"', "1:7", ESCAPE),
        ('a: "\\UFFFFFFFF"', "1:7", ESCAPE),
        ("%YAML 1.1\n%YAML 1.1\n---\na", "2:1", DIRECTIVE),
        ("%YAML x\n---\na", "1:7", DIRECTIVE),
        ("%YAML 1.1 x\n---\na", "1:11", DIRECTIVE),
        ("%TAG x\n---\na", "1:6", DIRECTIVE),
        ("%FOO\n---\na", "1:5", DIRECTIVE),
        ("a: !<x", "1:7", TAG),
        ("a: !!", "1:6", TAG),
        ("a: !x{", "1:6", TAG),
        ("a: !%zz", "1:5", TAG),
        ("a: &", "1:5", ANCHOR),
        ("a: |x\n", "1:5", BLOCK),
        ("a: |0\n", "1:5", BLOCK),
        ("a: ]", "1:4", "expected a value here"),
        ("a: [b,,c]", "1:7", "this cannot stand here"),
        ("a: \x00", "1:4", "the character U+0000 cannot stand in it"),
    ],
)
def test_words(text: str, place: str, message: str) -> None:
    assert refused(text) == [f"a:{place}: not valid YAML: {message}"]


@pytest.mark.parametrize(
    ("text", "place"),
    [
        # the value of `a` is a level down: 39 brackets more are 40, the 40th (column 3 + 40) is too
        # many
        ("a: " + "[" * 5000, "1:43"),
        ("é: " + "[" * 5000, "1:43"),  # columns count characters, not bytes
        ("[" * 5000, "1:41"),
        # the mapping and 39 lists are 40 levels; list i begins in row i + 1, column i + 1
        ("a:\n" + "".join(f"{' ' * i}- \n" for i in range(1, 1500)), "41:41"),
    ],
)
def test_nesting_that_libyaml_gives_up_on(text: str, place: str) -> None:
    """Since 0.2.6 it does not go deeper than 1,000 levels, and looks that far ahead before it
    gives the first.
    """
    assert refused(text) == [f"a:{place}: nested deeper than 40 levels"]


def test_what_was_found_before_is_kept_once() -> None:
    assert refused("a: 1\na: 2\nb: " + "[" * 5000) == [
        "a:2:1: the key `a` stands twice, first in line 1",
        "a:3:43: nested deeper than 40 levels",
    ]


PIECES = [
    "a",
    "b: ",
    "- ",
    "? ",
    "[",
    "]",
    "{",
    "}",
    ", ",
    "\n",
    "  ",
    "\t",
    "'",
    '"',
    "\\x",
    "&",
    "*",
    "!",
    "|",
    ">",
    "%",
    "@",
    "---",
    "...",
    "#",
    ":",
    "<<",
    "é",
]


@given(st.lists(st.sampled_from(PIECES), max_size=12).map("".join))
@example("...\na")
@example("--- a\n... b\n")
def test_no_word_of_libyaml(text: str) -> None:
    for line in refused(text):
        message = (
            line.partition("not valid YAML: ")[2]
            .replace("the mapping that begins", "")
            .replace("`", "")
        )
        assert not any(word in message for word in OF_LIBYAML), line
