"""YAML text becomes values that know their place."""

from __future__ import annotations

import json
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from archprof.language.source import parse
from archprof.language.text import lines
from archprof.language.value import Value
from archprof.problem import Mark, ProblemError, Problems

TEXT = """\
name: net
layers:
  conv: {op: conv2d, kernel: [3, 5], title: 'x'}
  list:
  - 1
  - two
"""


def parsed(text: str) -> Value:
    found = Problems()
    value = parse(text, "net.yaml", found)
    assert not found
    return value


def test_every_value_and_key_has_its_place() -> None:
    whole = parsed(TEXT)
    layers = whole.data["layers"]
    conv = layers.data["conv"]
    assert whole.mark == Mark("net.yaml", 1, 1)
    assert whole.keys == {"name": Mark("net.yaml", 1, 1), "layers": Mark("net.yaml", 2, 1)}
    assert layers.mark == Mark("net.yaml", 3, 3)
    assert conv.mark == Mark("net.yaml", 3, 9)
    assert conv.keys == {
        "op": Mark("net.yaml", 3, 10),
        "kernel": Mark("net.yaml", 3, 22),
        "title": Mark("net.yaml", 3, 38),
    }
    assert [item.mark for item in conv.data["kernel"].data] == [
        Mark("net.yaml", 3, 31),
        Mark("net.yaml", 3, 34),
    ]
    assert conv.data["title"].mark == Mark("net.yaml", 3, 45)
    assert [item.mark.line for item in layers.data["list"].data] == [5, 6]
    assert whole.plain() == {
        "name": "net",
        "layers": {"conv": {"op": "conv2d", "kernel": [3, 5], "title": "x"}, "list": [1, "two"]},
    }


def test_size_and_height_count_aliases_in_full() -> None:
    assert (parsed("1").size, parsed("1").height) == (1, 0)
    assert (parsed("[1, 2]").size, parsed("[1, 2]").height) == (3, 1)
    # the mapping, its key, its value
    assert (parsed("{a: 1}").size, parsed("{a: 1}").height) == (3, 1)
    # a: 3 values and 1 level; b: [*a, *a, [*a]] is 1 + 3 + 3 + (1 + 3), 3 levels; the two keys and
    # the whole
    twice = parsed("a: &a [1, 2]\nb: [*a, *a, [*a]]")
    assert (twice.size, twice.height) == (1 + 2 + 3 + 11, 4)
    assert twice.plain() == {"a": [1, 2], "b": [[1, 2], [1, 2], [[1, 2]]]}


def test_an_alias_stands_where_its_anchor_stood() -> None:
    whole = parsed("a: &x 5\nb: *x\nc: &x 6\nd: *x")
    assert whole.plain() == {"a": 5, "b": 5, "c": 6, "d": 6}
    assert whole.data["b"].mark == Mark("net.yaml", 1, 4)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1", 1),
        ("-1", -1),
        ("+1", 1),
        ("0", 0),
        ("1_000_000", 10**6),
        ("1.5", 1.5),
        (".5", 0.5),
        ("5.", 5.0),
        ("-1.0e-6", -1e-6),
        ("1.0E+3", 1000.0),
        ("1_000.5", 1000.5),
        ("true", True),
        ("false", False),
        ("null", None),
        ("~", None),
        ("", None),
        ("'1'", "1"),
        ('"true"', "true"),
        ("'010'", "010"),
        ("1x1", "1x1"),
        ("3x224x224", "3x224x224"),
        ("1.2.3", "1.2.3"),
        ("2020-01-01", "2020-01-01"),
        (".", "."),
        ("-", None),
        ("y", "y"),
        ("N", "N"),
        ("$x", "$x"),
        ("|\n  1\n", "1\n"),
        (">\n  a\n  b\n", "a b\n"),
        ("=", "="),
        ("999999999999999999", 10**18 - 1),
    ],
)
def test_scalars(text: str, value: Any) -> None:
    if text == "-":  # alone it begins a list
        assert parsed(text).plain() == [None]
        return
    found = parsed(f"a: {text}").plain()["a"]
    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("yes", True),
        ("On", True),
        ("TRUE", True),
        ("no", False),
        ("OFF", False),
        ("False", False),
        ("Null", None),
        ("010", 10),
        ("-007", -7),
        ("0x1F", 31),
        ("0b101", 5),
        ("0o17", 15),
        ("1e3", 1000.0),
        ("1E-3", 0.001),
        ("1.5e3", 1500.0),
        (".5e1", 5.0),
        ("1:30", "1:30"),
        ("12:30:45", "12:30:45"),
        ("1:30.5", "1:30.5"),
        (".inf", 1.0),
        ("-.INF", 1.0),
        (".nan", 1.0),
        ("0b12", "0b12"),
        ("1234567890123456789", 1),
        ("1.0e+30", 1.0),
    ],
)
def test_words_readers_disagree_about(text: str, meant: Any) -> None:
    """They are refused, and what was most likely meant stands in, so that it gives no second
    complaint.
    """
    found = Problems()
    assert parse(f"a: [0, {text}]", "net.yaml", found).plain() == {"a": [0, meant]}
    assert [problem.mark for problem in found] == [Mark("net.yaml", 1, 8)]


