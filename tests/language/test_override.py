"""Parameters and the input of a network are replaced."""

from __future__ import annotations

from typing import Any

import pytest

from archprof.language.expand import expand
from archprof.language.loader import load_text
from archprof.language.network import Network, networks
from archprof.language.override import override, parse_input, parse_override
from archprof.problem import ProblemError
from tests.language.families import FAMILY, LENET


def lenet() -> Network:
    return next(networks(load_text(LENET)))


def refused(**values: Any) -> str:
    with pytest.raises(ProblemError) as caught:
        override(lenet(), values)
    return str(caught.value)


def test_override_parameters_and_input() -> None:
    plain = lenet()
    assert plain.as_specified()
    changed = override(plain, {"width": 8}, (1, 28, 28))
    assert not changed.as_specified()
    graph = expand(changed)
    # the spec's own shapes and totals are of the spec's own network
    assert not graph.problems
    assert (graph.input, graph.nodes[0].output) == ((1, 28, 28), (8, 24, 24))
    again = override(changed, {"act": "relu"})
    assert (again.overrides, again.input) == ({"width": 8, "act": "relu"}, (1, 28, 28))
    assert not override(plain, {}, (1, 32, 32)).as_specified()
    assert override(plain, {}).as_specified()


def test_override_keeps_the_kind() -> None:
    assert override(lenet(), {"rate": 1, "sizes": [1], "wide": True, "twice": 3}).overrides == {
        "rate": 1,
        "sizes": [1],
        "wide": True,
        "twice": 3,
    }
    assert (
        refused(width=1.5)
        == "--set: error: width is 1.5, expected the kind of its present value 6 [override]\n "
        " hint: with 6.0 as its default it takes any number"
    )
    assert (
        refused(width=True)
        == "--set: error: width is true, expected the kind of its present value 6 [override]"
    )
    assert (
        refused(sizes=3)
        == "--set: error: sizes is 3, expected the kind of its present value [120, 84] [override]"
    )
    assert (
        refused(act=None)
        == "--set: error: act is nothing, expected the kind of its present value 'tanh' [override]"
    )
    assert (
        refused(wide=0)
        == "--set: error: wide is 0, expected the kind of its present value false [override]"
    )
    assert refused(witdh=3, kernel=2) == "\n".join(
        [
            "--set: error: lenet has no parameter `kernel` [override]",
            "  hint: known parameters: act, rate, sizes, twice, wide, width",
            "--set: error: lenet has no parameter `witdh` [override]",
            "  hint: did you mean `width`?",
        ]
    )


def test_override_of_a_variant() -> None:
    small, large = networks(load_text(FAMILY))
    assert len(expand(override(small, {"depths": [5, 1]})).nodes) == 5
    assert expand(override(large, {"depths": [1, 1]})).nodes[0].output == (8, 64, 64)
    with pytest.raises(
        ProblemError, match="depths is 3, expected the kind of its present value \\[2, 2\\]"
    ):
        override(small, {"depths": 3})


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("width=8", ("width", 8)),
        (" width = 8 ", ("width", 8)),
        ("sizes=[1, 2]", ("sizes", [1, 2])),
        ("act=relu", ("act", "relu")),
        ("act=", ("act", "")),
        ("act='a=b'", ("act", "a=b")),
        ("wide=true", ("wide", True)),
        ("rate=0.5", ("rate", 0.5)),
        ("rate=1.0e-3", ("rate", 0.001)),
    ],
)
def test_parse_override(text: str, expected: tuple[str, Any]) -> None:
    assert parse_override(text) == expected


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("width", "--set: error: 'width', expected NAME=VALUE [override]"),
        ("=8", "--set: error: '=8', expected NAME=VALUE [override]"),
        (
            "wide=yes",
            (
                "--set wide:1:1: error: `yes`: YAML readers disagree whether this is a truth value"
                " [yaml-trap]"
            ),
        ),
        (
            "width=010",
            "--set width:1:1: error: `010`: YAML 1.1 reads a leading zero as octal [yaml-trap]",
        ),
        ("sizes=[1", "--set sizes:1:1: error: not valid YAML: this `[` is not closed [yaml]"),
        (
            "act=\udcff",
            "--set act:1:1: error: not valid YAML: the character U+DCFF cannot stand in it [yaml]",
        ),
    ],
)
def test_parse_override_refuses(text: str, first: str) -> None:
    with pytest.raises(ProblemError) as caught:
        parse_override(text)
    assert str(caught.value).splitlines()[0] == first


def test_parse_input() -> None:
    assert parse_input("3x224x224") == (3, 224, 224)
    assert parse_input(" 16 ") == (16,)
    for text in ("", "3x", "3 x 32", "0x3x3", "1x2x3x4x5", "3x1000001x2", "-3x32x32", "３x32x32"):
        with pytest.raises(ProblemError, match="expected a shape such as 3x224x224"):
            parse_input(text)
