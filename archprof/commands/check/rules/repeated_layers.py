"""The same layers written again, one after the other or elsewhere: a block would say them once.

Counted are layers of the same ops with the same settings that take their inputs
alike; only their names differ. Five layers in a row that stand somewhere else
too, or a pattern whose repetition takes four lines more than a `repeat` would.
Where names must be those of a public implementation, suppress it there, and say
so.

PASS:
```yaml
name: once
input: 3x32x32
blocks:
  unit:
    layers: [{op: conv2d, out: 8, kernel: 3, padding: 1}, {op: relu}]
layers: [{block: unit, repeat: 3}]
```

FAIL:
```yaml
name: thrice
input: 3x32x32
layers:
  conv1: {op: conv2d, out: 8, kernel: 3, padding: 1}
  relu1: {op: relu}
  conv2: {op: conv2d, out: 8, kernel: 3, padding: 1}
  relu2: {op: relu}
  conv3: {op: conv2d, out: 8, kernel: 3, padding: 1}
  relu3: {op: relu}
```

FAIL:
```yaml
name: elsewhere
input: 3x32x32
layers:
  one:
  - {op: conv2d, out: 8, kernel: 3, padding: 1, bias: false}
  - {op: batch_norm2d}
  - {op: relu}
  - {op: conv2d, out: 8, kernel: 3, padding: 1, bias: false}
  - {op: batch_norm2d}
  pool: {op: max_pool2d, kernel: 2}
  two:
  - {op: conv2d, out: 8, kernel: 3, padding: 1, bias: false}
  - {op: batch_norm2d}
  - {op: relu}
  - {op: conv2d, out: 8, kernel: 3, padding: 1, bias: false}
  - {op: batch_norm2d}
```
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from archprof.commands.check import document_walk
from archprof.language.document import (
    AnyReference,
    Body,
    ComputedReference,
    Document,
    Layer,
    Template,
)
from archprof.problem import Problem

LONGEST = 16  # layers of a pattern
SPARED = 4  # lines that a `repeat` must spare
ALIKE = 5  # layers in a row that stand elsewhere too


def check(document: Document) -> Iterator[Problem]:
    """Yield repetitions within a body, then sequences that two places have in common.

    No line is in two of them.
    """
    known: dict[Any, int] = {}
    bodies: list[tuple[Body, list[int]]] = []
    for body in document_walk.bodies(document):
        stated = [_stated(layer, i, body) for i, layer in enumerate(body.layers)]
        bodies.append((body, [known.setdefault(one, len(known)) for one in stated]))
    first: dict[tuple[int, ...], tuple[Body, int]] = {}
    for body, kinds in bodies:
        covered = -1
        for start, period, times in _repetitions(kinds):
            if _read_elsewhere(body, start, start + period * times):
                continue
            yield _repeated(body.layers[start], period, times)
            covered = start + period * times - 1
        for start in range(len(kinds) - ALIKE + 1):
            before, at = first.setdefault(tuple(kinds[start : start + ALIKE]), (body, start))
            if start > covered and (before is not body or start >= at + ALIKE):
                length = _alike(kinds, start, next(k for b, k in bodies if b is before), at)
                yield Problem(
                    body.layers[start].mark,
                    "repeated-layers",
                    f"these {length} layers stand in line {before.layers[at].mark.line} already",
                    "a block that both places use",
                )
                covered = start + length - 1


def _repeated(layer: Layer, period: int, times: int) -> Problem:
    """Return the problem of layers that follow themselves so many times."""
    layers = "this layer stands" if period == 1 else f"these {period} layers stand"
    message = f"{layers} {times} times in a row"
    return Problem(layer.mark, "repeated-layers", message, f"a block of them, with repeat: {times}")


def _repetitions(kinds: list[int]) -> Iterator[tuple[int, int, int]]:
    """Yield start, period and number of times of patterns that follow themselves often enough.

    Of several that begin at the same place it is the shortest.
    """
    start = 0
    while start < len(kinds):
        for period in range(1, LONGEST + 1):
            end = start + period
            while end < len(kinds) and kinds[end] == kinds[end - period]:
                end += 1
            times = (end - start) // period
            if period * (times - 1) >= SPARED:
                yield start, period, times
                start += period * times - 1
                break
        start += 1


def _read_elsewhere(body: Body, start: int, end: int) -> bool:
    """Return whether layers behind these, or the body's output, name one of them but the last.

    Behind a repeat only its last turn can be named. A name that is computed may be any of them.
    """
    inner = {layer.key for layer in body.layers[start : end - 1] if layer.key}
    references = list(body.output or ())
    for top in body.layers[end:]:
        for layer in (top, *document_walk.layers(top.body)):
            references += layer.sources or ()
            if layer.share:
                references.append(layer.share)
    return any(
        isinstance(reference, ComputedReference) or reference.parts[0] in inner
        for reference in references
    )


def _alike(kinds: list[int], start: int, others: list[int], at: int) -> int:
    """Return how many layers from two places on are the same, up to the second place."""
    most = start - at if kinds is others else len(others)
    length = 0
    while (
        length < most
        and start + length < len(kinds)
        and at + length < len(others)
        and kinds[start + length] == others[at + length]
    ):
        length += 1
    return length


def _stated(layer: Layer, place: int, body: Body) -> Any:
    """Return all that a layer states but its name.

    Layers beside it that it reads are counted from it.
    """
    beside = range(max(0, place - LONGEST), place + 1)
    places = {body.layers[i].key: place - i for i in beside if body.layers[i].key}
    inner = None
    if layer.body:
        layers = layer.body.layers
        inner = tuple(_stated(other, i, layer.body) for i, other in enumerate(layers))
    reads = (
        layer.sources,
        (layer.share,) if layer.share else None,
        layer.body.output if layer.body else None,
    )
    read = tuple(
        references and [_counted(reference, places) for reference in references]
        for references in reads
    )
    templates = (
        layer.target,
        layer.settings,
        layer.first,
        layer.when,
        layer.repeat,
        layer.shape,
        layer.init,
        layer.frozen,
    )
    flags = (layer.parallel, layer.flat, layer.aux)
    return layer.target_kind, *map(_plain, templates), *flags, inner, repr(read)


def _counted(reference: AnyReference, places: Mapping[str | None, int]) -> tuple[str | int, ...]:
    """Return a reference with the layer that it begins with counted from the one that reads it."""
    if isinstance(reference, ComputedReference):
        return (str(reference),)
    head, *rest = reference.parts
    return places.get(head, head), *rest


def _plain(data: Any) -> str:
    """Return the text of a template or of several by name, so that 1 and true differ."""
    if isinstance(data, dict):
        return repr({key: _plain(item) for key, item in sorted(data.items())})
    return repr(data.plain() if isinstance(data, Template) else data)
