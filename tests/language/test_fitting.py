"""Inputs that do not fit, and what is named instead."""

from __future__ import annotations

import pytest

from archprof.language.expand import expand
from archprof.language.find import find
from archprof.language.loader import load_text
from archprof.language.network import networks
from archprof.language.override import override


def hints(name: str, shape: tuple[int, ...]) -> list[str]:
    return [problem.hint for problem in expand(override(find(name), {}, shape)).problems]


def test_a_unet_at_250_pixels() -> None:
    """Four poolings by 2: 250/16 is not a whole number.

    Behind them 250 -> 125 -> 62 -> 31 -> 15, and 15 upsampled is 30.
    """
    (problem,) = expand(override(find("unet_padded"), {}, (1, 250, 250))).problems
    assert (
        str(problem)
        == """\
specs/unet.yaml:26:7: error: `up4.concat` (concat) cannot take 512x31x31 and 512x30x30: \
cannot concat 512x31x31 and 512x30x30 along dim 0: the other dimensions differ [shape]
          concat: {op: concat, from: [crop, up]}  # archprof: ignore[misaligned] \
behind the even window…
          ^
  in up4 (block up, specs/unet.yaml:51)
  hint: an input side that is a multiple of 16: 240 or 256"""
    )
    for side in (240, 256):
        assert not expand(override(find("unet_padded"), {}, (1, side, side))).problems


@pytest.mark.parametrize(
    ("shape", "hint"),
    [
        ((1, 250, 256), "input sides that are multiples of 16: 240x256 or 256x256"),
        ((1, 17, 17), "an input side that is a multiple of 16: 16 or 32"),
    ],
    ids=["one axis", "small"],
)
def test_sides_beside(shape: tuple[int, ...], hint: str) -> None:
    assert hints("unet_padded", shape) == [hint]


def net(side: int, *layers: str) -> list[str]:
    text = f"name: net\ninput: 3x{side}x{side}\nlayers:\n" + "".join(
        f"  {layer}\n" for layer in layers
    )
    return [problem.hint for problem in expand(next(networks(load_text(text)))).problems]


DOWN, UP = "down: {op: max_pool2d, kernel: 3, stride: 3}", "up: {op: interpolate, factor: 3}"
GENERAL = "a stride, a padding or a number of channels differs between the branches"


def test_the_stride_on_the_way_to_the_merge_counts_and_no_other() -> None:
    """The first branch is 3 times smaller, another that the merge does not read 8 times."""
    other = "other: {op: max_pool2d, kernel: 8, from: input}"
    assert net(
        32, other, f"{DOWN[:-1]}, from: input}}", UP, "add: {op: add, from: [up, input]}"
    ) == ["an input side that is a multiple of 3: 30 or 33"]


def test_an_upsampling_makes_strides_smaller() -> None:
    """31 -> 62 -> 15 -> 30: a unit of the smallest map stands for 1/2*4 = 2 pixels."""
    larger, down = "larger: {op: interpolate, factor: 2}", "down: {op: max_pool2d, kernel: 4}"
    assert net(
        31, larger, down, "up: {op: interpolate, factor: 2}", "add: {op: add, from: [up, input]}"
    ) == ["an input side that is a multiple of 2: 30 or 32"]


def test_the_first_of_two_merges_is_the_one_that_is_helped() -> None:
    """30 -> 15 -> 7, upsampled 14; and by 8: 30 -> 3 -> 24.

    Of the multiples of 4 beside 30, at 28 the second still differs: 28 -> 3 -> 24.
    """
    first = (
        "h2: {op: max_pool2d, kernel: 2}",
        "h4: {op: max_pool2d, kernel: 2}",
        "up: {op: interpolate, factor: 2}",
        "add: {op: add, from: [up, h2]}",
    )
    second = (
        "down: {op: max_pool2d, kernel: 8, from: input}",
        "ups: {op: interpolate, factor: 8}",
        "adds: {op: add, from: [ups, input]}",
    )
    assert net(30, *first, *second)[0] == "an input side that is a multiple of 4: 32"


def test_what_is_named_has_been_tried() -> None:
    """A multiple of 3 makes the branches meet, but 33 is too small for the window of 40 behind:
    neither is named.
    """
    assert net(
        32, DOWN, UP, "add: {op: add, from: [up, input]}", "wide: {op: conv2d, out: 8, kernel: 40}"
    ) == [GENERAL]
    # 33 is large enough for a window of 33, 30 is not
    assert net(
        32, DOWN, UP, "add: {op: add, from: [up, input]}", "wide: {op: conv2d, out: 8, kernel: 33}"
    ) == ["an input side that is a multiple of 3: 33"]


@pytest.mark.parametrize(
    "layers",
    [
        (
            "conv: {op: conv2d, out: 8, kernel: 1}",
            "add: {op: add, from: [conv, input]}",
        ),  # channels
        # a stride on one branch alone
        ("down: {op: max_pool2d, kernel: 2}", "add: {op: add, from: [down, input]}"),
    ],
    ids=["channels", "stride"],
)
def test_no_side_would_help(layers: tuple[str, ...]) -> None:
    assert net(32, *layers) == [GENERAL]


@pytest.mark.parametrize(
    ("shape", "hint"),
    [
        ((224,), "the network's input is not channels x height x width: write 3x224x224"),
        ((224, 160), "the network's input is not channels x height x width: write 3x224x160"),
        ((1, 3, 160, 160), "leave the batch out: 3x160x160"),
    ],
)
def test_an_input_of_another_kind(shape: tuple[int, ...], hint: str) -> None:
    assert hints("resnet18", shape)[0] == hint


def test_channels_are_those_of_the_spec() -> None:
    assert (
        hints("unet", (572,))[0]
        == "the network's input is not channels x height x width: write 1x572x572"
    )


def test_behind_the_input_the_cause_is_a_layer() -> None:
    assert net(32, "flatten: {op: flatten}", "conv: {op: conv2d, out: 8, kernel: 1}") == [
        "a flatten or a pooling before it took the spatial axes away"
    ]


@pytest.mark.parametrize(
    ("name", "shape", "hint"),
    [
        ("alexnet", (300, 300, 3), "channels come first: write 3x300x300"),
        # only the third pooling finds no room
        ("vgg16", (224, 192, 3), "channels come first: write 3x224x192"),
        ("unet", (572, 572, 1), "channels come first: write 1x572x572"),
        ("alexnet", (28, 28, 1), "channels come first: write 1x28x28"),
        ("alexnet", (3, 5, 5), "a larger input, a smaller kernel or more padding"),
        ("alexnet", (3, 300, 5), "a larger input, a smaller kernel or more padding"),
        ("alexnet", (300, 300, 8), "a larger input, a smaller kernel or more padding"),
        ("alexnet", (3, 5, 3), "a larger input, a smaller kernel or more padding"),
    ],
)
def test_channels_in_the_last_place(name: str, shape: tuple[int, ...], hint: str) -> None:
    assert hints(name, shape)[0] == hint


def test_a_spec_with_its_channels_last() -> None:
    layer = "conv: {op: conv2d, out: 8, kernel: 5}"
    text = f"name: net\ninput: 32x32x3\nlayers:\n  {layer}\n"
    assert [problem.hint for problem in expand(next(networks(load_text(text)))).problems] == [
        "channels come first: write 3x32x32"
    ]
