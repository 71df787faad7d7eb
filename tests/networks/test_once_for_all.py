"""Once-for-All's networks against their parameters and MACs worked out from the paper's table.

Cai et al. 2020, arXiv 1908.09791; the stages are those of OFAMobileNetV3 in
github.com/mit-han-lab/once-for-all.
"""

from __future__ import annotations

import random

import pytest

import archprof

STAGES = [(24, 2, False), (40, 2, True), (80, 2, False), (112, 1, True), (160, 2, True)]
"""Channels, stride of the first block, squeeze-and-excitation."""


def divisible(number: float) -> int:
    """Return the next multiple of 8, and the one above where that is below nine tenths."""
    found = max(8, int(number + 4) // 8 * 8)
    return found + 8 if found < 0.9 * number else found


def block(arriving: int, out: int, wide: int, kernel: int, squeezed: bool) -> tuple[int, int, int]:
    """Return a block's parameters, and its MACs for each pixel that arrives and that leaves."""
    expanding = arriving * wide if wide != arriving else 0
    depthwise, projecting = kernel * kernel * wide, wide * out
    norms = 2 * (wide + out) + (2 * wide if expanding else 0)
    parameters = expanding + depthwise + projecting + norms
    if squeezed:
        few = divisible(wide // 4)
        parameters += 2 * wide * few + few + wide
    return parameters, expanding, depthwise + projecting


def by_hand(
    depths: list[int], kernels: list[int], expands: list[int], width: float
) -> tuple[int, int]:
    """Return parameters and MACs of one image of 224 pixels."""
    channels, side = divisible(16 * width), 112
    parameters = 27 * channels + 2 * channels
    macs = 27 * channels * side * side
    rows = [(16, 1, False, 3, 1)]
    for stage, ((out, stride, squeezed), depth) in enumerate(zip(STAGES, depths, strict=True)):
        for turn in range(depth):
            at = 4 * stage + turn
            rows.append((out, stride if turn == 0 else 1, squeezed, kernels[at], expands[at]))
    for out, stride, squeezed, kernel, expand in rows:
        leaving, wide = divisible(out * width), divisible(channels * expand)
        own, before, behind = block(channels, leaving, wide, kernel, squeezed)
        macs += before * side * side
        side //= stride
        macs += behind * side * side
        if squeezed:
            macs += 2 * wide * divisible(wide // 4)
        parameters += own
        channels = leaving
    wide, last = divisible(960 * width), divisible(1280 * width)
    parameters += channels * wide + 2 * wide + wide * last + (last + 1) * 1000
    return parameters, macs + channels * wide * side * side + wide * last + last * 1000


def drawn(seed: int) -> dict[str, object]:
    """Return a network of the space that the paper searches."""
    random_ = random.Random(seed)
    return {
        "depths": [random_.choice([2, 3, 4]) for _ in range(5)],
        "kernels": [random_.choice([3, 5, 7]) for _ in range(20)],
        "expands": [random_.choice([3, 4, 6]) for _ in range(20)],
        "width": random_.choice([1.0, 1.2]),
    }


@pytest.mark.parametrize("seed", range(12))
def test_a_network_of_the_space(seed: int) -> None:
    choice = drawn(seed)
    totals = archprof.load("ofa_mbv3_largest", **choice).analyze().totals
    assert (totals.params, totals.macs) == by_hand(**choice)  # type: ignore[arg-type]


def test_a_block() -> None:
    """The first of the largest network's first stage, of 6 * 16 channels within:
    16*96 + 2*96, 49*96 + 2*96, 96*24 + 2*24.
    """
    assert block(16, 24, 96, 7, squeezed=False) == (8_976, 1_536, 7_008)


def test_the_largest_and_the_smallest() -> None:
    assert by_hand([4] * 5, [7] * 20, [6] * 20, 1.0) == (7_664_760, 566_170_656)
    assert by_hand([2] * 5, [3] * 20, [3] * 20, 1.0) == (3_410_792, 121_278_672)
