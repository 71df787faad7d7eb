"""The widths of RegNets, for expressions: Radosavovic et al. 2020, Designing Network Design Spaces,
arXiv 2003.13678, section 3.3, computed in the order of the paper's own code, so that every rounding
is the same: https://github.com/facebookresearch/pycls, pycls/models/regnet.py (`generate_regnet`)
and pycls/models/blocks.py (`adjust_block_compatibility`). torchvision's
`BlockParams.from_init_params` computes the same stages in single precision.

Numbers may be columns: then the answer is one of columns, with the numbers of each row.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from archprof.column import Column, is_whole, least, most, settled

if TYPE_CHECKING:
    from numpy import ndarray

MOST_BLOCKS = 1000
MOST_POWERS = 64  # of wm that columns go through: those of a ratio of 1.5 give widths of 10^11
WIDEST = 2**40  # up to which every step below is far from what a float holds exactly
DOUBT = 1e-9  # numpy's logarithms and powers differ from Python's by less than this share


def regnet(depth: Any, w0: Any, wa: Any, wm: Any, q: Any = 8) -> list[list[Any]]:
    """Return the widths of the stages of a RegNet, and their depths.

    Block i of `depth` has the width w0 * wm ** s as a multiple of q, where wm ** s is the power
    next to (w0 + wa * i) / w0 (equations 2 to 4); blocks of one width are a stage.

    Raises ValueError for numbers outside of the parameterisation, OverflowError where a width is
    too large, and Differs where the number of stages is not the same in all rows.
    """
    if not is_whole(depth) or not is_whole(q):
        raise TypeError
    if depth < 1 or depth > MOST_BLOCKS or q < 1:
        raise ValueError
    if w0 <= 0 or wa < 0 or wm <= 1 or w0 % q != 0:
        raise ValueError
    if (w0 + wa * depth) * wm > WIDEST:
        raise OverflowError
    numbers = depth, w0, wa, wm, q
    if any(type(number) is Column for number in numbers):
        return _of_rows(*numbers)
    widths = Counter(_width(block, w0, wa, wm, q) for block in range(depth))
    return [sorted(widths), [widths[width] for width in sorted(widths)]]


def _width(block: int, w0: float, wa: float, wm: float, q: int) -> int:
    """Return the quantised width of a block."""
    steps = round(math.log((wa * block + w0) / w0) / math.log(wm))
    return round(w0 * wm**steps / q) * q


def _of_rows(*numbers: Any) -> list[list[Any]]:
    """Return what `regnet` does where numbers are columns: power by power of wm for all rows.

    A row where a last bit decides, or that has very many powers, is computed with plain numbers.
    """
    import numpy as np

    spread = [number.rows if type(number) is Column else number for number in numbers]
    depth, w0, wa, wm, q = np.broadcast_arrays(*spread)
    power, before = np.ones(len(depth)), np.zeros(len(depth), np.int64)  # blocks of lower powers
    doubtful = np.zeros(len(depth), bool)
    found: list[tuple[Any, Any]] = []
    with np.errstate(
        divide="ignore", over="ignore", invalid="ignore"
    ):  # wa 0: all blocks are of power 0
        while bool((before < depth).any()) and len(found) < MOST_POWERS:
            end = (power * np.sqrt(wm) - 1) * w0 / wa  # block at which the power is the next one
            units = w0 * power / q
            there, ends = before < depth, end < depth
            doubtful |= there & _near_half(units, 1) | ends & _near_half(end - 0.5, w0 / wa)
            blocks = np.minimum(np.ceil(end), depth).astype(np.int64)
            width = np.rint(np.where(there, units, 0)).astype(np.int64) * q
            found.append((width, blocks - before))
            power, before = power * wm, blocks
    exact = {
        row: regnet(*(array[row].item() for array in (depth, w0, wa, wm, q)))
        for row in np.flatnonzero(doubtful | (before < depth)).tolist()
    }
    return _by_stage(found, exact, len(depth))


def _near_half(values: ndarray[Any, Any], scale: Any) -> ndarray[Any, Any]:
    """Return where numpy's last bits may decide to which side a number is rounded; `scale`: of the
    numbers that it was computed from.
    """
    distance = 0.5 - abs(values - values.round())
    near: ndarray[Any, Any] = distance <= DOUBT * (scale + abs(values))
    return near


def _by_stage(
    found: Sequence[tuple[Any, Any]], exact: Mapping[int, list[list[int]]], count: int
) -> list[list[Any]]:
    """Return the stages' widths and depths of rows, given for each power its width and its number
    of blocks; `exact`: the stages of some rows. Raises Differs where their numbers differ.
    """
    import numpy as np

    stages = max([len(found), *(len(widths) for widths, _ in exact.values())])
    table = np.zeros((2, stages, count), np.int64)
    last, current, rows = np.full(count, -1), np.zeros(count, np.int64), np.arange(count)
    for width, blocks in found:
        width = np.where(blocks > 0, width, current)
        last += width != current
        table[0, last, rows] = width
        table[1, last, rows] += blocks
        current = width
    for row, plain in exact.items():
        last[row] = len(plain[0]) - 1
        table[:, : last[row] + 1, row] = plain
    number = int(Column(last).one) + 1
    return [[settled(Column(row)) for row in numbers[:number]] for numbers in table]


def compatible(widths: Any, group: Any, ratio: Any = 1) -> list[list[Any]]:
    """Return the widths of stages and of their groups, fitted to each other.

    `ratio` times a stage's width are the channels of its grouped convolution. They are rounded to
    whole groups, which are never wider than all of them; where the ratio is above one, it is a
    whole number, and the stage's own width stays whole as well.

    Raises ValueError for numbers that are not positive, and for a ratio such as 1.5.
    """
    if type(widths) is not list or not is_whole(group):
        raise TypeError
    if group < 1 or ratio <= 0 or any(width < 1 for width in widths):
        raise ValueError
    if ratio > 1 and math.trunc(ratio) != ratio:
        raise ValueError
    fitted = [_fitted(width, group, ratio) for width in widths]
    return [[width for width, _ in fitted], [group for _, group in fitted]]


def _fitted(width: Any, group: Any, ratio: Any) -> tuple[Any, Any]:
    """Return the width of one stage and that of its groups."""
    inner = most(1, math.trunc(width * ratio))
    group = least(group, inner)
    unit = _multiple(group, math.trunc(ratio)) if ratio > 1 else group
    inner = most(unit, round(inner / unit) * unit)
    return math.trunc(inner / ratio), group


def _multiple(a: Any, b: Any) -> Any:
    """Return the least common multiple of two numbers, in each row."""
    if type(a) is type(b) is int:
        return math.lcm(a, b)
    import numpy as np

    return Column(np.lcm(*(number.rows if type(number) is Column else number for number in (a, b))))
