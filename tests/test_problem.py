"""The nearest name: a slip of the hand, never another meaning."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archprof.language.budget import LIMITS
from archprof.problem import closest, nearest


@pytest.mark.parametrize(
    ("slip", "meant"),
    [
        ("relue", "relu"),
        ("kernal", "kernel"),
        ("conv2", "conv2d"),
        ("paddign", "padding"),
        ("widht", "width"),
        ("sigmod", "sigmoid"),
        ("lenett", "lenet"),
        ("MaxPool2d", "max_pool2d"),
        ("max-pool-2d", "max_pool2d"),
        ("adaptve_avgpool2d", "adaptive_avg_pool2d"),
        ("convolutoinn", "convolution"),
        ("max_latency", "max_latency"),
    ],
)
def test_a_slip_of_the_hand(slip: str, meant: str) -> None:
    assert closest(slip, ["something", meant, "else"]) == meant


@pytest.mark.parametrize(
    ("word", "other"),
    [
        ("max_training_memory", "max_peak_memory"),
        ("min_depth", "max_depth"),
        ("never rising", "rising"),
        ("frozen", "from"),
        ("scale", "share"),
        ("instance_norm2d", "layer_norm2d"),
        ("deform_conv2d", "table_conv2d"),
        ("upsample", "pad_same"),
        ("add", "pad"),
        ("in", "on"),
        ("conv", "concat"),
        ("adaptive_max_pool2d", "adaptive_avg_pool2d"),
        ("convolutooonn", "convolution"),
        ("", "relu"),
    ],
)
def test_another_meaning(word: str, other: str) -> None:
    assert closest(word, [other]) is None
    assert closest(other, [word]) is None


def test_how_many_slips_a_word_may_have() -> None:
    """None of three letters, one of four to seven, two of eight and more; of each word of a
    name.
    """
    assert [
        closest(slip, [word])
        for slip, word in (
            ("mud", "mul"),
            ("muld", "mulf"),
            ("dixatxd", "dilated"),
            ("dixatxon", "dilation"),
        )
    ] == [None, "mulf", None, "dilation"]
    assert closest("max_pxol", ["max_pool"]) == "max_pool"
    assert closest("mxx_pxol", ["max_pool"]) is None


def test_the_nearest_of_several() -> None:
    # one slip against one and two
    assert closest("strides", ["stride", "slides", "strife"]) == "stride"
    assert closest("stage", ["stages", "stage_", "Stage"]) in ("stage_", "Stage")  # the same word
    assert nearest("max_training_memory", LIMITS, "budgets").startswith("known budgets: ")


WORDS = st.text("abcdefghij", min_size=4, max_size=30)


@given(WORDS, st.data())
def test_one_slip_is_found_wherever_it_is(word: str, data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(word) - 1))
    letter = data.draw(st.sampled_from("xyz"))
    swapped = f"{word[:place]}{word[place + 1 : place + 2]}{word[place]}{word[place + 2 :]}"
    for slip in (
        word[:place] + word[place + 1 :],
        word[:place] + letter + word[place:],
        word[:place] + letter + word[place + 1 :],
        swapped,
    ):
        assert closest(slip, [word]) == word


@given(WORDS, st.data())
def test_three_slips_are_another_word(word: str, data: st.DataObject) -> None:
    """Letters that are not in the word, put in at three places: no two slips make up for them."""
    longer = word
    for letter in "xyz":
        place = data.draw(st.integers(0, len(longer)))
        longer = longer[:place] + letter + longer[place:]
    assert closest(longer, [word]) is None
