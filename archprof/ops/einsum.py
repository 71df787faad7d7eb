"""torch.einsum of one tensor or of two."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from archprof import units
from archprof.autograd.einsum import (
    Equation,
    as_matrices,
    einsum,
    equation,
    grouping,
    output_layout,
    sizes,
)
from archprof.autograd.layout import Layout, elementwise, permuted
from archprof.autograd.run import Run
from archprof.autograd.tensor import FakeTensor
from archprof.ops.answers import Cost, Function, Saved, Working, product
from archprof.ops.base import Op, Shape, ShapeError
from archprof.ops.family import Family
from archprof.ops.reading import New, Reading, Same
from archprof.ops.settings import Kind, setting

_EQUATION = re.compile(r"[A-Za-z]+(,[A-Za-z]+)?->[A-Za-z]*\Z")


def _plain_equation(value: Any) -> str:
    """Return an equation without white space. Raises ValueError where it is none."""
    text = value.replace(" ", "") if isinstance(value, str) else ""
    if len(text) > 60 or not _EQUATION.match(text):
        raise ValueError
    terms, right = equation(text)
    if any(len(set(term)) < len(term) for term in (*terms, right)):
        raise ValueError
    if not set(right) <= set("".join(terms)):
        raise ValueError
    return text


EQUATION = Kind(
    "one term or two, an arrow and the output, each of different letters, without the batch and"
    " `...`, such as hij,hjd->hid",
    _plain_equation,
    {"type": "string", "pattern": r"^ *[A-Za-z ]+(,[A-Za-z ]+)?->[A-Za-z ]*$"},
)


class Einsum(Op):
    """The sum of products of an equation, torch.einsum, the batch left out: `hij,hjd->hid`
    multiplies head by head. Of one term it is another order, or a sum.

    https://docs.pytorch.org/docs/stable/generated/torch.einsum.html
    """

    name: ClassVar[str] = "einsum"
    family: ClassVar[Family] = "product"

    equation: str = setting(
        EQUATION,
        about=(
            "A letter for each dimension of each input, an arrow, and those of the output: letters"
            " that it lacks are summed. The batch has none."
        ),
    )

    arity: ClassVar[tuple[int, int | None]] = (1, 2)
    is_module: ClassVar[bool] = False

    def _plain(self) -> Equation:
        return equation(self.equation)

    def _batched(self) -> Equation:
        """Return the equation with a letter for the batch in front."""
        free = next(
            c
            for c in "bnzyxwvutsrqpomlkjihgfedcaABCDEFGHIJKLMNOPQRSTUVWXYZ"
            if c not in self.equation
        )
        plain = self._plain()
        return Equation(tuple(free + term for term in plain.terms), free + plain.right)

    def _lengths(self, inputs: tuple[Shape, ...]) -> dict[str, int]:
        """Return the size of each letter. Raises ShapeError."""
        terms = self._plain().terms
        if len(terms) != len(inputs):
            wanted = "1 input" if len(terms) == 1 else "2 inputs"
            raise ShapeError(f"{self.equation} takes {wanted}, found {len(inputs)}")
        found: dict[str, int] = {}
        for term, shape in zip(terms, inputs, strict=True):
            if len(term) != len(shape):
                raise ShapeError(
                    f"{term} names {len(term)} dimensions, {units.shape(shape)} has {len(shape)}",
                    "the batch is not counted",
                )
            for letter, n in zip(term, shape, strict=True):
                if found.setdefault(letter, n) != n:
                    raise ShapeError(f"{letter} is {found[letter]} and {n} in {self.equation}")
        return found

    def output_shape(self, *inputs: Shape) -> Shape:
        lengths, (terms, right) = self._lengths(inputs), self._plain()
        for letter in self._plain().summed if len(terms) == 2 else "":
            if letter not in terms[0] or letter not in terms[1]:
                raise ShapeError(
                    f"{self.equation} sums {letter} of one input alone",
                    f"a `sum` sums {letter} first",
                )
        return tuple(lengths[letter] for letter in right)

    def cost(self, inputs: tuple[Shape, ...], output: Shape) -> Cost:
        lengths, summed = self._lengths(inputs), self._plain().summed
        every, sums = math.prod(lengths.values()), bool(summed)
        counted = math.floor(self.numpy_flops(inputs) / 2)
        if len(inputs) == 1:
            return Cost(0, every if sums else 0, fvcore=counted)
        # torch multiplies element by element where all that it sums is of one element
        if all(lengths[letter] == 1 for letter in summed):
            return Cost(0, every, fvcore=counted)
        exact = _normalised(self._batched()) in ("abc,abd->acd", "abc,adc->adb")
        return Cost(every, 2 * every, fvcore=every if exact else counted)

    def numpy_flops(self, inputs: tuple[Shape, ...]) -> float:
        """Return the FLOPs that numpy.einsum_path prints, in four digits."""
        elements, sums = math.prod(self._lengths(inputs).values()), bool(self._plain().summed)
        return float(f"{elements * (max(1, len(inputs) - 1) + sums) + 1:.3e}")

    def reads(self, inputs: tuple[Shape, ...], output: Shape) -> tuple[Reading | None, ...]:
        terms, right = self._plain()
        return tuple(
            tuple(Same(term.index(letter)) if letter in term else New() for letter in right)
            for term in terms
        )

    def saved(self, inputs: tuple[Shape, ...], output: Shape) -> tuple[Saved, ...]:
        if len(inputs) == 1:
            return ()
        return Saved("input", 0, wanted_by=(1,)), Saved("input", 1, wanted_by=(0,))

    def copied(self, item: Saved, inputs: tuple[Layout, ...]) -> int:
        return self._copies(inputs)[item.number]

    def _copies(self, inputs: tuple[Layout, ...]) -> tuple[int, ...]:
        """Return the elements of the copies of both factors, 0 where one is seen as it lies."""
        given = self._batched()
        if len(inputs) == 1 or not self._sums(inputs):
            return 0, 0
        groups = grouping(given, *map(sizes, given.terms, (each.shape for each in inputs)))
        return tuple(
            0 if as_matrices(term, dims, layout) else math.prod(layout.shape)
            for term, dims, layout in zip(given.terms, groups.factors(), inputs, strict=True)
        )

    def _sums(self, inputs: tuple[Layout, ...]) -> bool:
        """Return whether a letter of more than one element is summed."""
        given = self._batched()
        groups = grouping(given, *map(sizes, given.terms, (each.shape for each in inputs)))
        return bool(groups.summed)

    def inside(self, inputs: tuple[Layout, ...], shape: Shape, itemsize: int) -> int:
        return sum(self._copies(inputs)) * itemsize

    def storage(self, training: bool) -> Any:
        plain = self._plain()
        return "view" if len(plain.terms) == 1 and not plain.summed else "new"

    def layout(self, inputs: tuple[Layout, ...], shape: Shape, training: bool) -> Layout | None:
        given = self._batched()
        if len(inputs) == 1:
            (term,) = given.terms
            if given.summed:
                return None
            return permuted(inputs[0], tuple(term.index(letter) for letter in given.right))
        if self._sums(inputs):
            return output_layout(given, inputs)
        opened = [
            _opened(term, given.right, each) for term, each in zip(given.terms, inputs, strict=True)
        ]
        return elementwise(*opened)

    def working(self, inputs: tuple[Shape, ...], output: Shape) -> dict[str, Working]:
        cost = self.cost(inputs, output)
        lengths = tuple(self._lengths(inputs).values())
        times = 2 if cost.macs else 1
        return {
            "params": Working("0"),
            "macs": Working(product(lengths) if cost.macs else "0"),
            "flops": Working(f"{times}*{product(lengths)}" if cost.flops else "0"),
        }

    def kernels(
        self,
        run: Run,
        inputs: Sequence[FakeTensor],
        weights: Mapping[str, FakeTensor],
        shape: Shape,
    ) -> FakeTensor:
        return einsum(run, self._batched(), inputs)

    def build(self, torch: Any, inputs: tuple[Shape, ...]) -> Any:
        terms, right = self._batched()
        return Function(torch.nn.einsum, kwargs={"equation": f"{','.join(terms)}->{right}"})


def _opened(term: str, right: str, layout: Layout) -> Layout:
    """Return a factor with the dimensions of the output, those that it lacks being 1."""
    lengths = sizes(term, layout.shape)
    strides = sizes(term, layout.strides)
    return Layout(
        tuple(lengths.get(letter, 1) for letter in right),
        tuple(strides.get(letter, 0) for letter in right),
    )


def _normalised(given: Equation) -> str:
    """Return the equation with its letters renamed in the order in which they come."""
    text = f"{','.join(given.terms)}->{given.right}"
    letters = list(dict.fromkeys(c for c in text if c.isalpha()))
    return "".join(chr(97 + letters.index(c)) if c.isalpha() else c for c in text)
