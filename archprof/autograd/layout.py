"""How torch lays a tensor out in memory on the CPU: strides, and which tensors are views of which.

Here the batch comes first.
"""

from __future__ import annotations

from typing import NamedTuple

Strides = tuple[int, ...]


class Layout(NamedTuple):
    """A tensor's shape, batch included, and how many elements lie between neighbours along each
    dimension.

    `trains`: whether autograd wants a gradient of it, by which torch picks some algorithms.
    """

    shape: tuple[int, ...]
    strides: Strides
    trains: bool = False

    @property
    def contiguous(self) -> bool:
        """Whether the elements lie in the order of their indices, without gaps."""
        expected = 1
        for n, stride in zip(reversed(self.shape), reversed(self.strides), strict=True):
            if n != 1:
                if stride != expected:
                    return False
                expected *= n
        return True

    @property
    def channels_last(self) -> bool:
        """Whether torch takes an N×C×H×W or N×C×D×H×W tensor for one in channels-last memory:
        c10's is_channels_last_strides_2d and is_channels_last_strides_3d.
        """
        if len(self.shape) not in (4, 5) or self.strides[1] == 0:
            return False
        least = 0
        for d in _channels_innermost(len(self.shape)):
            if self.strides[d] < least or (d == 0 and least == self.strides[1]):
                return False
            least = self.strides[d] * max(self.shape[d], 1)
        return True


def contiguous(shape: tuple[int, ...]) -> Layout:
    """Return the layout of a new tensor, in the order of its indices."""
    return Layout(shape, _strides(shape, range(len(shape) - 1, -1, -1)))


def like(shape: tuple[int, ...], source: Layout) -> Layout:
    """Return channels-last memory where the source has it, else contiguous: what convolutions and
    pooling give.
    """
    if not source.channels_last:
        return contiguous(shape)
    return Layout(shape, _strides(shape, _channels_innermost(len(shape))))


def _channels_innermost(rank: int) -> tuple[int, ...]:
    """Return the dimensions of channels-last memory, the innermost first."""
    return (1, *range(rank - 1, 1, -1), 0)


def as_row(source: Layout) -> Layout:
    """Return N×C×L as an image of one row, N×C×1×L: `unsqueeze`."""
    (samples, channels, length), (first, second, step) = source.shape, source.strides
    return Layout((samples, channels, 1, length), (first, second, length * step, step))


def of_row(source: Layout) -> Layout:
    """Return N×C×1×L without its row, N×C×L: `squeeze`."""
    shape, strides = source.shape, source.strides
    return Layout((*shape[:2], shape[3]), (*strides[:2], strides[3]))


def like_row(shape: tuple[int, ...], source: Layout) -> Layout:
    """Return what torch gives for N×C×L where it computes it as an image of one row: poolings."""
    samples, channels, length = shape
    return of_row(like((samples, channels, 1, length), as_row(source)))


def permuted(source: Layout, order: tuple[int, ...]) -> Layout:
    """Return a view with the dimensions in another order, the batch's 0 included."""
    return Layout(tuple(source.shape[d] for d in order), tuple(source.strides[d] for d in order))


def elementwise(*operands: Layout) -> Layout:
    """Return what an elementwise op gives: dense, in the order of the operands' strides; torch's
    TensorIterator::reorder_dimensions.
    """
    rank = max(len(o.shape) for o in operands)
    shape = tuple(
        max(o.shape[d - rank + len(o.shape)] for o in operands if d >= rank - len(o.shape))
        for d in range(rank)
    )
    strides = [
        [
            (
                0
                if d < rank - len(o.shape) or (o.shape[d - rank + len(o.shape)] == 1 != shape[d])
                else o.strides[d - rank + len(o.shape)]
            )
            for d in range(rank)
        ]
        for o in operands
    ]
    order = list(range(rank - 1, -1, -1))  # innermost first
    for i in range(1, rank):
        place = i
        for j in range(i - 1, -1, -1):
            comparison = _compare(order[j], order[place], strides, shape)
            if comparison < 0:
                break
            if comparison > 0:
                order[j], order[place] = order[place], order[j]
                place = j
    return Layout(shape, _strides(shape, order))


def _compare(inner: int, outer: int, strides: list[list[int]], shape: tuple[int, ...]) -> int:
    for operand in strides:
        if operand[inner] == 0 or operand[outer] == 0:
            continue
        if operand[inner] != operand[outer]:
            return 1 if operand[inner] > operand[outer] else -1
        if shape[inner] > shape[outer]:
            return 1
    return 0


def _strides(
    shape: tuple[int, ...], innermost_first: range | tuple[int, ...] | list[int]
) -> Strides:
    result, step = [0] * len(shape), 1
    for d in innermost_first:
        result[d] = step
        step *= max(shape[d], 1)
    return tuple(result)


def viewed(source: Layout, shape: tuple[int, ...]) -> Layout | None:
    """Return the same memory under another shape, None where only a copy can have it: torch's
    computeStride.
    """
    if not source.shape:
        return Layout(shape, (1,) * len(shape))
    result = [0] * len(shape)
    place, chunk_stride, wanted, whole = (
        len(shape) - 1,
        source.strides[-1] if source.strides else 1,
        1,
        1,
    )
    for d in range(len(source.shape) - 1, -1, -1):
        whole *= source.shape[d]
        if d and (source.shape[d - 1] == 1 or source.strides[d - 1] == whole * chunk_stride):
            continue  # runs on into the next dimension
        while place >= 0 and (wanted < whole or shape[place] == 1):
            result[place] = wanted * chunk_stride
            wanted *= shape[place]
            place -= 1
        if wanted != whole:
            return None
        if d:
            chunk_stride, wanted, whole = source.strides[d - 1], 1, 1
    return Layout(shape, tuple(result)) if place < 0 else None
