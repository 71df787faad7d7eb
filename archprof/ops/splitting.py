"""Tensors taken apart along one dimension: split and chunk."""

from __future__ import annotations

from itertools import accumulate
from typing import Any, ClassVar

from archprof.ops.answers import Function
from archprof.ops.base import Op, Shape, ShapeError
from archprof.ops.reshape import dimension
from archprof.ops.settings import natural, optional, positive, positives, setting
from archprof.ops.slicing import Excerpt

MOST_PARTS = 1024


class Parts(Excerpt):
    """The base of what gives parts, one after the other along `dim`, or one of them."""

    part: int | None = setting(
        optional(natural),
        None,
        about="The one part that is wanted, from 0; nothing: all of them.",
    )

    def _sizes(self, whole: int) -> tuple[int, ...]:
        """Return the size of every part. Raises ShapeError where they do not make the whole."""
        raise NotImplementedError

    def parts(self, shape: Shape) -> tuple[Op, ...]:
        if self.part is not None:
            return ()
        whole = shape[dimension(self.name, self.dim, len(shape))]
        numbers = range(len(self._sizes(whole)))
        return tuple(type(self)(**self.given() | {"part": number}) for number in numbers)

    def _indices(self, shape: Shape) -> range:
        sizes = self._sizes(shape[self.dim])
        if self.part is None or self.part >= len(sizes):
            raise ShapeError(
                f"{self.name} gives {len(sizes)} parts, numbered from 0, found part {self.part}"
            )
        ends = [0, *accumulate(sizes)]
        return range(ends[self.part], ends[self.part + 1])

    def build(self, torch: Any, inputs: tuple[Shape, ...]) -> Any:
        dim, taken = self.dim if self.dim < 0 else self.dim + 1, self._indices(inputs[0])
        return Function(
            torch.nn.slice,
            kwargs={"dim": dim, "start": taken.start, "stop": taken.stop, "step": 1},
        )


class Split(Parts):
    """Parts of given sizes along `dim`, one after the other, torch.split.

    An entry of a spec gives all of them: NAME.0, NAME.1, … Each is a slice, in the model that is
    built as well, so that its gradient is put into zeros of the input's size.
    """

    name: ClassVar[str] = "split"

    sizes: int | tuple[int, ...] = setting(
        positives,
        about=(
            "The size of each part; one number: of all of them, the last being smaller where it"
            " does not divide."
        ),
    )

    def _sizes(self, whole: int) -> tuple[int, ...]:
        if not isinstance(self.sizes, tuple):
            return _equal(self.name, whole, self.sizes)
        if sum(self.sizes) != whole:
            raise ShapeError(
                f"sizes {list(self.sizes)} make {sum(self.sizes)} of the {whole} elements along dim"
                f" {self.dim}"
            )
        return self.sizes


class Chunk(Parts):
    """So many parts of equal size along `dim`, torch.chunk; the last is smaller where it does not
    divide, and there may be fewer.

    An entry of a spec gives all of them: NAME.0, NAME.1, … Each is a slice, as those of `split`.
    """

    name: ClassVar[str] = "chunk"

    chunks: int = setting(positive, about="How many parts.")

    def _sizes(self, whole: int) -> tuple[int, ...]:
        return _equal(self.name, whole, -(-whole // self.chunks))


def _equal(op: str, whole: int, size: int) -> tuple[int, ...]:
    """Return the sizes of parts of one size, the last being smaller. Raises ShapeError."""
    full, rest = divmod(whole, size)
    if full >= MOST_PARTS:
        raise ShapeError(f"{op} would give more than {MOST_PARTS} parts of {whole} elements")
    return (size,) * full + ((rest,) if rest else ())
