"""The records that an op answers with: weights, cost, what autograd keeps, a torch function, and
how a number is worked out.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Container, Mapping, Sequence
from typing import Any, Literal, NamedTuple

from archprof.record import NOTHING, Record


class Weight(NamedTuple):
    """One parameter (trainable) or buffer of an op, under its torch name; integer buffers keep
    their own width.
    """

    shape: tuple[int, ...]
    trainable: bool = True
    itemsize: int | None = None  # bytes per element where it does not follow the network's dtype
    persistent: bool = True  # whether the state dict has it

    @property
    def elements(self) -> int:
        return math.prod(self.shape)


class Cost(NamedTuple):
    """Arithmetic for one sample. Totals scale with the batch.

    `macs`: multiply-accumulates of convolutions, linear layers and matrix products, no bias.
    `flops`: all arithmetic, by the table in `rates.py`. `fvcore`: what fvcore counts (default: the
    MACs).  `lecture`: what a lecture adds to the MACs (k² per pooled output).
    """

    macs: int
    flops: int
    fvcore: int | None = None
    lecture: int = 0


FREE = Cost(0, 0)


class Saved(NamedTuple):
    """A tensor kept for the backward pass: an input (its number), the output, or one of its own.

    `elements` per sample (or in total where `per_sample` is false) of `itemsize` bytes; None: the
    network's dtype, but `at_least` so many bytes (norms keep their statistics in float32): an input
    of a narrower dtype is kept as a copy.
    `wanted_by`: kept only where one of these inputs needs a gradient, or one of the weights in
    `for_weights`; both empty: wherever the op trains. `algorithm`: kept only where `Op.algorithm`
    is this one. `samples_of`: it has as many samples as these inputs, not as the output.
    """

    what: Literal["input", "output", "own"]
    number: int = 0
    elements: int = 0
    itemsize: int | None = None
    per_sample: bool = True
    at_least: int = 1
    wanted_by: tuple[int, ...] = ()
    algorithm: str = ""
    for_weights: tuple[str, ...] = ()
    samples_of: tuple[int, ...] = ()

    def wanted(self, inputs: Sequence[bool], weights: Container[str]) -> bool:
        """Return whether a gradient needs it: `inputs` says of each whether it wants one, `weights`
        are those that do.
        """
        if not self.wanted_by and not self.for_weights:
            return True
        if any(inputs[number] for number in self.wanted_by if number < len(inputs)):
            return True
        return any(name in weights for name in self.for_weights)

    def own_bytes(self, samples: int, itemsize: int) -> int:
        """Return the bytes of a tensor of its own for a batch of so many samples, at a dtype of so
        many bytes.
        """
        elements = self.elements * samples if self.per_sample else self.elements
        return elements * max(self.itemsize or itemsize, self.at_least)


class Function(Record):
    """How torch computes an op that is not a module: target(*inputs, *weights, *args, **kwargs);
    `listed` passes the inputs as one list.

    `buffers` makes the values of those weights that are not trained, by name; the trained ones
    start from `start`.
    """

    target: Callable[..., Any]
    args: tuple[Any, ...] = ()
    kwargs: dict[str, Any] = {}  # noqa: RUF012 - never mutated
    listed: bool = False
    buffers: dict[str, Callable[[], Any]] = {}  # noqa: RUF012 - never mutated
    start: float = 0.0


class Working(Record):
    """A formula over named numbers: `floor((H + 2P - K)/S) + 1` with H=227, P=0, K=11, S=4.

    The text is the project's own expression language with `$` left out, so that tests evaluate it.
    """

    formula: str
    values: Mapping[str, int] = NOTHING

    def substituted(self) -> str:
        """Return the formula with its numbers put in."""
        return re.sub(r"[A-Za-z]\w*", lambda m: str(self.values.get(m[0], m[0])), self.formula)


def product(shape: tuple[int, ...]) -> str:
    """Return a product for a working: 64*55*55; 1 of a scalar."""
    return "*".join(map(str, shape)) if shape else "1"
