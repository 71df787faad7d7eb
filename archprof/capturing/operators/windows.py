"""What the outputs of convolutions, poolings and matrix products read, by their arguments."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from archprof.capturing.operands import ITERATED, Operand, Operands
from archprof.ops.reading import New, Reading, Same, Taps
from archprof.ops.sliding import taps

Readings = tuple[Reading | None, ...]


def _each(given: Any, count: int, default: int) -> list[int]:
    """Return one number for each of so many dimensions: a kernel, a stride."""
    numbers = list(given) if isinstance(given, ITERATED) else [given]
    numbers = [default if n is None else int(n) for n in numbers] or [default]
    return numbers if len(numbers) == count else numbers[:1] * count


def _slid(operands: Operands, kernel: Sequence[int], channels: New | Same) -> Reading | None:
    """Return the reading of a window over the last dimensions, the channels before them."""
    source = operands.first()
    count = len(kernel)
    places = [source.dim(i - count) for i in range(count)]
    if len(source.shape) != count + 1 or None in places:
        return None
    stride = _each(operands.get("stride") or (kernel if channels == Same(0) else 1), count, 1)
    dilation = _each(operands.get("dilation", 1), count, 1)
    padding = _paddings(operands.get("padding", 0), kernel, dilation)
    entries: list[New | Same | Taps] = [channels]
    for i in range(count):
        entries.append(taps(i + 1, kernel[i], stride[i], padding[i], dilation[i]))
    return tuple(entries)


def _paddings(given: Any, kernel: Sequence[int], dilation: Sequence[int]) -> list[int]:
    """Return the padding before the first element of each dimension: of "same" the smaller half."""
    if given == "same":
        return [d * (k - 1) // 2 for k, d in zip(kernel, dilation, strict=True)]
    return _each(0 if given == "valid" else given, len(kernel), 0)


def read_convolution(operands: Operands) -> Readings:
    """Return that a convolution's outputs read a window of all channels, and all of a weight that
    was computed.
    """
    if operands.get("transposed", False):
        return (None,) * len(operands.placed)
    weight = operands.tensor("weight")
    window = _slid(operands, weight.full[2:], New())
    rank = len(operands.output.shape)
    image = operands.placed.get(operands.tensor("input").number)
    return tuple(
        window if place == image else tuple(New() for _ in range(rank))
        for place in range(len(operands.placed))
    )


def read_pooling(operands: Operands) -> Readings:
    """Return that a pooling's outputs read a window of their own channel."""
    count = int(operands.operation.operator.split(".")[1].rstrip("_")[-2])
    kernel = _each(operands.get("kernel_size"), count, 1)
    return (_slid(operands, kernel, Same(0)),)


def read_product(first: str, second: str) -> Callable[[Operands], Readings]:
    """Return the reading of a matrix product: a row of the first factor, a column of the second."""

    def reads(operands: Operands) -> Readings:
        found: dict[int, Reading | None] = {}
        for name, summed in ((first, -1), (second, -2)):
            factor = operands.tensor(name)
            place = operands.placed.get(factor.number)
            if place is not None:
                found[place] = _factor(factor, operands.output, summed)
        return tuple(found.get(place) for place in range(len(operands.placed)))

    return reads


def _factor(factor: Operand, output: Operand, summed: int) -> Reading | None:
    shape, wanted = factor.shape, output.shape
    offset = len(wanted) - len(shape)
    if offset < 0 or len(shape) < 2:
        return None
    entries: list[New | Same] = []
    for i, size in enumerate(wanted):
        place = i - offset
        if place < 0 or place == len(shape) + summed or shape[place] != size:
            entries.append(New())
        else:
            entries.append(Same(place))
    return tuple(entries)
