"""How large a network is, counted in its spec before any of it is built."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from typing import Any, NamedTuple

from archprof.allowance import limits
from archprof.language.document import BUILT_IN, Block, Body, Layer, Template
from archprof.language.expression import Expression
from archprof.language.functions import ExpressionError
from archprof.limits import raising
from archprof.problem import Problem

_ENOUGH = 10**15  # counting stops here, so that no number grows without end
_DEEPEST = 60  # blocks inside blocks that are counted; building refuses fewer


class Size(NamedTuple):
    """How large a part of a spec is once it is unrolled: layers, and the inputs of all of them."""

    layers: int
    edges: int

    def times(self, count: int) -> Size:
        """Return the size of as many such parts, no more than _ENOUGH."""
        return Size(*(min(_ENOUGH, n * count) for n in self))


_NOTHING = Size(0, 0)


class SizeCounter:
    """Counts the least that bodies have, without unrolling them.

    Repeats are multiplied out, and what is not known counts as nothing.
    """

    def __init__(self, blocks: Mapping[str, Block], scope: Mapping[str, Any] | None = None):
        """Count with the values of `scope`, which are those of the file.

        Without it only what is written as a number is known.
        """
        self.blocks, self.scope = blocks, scope or {}
        self.known: dict[str, Size] = {}
        self.depth = 0

    def body(self, body: Body) -> Size:
        """Return the least of all layers together."""
        sizes = [self.layer(layer) for layer in body.layers]
        if not sizes:
            return _NOTHING
        return Size(*(min(_ENOUGH, sum(numbers)) for numbers in zip(*sizes, strict=True)))

    def layer(self, layer: Layer) -> Size:
        """Return the least of one entry of a body."""
        times = 1 if layer.repeat is None else self.value(layer.repeat)
        if type(times) is not int or times < 1:
            return _NOTHING
        if layer.when is not None and self.value(layer.when) is not True:
            return _NOTHING
        if layer.target_kind == "op":
            # all turns but the first read the one before
            return Size(times, len(layer.sources or ()))
        if layer.body is not None:
            return self.body(layer.body).times(times)
        if layer.target_kind != "block" or not layer.target:
            return _NOTHING
        return self.block(self.value(layer.target)).times(times)

    def block(self, name: Any) -> Size:
        """Return the least of one use of a block of this file, whatever its arguments."""
        if not isinstance(name, str) or name not in self.blocks:
            return _NOTHING
        if name not in self.known:
            if self.depth == _DEEPEST:
                return _NOTHING
            # of a block inside itself, which is complained of elsewhere
            self.known[name] = _NOTHING
            self.depth += 1
            self.known[name] = self.body(self.blocks[name].body)
            self.depth -= 1
        return self.known[name]

    def value(self, template: Template) -> Any:
        """Return what a template gives, None where that depends on the place.

        A name of the file means the same everywhere in it.
        """
        if template.constant:
            return template.data
        if not isinstance(template.data, Expression) or any(
            name in BUILT_IN for name in template.data.names
        ):
            return None
        with suppress(ExpressionError):
            return template.evaluate(self.scope)
        return None


def excess(body: Body, counting: SizeCounter) -> Problem | None:
    """Return the problem of a network that is larger than the open allowance allows.

    It is found before any of it is built; None where the network is small enough.
    """
    most = limits()
    total = counting.body(body)
    for name, unit in (("layers", "layers"), ("edges", "inputs of layers")):
        found, allowed = getattr(total, name), getattr(most, name)
        if found > allowed:
            largest = max(body.layers, key=lambda layer: getattr(counting.layer(layer), name))
            hint = "lower a `repeat`; most of them stand here"
            shown = f"more {unit} than can be counted"
            if found < _ENOUGH:
                shown = f"{found:,} {unit}"
                hint += f"; {raising(name, found)}"
            message = f"the network has {shown}, at most {allowed:,}"
            return Problem(largest.mark, "limit", message, hint)
    return None
