"""The tables of other frameworks' words: what they lead to exists.

The messages they give are in tests/spec/malformed/foreign_*.
"""

from __future__ import annotations

import re

import pytest

from archprof.foreign import (
    BUDGETS,
    DIMENSIONS,
    KEYS,
    OPS,
    SETTINGS,
    SETTINGS_OF,
    VALUES,
    op_hint,
    setting_hint,
)
from archprof.language.budget import LIMITS
from archprof.language.budget_conditions import OF_SPEC
from archprof.language.document import BUILT_IN
from archprof.language.expand import expand
from archprof.language.loader import load_text
from archprof.language.network import networks
from archprof.language.words import BLOCK, COMMON, ONLY, TOP
from archprof.ops import OPS as TABLE
from archprof.vocabulary import Vocabulary

NAMES_OF_SETTINGS = {name for op in TABLE.values() for name in op.settings}
KNOWN = [
    (OPS, set(TABLE)),
    (SETTINGS, NAMES_OF_SETTINGS),
    (BUDGETS, {*LIMITS, *OF_SPEC}),
    (VALUES, {f"${name}" for name in BUILT_IN}),
    (KEYS, {*TOP, *BLOCK, *COMMON, *(word for words in ONLY.values() for word in words)}),
]


def bare(word: str) -> str:
    return word.lower().replace("_", "").removeprefix("$")


@pytest.mark.parametrize(
    ("vocabulary", "known"), KNOWN, ids=["ops", "settings", "budgets", "values", "keys"]
)
def test_what_a_table_leads_to_is_there(vocabulary: Vocabulary, known: set[str]) -> None:
    assert vocabulary.called.keys() <= known


def test_a_word_for_an_op_means_one_thing_and_is_no_op_itself() -> None:
    words = [bare(word) for words in (*OPS.called.values(), *OPS.notes) for word in words.split()]
    assert sorted(words) == sorted(set(words))
    assert not set(words) & set(map(bare, TABLE))


def test_the_ops_that_a_note_names_are_there() -> None:
    named = {
        word
        for note in OPS.notes.values()
        for word in re.findall(
            r"`([a-z_0-9]+)`|\b([a-z]+_[a-z_0-9]+|[a-z]+2d)\b", note.split("use:")[0]
        )
        for word in word
        if word
    }
    assert {"scale_by", "group_norm", "avg_pool2d", "layer_norm"} <= named  # the pattern finds them
    assert named <= {*TABLE, "input", "from"}


def test_dimensions_are_settings() -> None:
    assert set(DIMENSIONS) <= NAMES_OF_SETTINGS
    assert all(name not in TABLE[op].settings for op, name in SETTINGS_OF)


@pytest.mark.parametrize(
    "layer",
    [
        "{op: group_norm, groups: $channels, affine: false}",
        "{op: max, dim: [1, 2], keepdim: true}",
        "{op: adaptive_avg_pool2d, size: 1}",
        "{op: conv2d, out: 6, kernel: 3, groups: $channels}",
        "{op: scale_by, factor: -1}",
        "{op: batch_norm2d, affine: false}",
        "{op: scale, size: [1]}",
    ],
)
def test_the_ways_out_can_be_gone(layer: str) -> None:
    assert not expand(
        next(networks(load_text(f"name: net\ninput: 3x8x6\nlayers: [{layer}]")))
    ).problems


@pytest.mark.parametrize(
    ("wrong", "never"),
    [
        ("reglu", "did you mean"),
        ("hardshrink", "did you mean"),
        ("weight_norm2d", "layer_norm2d"),
        ("deform_conv2d", "table_conv2d"),
        ("upsample", "pad_same"),
        ("conv4d", "conv2d"),
    ],
)
def test_spelling_never_leads_to_another_meaning(wrong: str, never: str) -> None:
    assert never not in op_hint(wrong, TABLE)


@pytest.mark.parametrize(
    ("word", "known", "hint"),
    [
        ("out_channel", ["out", "kernel"], "it is called `out` here"),
        ("out_channels", ["out", "kernel"], "it is called `out` here"),
        ("nn.kernel_shapes", ["out", "kernel"], "it is called `kernel` here"),
        ("in_channel", ["out", "kernel"], "it is not given: it is what arrives at the layer"),
        ("stride", ["step"], "it is called `step` here"),
        ("begins", ["start", "stop"], "it is called `start` here"),
    ],
)
def test_a_plural_does_not_matter(word: str, known: list[str], hint: str) -> None:
    assert SETTINGS.hint(word, known) == hint


def test_no_plural_comes_before_the_word_itself() -> None:
    """Each note is found by its own words, which no other word means in another number."""
    for vocabulary in (OPS, SETTINGS, KEYS, BUDGETS):
        for theirs, note in vocabulary.notes.items():
            called = {
                word.lower()
                for key, words in vocabulary.called.items()
                for word in (key, *words.split())
            }
            assert {
                vocabulary.hint(word, vocabulary.called)
                for word in theirs.split()
                if word.lower() not in called
            } <= {note}, theirs


def test_words_of_one_op_only() -> None:
    assert (
        setting_hint("multihead_attention", "scale", ["heads", "share"])
        == "scores are always divided by the root of the channels of a head"
    )
    assert setting_hint("interpolate", "scale", ["factor", "share"]) == "it is called `factor` here"
    assert (
        setting_hint("softmax", "axis", ["dim"])
        == "it is called `dim` here; the batch is not counted"
    )