def data(texts: st.SearchStrategy[str]) -> st.SearchStrategy[Any]:
    return st.recursive(
        st.one_of(st.none(), st.booleans(), st.integers(-(10**17), 10**17), texts),
        lambda inner: st.one_of(
            st.lists(inner, max_size=4),
            st.dictionaries(st.from_regex(r"[a-m]{1,5}", fullmatch=True), inner, max_size=4),
        ),
        max_leaves=12,
    )


@settings(max_examples=300, deadline=None, derandomize=True)
@given(
    value=data(
        st.text(st.characters(codec="utf-8", exclude_categories=["C", "Zl", "Zp"]), max_size=8)
    )
)
def test_json_is_read_as_it_is(value: Any) -> None:
    check(json.dumps(value, ensure_ascii=False), value)


@settings(max_examples=300, deadline=None, derandomize=True)
@given(value=data(st.text("ghj kxé:#-,[]{}'\"|>&*!%@`", max_size=8)))
def test_what_pyyaml_writes_is_read_back(value: Any) -> None:
    check(yaml.safe_dump(value, allow_unicode=True), value)


def check(text: str, value: Any) -> None:
    """The value is found, and each part of it at a place in the text."""
    found = parsed(text)
    assert found.plain() == value
    rows = lines(text)
    for part in _values(found):
        assert 1 <= part.mark.line <= len(rows)
        assert 1 <= part.mark.column <= len(rows[part.mark.line - 1]) + 1


def _values(value: Value) -> list[Value]:
    inner = (
        value.data.values()
        if isinstance(value.data, dict)
        else value.data
        if isinstance(value.data, list)
        else ()
    )
    return [value, *(deeper for item in inner for deeper in _values(item))]


def test_lone_surrogates_are_refused() -> None:
    """A shell hands over bytes that are not UTF-8 as lone surrogates."""
    with pytest.raises(ProblemError) as caught:
        parse("a: b\nc: x\udc80", "--set c", Problems())
    assert str(caught.value) == "\n".join(
        [
            "--set c:2:5: error: not valid YAML: the character U+DC80 cannot stand in it [yaml]",
            "    c: x\\udc80",
            "        ^",
            "  hint: remove it",
        ]
    )


def test_problems_that_leave_the_text_readable_are_collected() -> None:
    found = Problems()
    parse("a: yes\nb: !!str 5\na: 010\n", "net.yaml", found)
    assert [(p.mark.line, p.rule) for p in found] == [
        (1, "yaml-trap"),
        (2, "yaml"),
        (3, "yaml-trap"),
        (3, "duplicate"),
    ]
    with pytest.raises(ProblemError) as caught:
        parse("a: yes\nb: [\n", "net.yaml", Problems())
    assert [(p.mark.line, p.rule) for p in caught.value.problems] == [(1, "yaml-trap"), (3, "yaml")]
