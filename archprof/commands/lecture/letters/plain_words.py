"""The words of a lecture for those of archprof's specs: parameters for params, max pooling for
max_pool2d.
"""

from __future__ import annotations

import re
from functools import cache

from archprof.ops import OPS

_WORDS = {
    "params": "parameters",
    "macs": "multiply-adds",
    "flops": "FLOPs",
    "conv2d": "convolution",
    "linear": "fully connected layer",
    "max_pool2d": "max pooling",
    "avg_pool2d": "average pooling",
    "adaptive_avg_pool2d": "global average pooling",
    "relu": "ReLU",
    "gelu": "GELU",
    "==": "=",
}


def plain_words(text: str) -> str:
    """Return a sentence that archprof made of a statement in a lecture's words."""
    return _pattern().sub(lambda found: _word(found[0]), text)


def _word(word: str) -> str:
    return _WORDS.get(word) or word.removesuffix("2d").replace("_", " ")


@cache
def _pattern() -> re.Pattern[str]:
    words = sorted({*_WORDS, *(name for name in OPS if "_" in name)}, key=len, reverse=True)
    return re.compile(rf"(?<![\w.])(?:{'|'.join(map(re.escape, words))})(?![\w.])")
