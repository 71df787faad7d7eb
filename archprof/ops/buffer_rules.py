"""The rules by which a buffer's values are made: what each needs of the buffer's size, and which
settings of the buffer it takes.

The functions that make the values have the rule's name in archprof/model/constants.py.
"""

from __future__ import annotations

from collections.abc import Callable

from archprof.ops.answers import product
from archprof.record import Record

Size = tuple[int, ...]


class BufferRule(Record):
    """A rule in a sentence, with its source.

    `settings`: those of the buffer that it takes beside the size. `wants`: what the size must be,
    in words, and `fits` whether it is. `whole`: whether it gives whole numbers too.
    """

    about: str
    wants: str
    fits: Callable[[Size], bool]
    settings: tuple[str, ...] = ()
    whole: bool = False


def _any(size: Size) -> bool:
    return True


def _line(size: Size) -> bool:
    return len(size) == 1


RULES: dict[str, BufferRule] = {
    "zeros": BufferRule("0 everywhere", "any size", _any, whole=True),
    "ones": BufferRule("1 everywhere", "any size", _any, whole=True),
    "arange": BufferRule(
        "start + step*i, torch.arange",
        "[n]",
        _line,
        ("start", "step"),
        whole=True,
    ),
    "linspace": BufferRule(
        "n numbers from start to stop at equal distances, torch.linspace",
        "[n]",
        _line,
        ("start", "stop"),
    ),
    "binomial": BufferRule(
        "c_i*c_j with c_k = binom(n - 1, k)/2^(n - 1), the filter of a blur pooling; Zhang 2019,"
        " arXiv 1904.11486",
        "[…, n, n]",
        lambda size: len(size) >= 2 and size[-1] == size[-2],
    ),
    "relative_coordinates": BufferRule(
        "sign(d)*log2(8*abs(d)/(w - 1) + 1)/3 of the offsets d = 1 - w … w - 1 of rows and of"
        " columns in a window of w tokens; Swin V2, Liu et al. 2021, arXiv 2111.09883",
        "[2*w - 1, 2*w - 1, 2] with windows of 2 tokens at least",
        lambda size: len(size) == 3 and size[2] == 2 and all(n % 2 and n > 2 for n in size[:2]),
    ),
    "sincos": BufferRule(
        "sin(p/T^(2i/C)) and cos(p/T^(2i/C)) in turn, of tokens p and pairs of channels i, with T ="
        " temperature; Vaswani et al. 2017, arXiv 1706.03762",
        "[tokens, C] with an even C",
        lambda size: len(size) == 2 and size[1] % 2 == 0,
        ("temperature",),
    ),
    "sincos_2d": BufferRule(
        "a quarter of the channels each: sin and cos of the column, sin and cos of the row, times"
        " T^(-4i/C), with T = temperature; MAE, He et al. 2021, arXiv 2111.06377",
        "[height, width, C], C a multiple of 4",
        lambda size: len(size) == 3 and size[2] % 4 == 0,
        ("temperature",),
    ),
    "fourier_2d": BufferRule(
        "sin and cos in turn of 2*pi*row/height, then of 2*pi*column/width, over T^(4i/C), with T ="
        " temperature; EdgeNeXt, Maaz et al. 2022, arXiv 2206.10589",
        "[C, height, width], C a multiple of 4",
        lambda size: len(size) == 3 and size[0] % 4 == 0,
        ("temperature",),
    ),
}
"""By name."""

ARGUMENTS = tuple(dict.fromkeys(name for rule in RULES.values() for name in rule.settings))
"""The settings of a buffer that are for rules alone."""


def fault(name: str, size: Size, given: tuple[str, ...], whole: bool) -> tuple[str, str]:
    """Return why a rule cannot make a buffer, and the way out; "" where it can.

    `given`: the arguments that the spec gives; `whole`: whether the buffer is of whole numbers.
    """
    rule = RULES[name]
    unknown = [argument for argument in given if argument not in rule.settings]
    if unknown:
        taken = f"it takes {', '.join(rule.settings)}" if rule.settings else "it takes none"
        return f"the rule {name} has no argument `{unknown[0]}`", taken
    if whole and not rule.whole:
        return f"the rule {name} gives no whole numbers", "leave `dtype` out"
    if not rule.fits(size):
        return f"a buffer of size {product(size)} by the rule {name}, expected {rule.wants}", ""
    return "", ""
