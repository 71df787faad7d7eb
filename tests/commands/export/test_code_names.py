"""Names from files as names of Python."""

from __future__ import annotations

import ast
from keyword import iskeyword

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archprof.commands.export.code_names import (
    RESERVED,
    access,
    class_name,
    is_attribute,
    quoted,
    unused,
    variable,
    weight_access,
)


@pytest.mark.parametrize(
    ("words", "name"),
    [
        ("inverted_residual", "InvertedResidual"),
        ("resnet50", "Resnet50"),
        ("ViT-B/16", "ViTB16"),
        ("wide_resnet50_2", "WideResnet50_2"),  # not 502
        ("50", ""),
        ("", ""),
        ("ümlaut", "Mlaut"),
    ],
)
def test_classes(words: str, name: str) -> None:
    assert class_name(words) == name


@given(st.text())
def test_whatever_the_text_a_name_is_plain(text: str) -> None:
    name = class_name(text)
    assert name == "" or (name.isascii() and name.isidentifier() and len(name) <= 60)
    name = variable(text)
    assert name.isascii()
    assert name.isidentifier()
    assert not iskeyword(name)
    assert name not in RESERVED


@given(st.text())
def test_a_string_is_the_string(text: str) -> None:
    assert ast.literal_eval(quoted(text)) == text
    assert quoted(text).isprintable()


def test_strings_stand_between_double_quotes_as_ruff_has_them() -> None:
    assert [quoted(text) for text in ("a", "it's", 'say "x"')] == ['"a"', '"it\'s"', "'say \"x\"'"]


def test_attributes_are_what_python_leaves_as_it_is() -> None:
    assert [
        name for name in ("a", "_a", "__a", "class", "0", "ﬁ", "a-b") if is_attribute(name)
    ] == [
        "a",
        "_a",
    ]


def test_access() -> None:
    assert access(("layer1", "0", "conv")) == 'self.layer1.get_submodule("0").conv'
    assert weight_access(("a", "b"), True) == "self.a.b"
    assert weight_access(("a", "0"), True) == 'self.a.get_parameter("0")'
    assert weight_access(("0",), False) == 'self.get_buffer("0")'


def test_unused() -> None:
    assert unused("a", {"b"}) == "a"
    assert unused("a", {"a", "a2"}) == "a3"
