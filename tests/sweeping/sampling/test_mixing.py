"""Numbers that look random, each of its own counter."""

from __future__ import annotations

import numpy as np

from archprof.sweeping.sampling.mixing import mixed, uniform


def test_mixing_is_splitmix64() -> None:
    """The first outputs of SplitMix64 with seed 1234567, as published with Vigna's code
    (https://rosettacode.org/wiki/Pseudo-random_numbers/Splitmix64).
    """
    golden = 0x9E3779B97F4A7C15
    states = [(1234567 + turn * golden) % 2**64 for turn in range(1, 6)]
    assert mixed(np.array(states, np.uint64)).tolist() == [
        6457827717110365317,
        3203168211198807973,
        9817491932198370423,
        4593380528125082431,
        16408922859458223821,
    ]


def test_uniform_numbers_fill_the_range_evenly() -> None:
    """100 bins of 100,000 numbers: the chi-square of 99 degrees is above 149.4 once in 1,000."""
    for seed in range(3):
        counts = np.histogram(uniform(np.arange(100_000), seed), 100, (0, 1))[0]
        assert ((counts - 1000) ** 2 / 1000).sum() < 149.4


def test_axes_and_seeds_are_not_related() -> None:
    rows = np.arange(100_000)
    columns = np.stack([uniform(rows, seed, axis) for seed in (0, 1) for axis in (0, 1)])
    related = np.corrcoef(columns) - np.eye(4)
    assert abs(related).max() < 4 / 100_000**0.5
