"""Problems as text, and the nearest name: a slip of the hand, never another meaning."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archprof.language.budget import LIMITS
from archprof.problem import Mark, Problem, ProblemError, closest, nearest


def test_a_problem_as_text() -> None:
    problem = Problem(
        Mark("net.yaml", 3, 5),
        "rule",
        "what is wrong",
        "the way out",
        ("a (net.yaml:1)",),
        "  - bad",
    )
    assert str(problem) == "\n".join(
        [
            "net.yaml:3:5: error: what is wrong [rule]",
            "      - bad",
            "        ^",
            "  in a (net.yaml:1)",
            "  hint: the way out",
        ]
    )


def test_the_caret_stands_under_its_character() -> None:
    """Whatever is shown escaped before it, and in a line too long to be shown whole."""
    assert str(Problem(Mark("f", 1, 4), "r", "m", source_line="\x07\tab")).splitlines()[1:] == [
        "    \\x07 ab",
        "          ^",
    ]
    rows = str(
        Problem(Mark("f", 1, 501), "r", "m", source_line="-" * 500 + "X" + "-" * 500)
    ).splitlines()
    assert rows[1][rows[2].index("^")] == "X"
    assert len(rows[1]) == 104
    assert rows[1] == f"    …{'-' * 49}X{'-' * 48}…"  # cut on both sides
    start = str(Problem(Mark("f", 1, 1), "r", "m", source_line="X" + "-" * 100)).splitlines()
    assert start[1:] == [f"    X{'-' * 98}…", "    ^"]
    end = str(Problem(Mark("f", 1, 101), "r", "m", source_line="-" * 100 + "X")).splitlines()
    assert end[1:] == [f"    …{'-' * 49}X", f"    {' ' * 50}^"]
    whole = str(Problem(Mark("f", 1, 1), "r", "m", source_line="X" + "-" * 99)).splitlines()
    assert whole[1] == f"    X{'-' * 99}"
    assert str(Problem(Mark("f", 1, 4), "r", "m", source_line="abc")).splitlines()[1:] == [
        "    abc",
        "       ^",
    ]


def test_a_long_chain_is_cut() -> None:
    rows = str(Problem(Mark("f"), "r", "m", chain=tuple(f"l{i}" for i in range(20)))).splitlines()
    assert rows[1:] == [
        "  in l0",
        "  in l1",
        "  in l2",
        "  in l3",
        "  in … 13 more …",
        "  in l17",
        "  in l18",
        "  in l19",
    ]


def test_problems_are_sorted_and_said_once() -> None:
    twice = Problem(Mark("b", 2, 1), "r", "m")
    error = ProblemError(
        [
            twice,
            Problem(Mark("b", 1, 9), "r", "m"),
            twice,
            Problem(Mark("a"), "r", "m"),
            Problem(Mark("b", 1, 9), "q", "m"),
        ]
    )
    assert [(p.mark, p.rule) for p in error.problems] == [
        (Mark("a"), "r"),
        (Mark("b", 1, 9), "q"),
        (Mark("b", 1, 9), "r"),
        (Mark("b", 2, 1), "r"),
    ]


def test_nearest_names() -> None:
    assert nearest("kernal", ["kernel", "stride"]) == "did you mean `kernel`?"
    assert nearest("xyz", ["kernel", "stride"], "settings") == "known settings: kernel, stride"
    assert nearest("xyz", [], "settings") == "there are no settings here"
    assert nearest("xyz", [], "") == ""
    assert nearest("xyz", [f"name{i}" for i in range(21)], "names") == ""
    assert closest("layer_x100", (f"layer_{i}" for i in range(10**5))) == "layer_100"
    # of a few only: a hint, not a search
    assert closest("layer_x123", (f"layer_{i}" for i in range(10**5))) is None
    assert closest("x" * 10**6, ["x"]) is None


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
    assert nearest("most_of_training", LIMITS, "budgets").startswith("known budgets: ")


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
