"""Numbers that look random, each a function of its own counter alone."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Words = NDArray[np.uint64]

_MASK = 2**64 - 1
_GOLDEN = 0x9E3779B97F4A7C15


def mixed(words: Words) -> Words:
    """Return 64-bit words with their bits mixed, one for one.

    This is the output function of SplitMix64: G. Steele, D. Lea, C. Flood, Fast Splittable
    Pseudorandom Number Generators, OOPSLA 2014.
    """
    words = (words ^ (words >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    words = (words ^ (words >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return words ^ (words >> np.uint64(31))


def key(*numbers: int) -> np.uint64:
    """Return a 64-bit word that numbers make: a seed, and what it is used for."""
    word = 0
    for number in numbers:
        word = int(mixed(np.array([(word + _GOLDEN + number) & _MASK], np.uint64))[0])
    return np.uint64(word)


def uniform(rows: NDArray[Any], *seed: int) -> NDArray[Any]:
    """Return a float of [0, 1) for each row number, of 53 bits."""
    words = mixed(rows.astype(np.uint64) * np.uint64(_GOLDEN) + key(*seed))
    return (words >> np.uint64(11)).astype(np.float64) * 2.0**-53
