"""The numbers below n in a random order, each found by itself."""

from __future__ import annotations

from math import isqrt
from typing import Any

import numpy as np
from numpy.typing import NDArray

from archprof.sweeping.sampling.mixing import Words, key, mixed

ROUNDS = 8


def permuted(rows: NDArray[Any], size: int, seed: int) -> NDArray[np.int64]:
    """Return which number is at each place of a random order of the numbers below `size`.

    `rows` are places below `size`, at most 2**63. The order is a Feistel permutation of the numbers
    below a * b, with a and b about the root of `size`: a number is a pair (x, y), and in each round
    one of the two is shifted by what the other is mixed to (J. Black, P. Rogaway, Ciphers with
    Arbitrary Finite Domains, CT-RSA 2002). A number beyond `size` is permuted again until it is
    below, which is a permutation too.
    """
    a = isqrt(size - 1) + 1
    b = -(-size // a)
    keys = [key(seed, turn) for turn in range(ROUNDS)]
    result = rows.astype(np.uint64)
    beyond = np.arange(len(result))
    while len(beyond):
        result[beyond] = found = _once(result[beyond], np.uint64(a), np.uint64(b), keys)
        beyond = beyond[found >= np.uint64(size)]
    return result.astype(np.int64)


def _once(words: Words, a: np.uint64, b: np.uint64, keys: list[np.uint64]) -> Words:
    """Return the numbers below a * b permuted."""
    x, y = words // b, words % b
    for turn, word in enumerate(keys):
        if turn % 2:
            y = (y + mixed(x + word) % b) % b
        else:
            x = (x + mixed(y + word) % a) % a
    return x * b + y
