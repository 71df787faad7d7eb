"""What is wrong with a spec's layers before any shape is known.

Names out of order, blocks that contain themselves, and too many layers.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Any, NamedTuple

from archprof.allowance import limits
from archprof.language.document import BUILT_IN, Block, Body, Layer, Reference, Template
from archprof.language.expression import Expression
from archprof.language.functions import ExpressionError
from archprof.limits import raising
from archprof.problem import Mark, Problem, Problems, nearest

_ENOUGH = 10**15  # counting stops here, so that no number grows without end
_DEEPEST = 60  # blocks inside blocks that are counted; building refuses fewer


def check_references(body: Body, inputs: tuple[str, ...], problems: Problems) -> None:
    """Complain of names that do not exist before they are used.

    Dotted parts are resolved when the graph is built.
    """
    _references(body, ({"input", "previous", *inputs},), (), problems)


def _references(
    body: Body, outer: tuple[set[str], ...], beyond: tuple[dict[str, Mark], ...], problems: Problems
) -> None:
    """Check a body; `outer` are the names seen so far, `beyond` those that may follow.

    Both have those of the bodies around this one too; `beyond` has their places.
    """
    # a block brings names of its own
    spliced = any(layer.flat and layer.body is None for layer in body.layers)
    # numbers are known only later
    shifted = any(layer.flat or layer.when or layer.repeat or layer.name for layer in body.layers)
    own: set[str] = set()
    seen = (*outer, own)
    later = (
        {name: layer.mark for i, layer in enumerate(body.layers) for name in _names(layer, i)},
        *beyond,
    )

    def check(reference: Reference, layer: Layer | None = None, number: int = -1) -> None:
        head = reference.parts[0]
        if spliced or any(head in names for names in seen):
            return
        if body.numbered and shifted and head.isdigit():
            return
        if layer is not None and head in _names(layer, number):
            problems.add(reference.mark, "reference", f"layer `{head}` takes its own output")
        elif at := next((marks[head] for marks in later if head in marks), None):
            problems.add(
                reference.mark,
                "reference",
                f"`{reference}` is used before it exists: layer `{head}` stands in line {at.line}",
                "data flows downwards: move that layer up",
            )
        else:
            known = set().union(*seen) if sum(map(len, seen)) < 1000 else own
            problems.add(
                reference.mark,
                "reference",
                f"there is no layer `{head}` here",
                nearest(head, known, "names"),
            )

    for i, layer in enumerate(body.layers):
        for reference in layer.sources or ():
            check(reference, layer, i)
        if layer.share:
            check(layer.share, layer, i)
        if layer.body is not None:
            if not spliced:
                _references(layer.body, seen, later, problems)
            if layer.flat:
                own |= {
                    name for j, inner in enumerate(layer.body.layers) for name in _names(inner, j)
                }
        own |= _names(layer, i)
    for reference in body.output or ():
        check(reference)


def _names(layer: Layer, number: int) -> set[str]:
    """Return what a layer can be called in its body: its key, its fixed name, its number."""
    return {layer.key or layer.plain_name or str(number)}


class Size(NamedTuple):
    """How large a part of a spec is once it is unrolled: layers, and the inputs of all of them."""

    layers: int
    edges: int

    def times(self, count: int) -> Size:
        """Return the size of as many such parts, no more than _ENOUGH."""
        return Size(*(min(_ENOUGH, n * count) for n in self))


class Counting:
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


def excess(body: Body, counting: Counting) -> Problem | None:
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


_NOTHING = Size(0, 0)


def check_blocks(blocks: Mapping[str, Block], body: Body | None, problems: Problems) -> None:
    """Complain of blocks that contain themselves, and of a network that is too large."""
    # the first place of each stays
    uses = {name: dict(reversed([*_uses(block.body)])) for name, block in blocks.items()}
    order = _inner_first(uses, problems)
    if problems or body is None:
        return
    counting = Counting(blocks)
    for name in order:
        counting.block(name)  # the inner ones first: a chain of thousands would be too deep
    found = excess(body, counting)
    if found:
        problems.add(found.mark, found.rule, found.message, found.hint)


def _uses(body: Body) -> Iterator[tuple[str, Mark]]:
    """Yield the blocks that a body names as constants, with the place."""
    for layer in body.layers:
        if layer.body is not None:
            yield from _uses(layer.body)
        elif (name := _block_of(layer)) is not None and layer.target:
            yield name, layer.target.mark


def _block_of(layer: Layer) -> str | None:
    """Return the block that a layer names as a constant, None for any other layer."""
    target = layer.target
    if layer.target_kind != "block" or target is None or not target.constant:
        return None
    return target.data if isinstance(target.data, str) else None


def _inner_first(uses: Mapping[str, Mapping[str, Mark]], problems: Problems) -> list[str]:
    """Return the blocks, those that others use before the others; complain of cycles."""
    order: list[str] = []
    done: set[str] = set()
    for start in uses:
        path = [start] if start not in done else []
        open_ = {start: iter(uses[start])}
        while path:
            name = next((u for u in open_[path[-1]] if u in uses and u not in done), None)
            if name is None:
                done.add(path[-1])
                del open_[path[-1]]
                order.append(path.pop())
            elif name in open_:
                cycle = [*path[path.index(name) :], name]
                shown = " -> ".join(cycle if len(cycle) <= 12 else [*cycle[:11], "…", name])
                problems.add(
                    uses[path[-1]][name],
                    "cycle",
                    f"block `{name}` contains itself: {shown}",
                    "a block may use only blocks that do not use it",
                )
            else:
                path.append(name)
                open_[name] = iter(uses[name])
    return order
