"""Receptive fields by gradients: the pixels that one unit's gradient reaches, in a
real run in float64.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import torch
from torch import Tensor, fx

from archprof.analysis.field import Field
from archprof.analysis.receptive import Sight, largest, sights
from archprof.commands.verify.gradient_targets import (
    Span,
    bounds_within,
    central,
    dimension,
    runs,
    sees,
    targets,
)
from archprof.commands.verify.skeleton import ROUNDING, Skeleton
from archprof.commands.verify.skeleton_functions import CONSTANT
from archprof.commands.verify.verification import Check, fields
from archprof.graph.graph import Graph
from archprof.graph.order import reachable
from archprof.model.compile import build
from archprof.units import pair

WITNESS = "gradient"

Found = dict[int, dict[int, tuple[Span, tuple[int, ...]]]]
"""By layer and axis the first and last pixel of a unit's field: ours, and those that the gradient
reaches, none where it reaches none.
"""


def receptive_fields(graph: Graph) -> tuple[list[Check], list[str]]:
    """Return first and last pixel of a central unit's field, per axis, at the layers of `targets`;
    in total the largest field's size.

    The input is as long as the fields need, so that none is cut off.
    """
    seen = sights(graph)
    elastic, rigid = targets(graph, seen)
    if not elastic and not rigid:
        return [], ["receptive field: no layer has a local one"]
    module = build(graph, device="meta")
    found: Found = {i: {} for i in sorted(elastic + rigid)}
    for picked, size in runs(graph, seen, elastic, rigid):
        for i, axis, ours, theirs in _spans(module, graph, seen, picked, size):
            found[i][axis] = ours, theirs
    why = "its field is cut off or a layer before it has no positive stand-in"
    return compared(graph, seen, found, why)


def compared(
    graph: Graph, seen: Sequence[Sight], found: Found, why: str
) -> tuple[list[Check], list[str]]:
    """Return the checks of fields that were found by gradients, and what was not.

    `why`: a layer of which one axis is missing has no gradient.
    """
    quantities = fields(graph)
    axes = range(len(quantities))
    checks = [
        Check(WITNESS, quantities[axis], graph.nodes[i].path, *found[i][axis])
        for i in found
        for axis in sorted(found[i])
    ]
    notes = [
        f"receptive field: no gradient for {graph.nodes[i].path}, {why}"
        for i in found
        if len(found[i]) < len(axes)
    ]
    printed = largest(seen, graph.main)
    # the unit looked at is the widest of the middle period
    widest = [
        i
        for i in found
        if len(found[i]) == len(axes)
        and tuple(_width(found[i][axis][0]) for axis in axes) == printed
    ]
    if printed and widest:
        checks.append(
            Check(
                WITNESS,
                "receptive_field",
                "",
                printed,
                tuple(_width(found[widest[-1]][axis][1]) for axis in axes),
            )
        )
    elif printed:
        notes.append(
            f"receptive field: no gradient for the largest, {pair(*printed)}: no unit that sees so"
            " much lies clear of the edges"
        )
    return checks, notes


def _width(span: tuple[int, ...]) -> int:
    return span[-1] - span[0] + 1 if span else 0


def _spans(
    module: fx.GraphModule,
    graph: Graph,
    seen: Sequence[Sight],
    picked: list[int],
    size: tuple[int, ...],
) -> Iterator[tuple[int, int, Span, tuple[int, ...]]]:
    """Yield the pixels of a central unit's field by the analysis and by the gradient, for each
    picked layer and each axis where the field lies inside this input.
    """
    image = torch.zeros(1, 1, *size, dtype=torch.float64, requires_grad=True)
    skeleton = Skeleton(module, graph.nodes, reachable(graph.nodes, picked))
    # of further inputs nothing is followed back
    skeleton.run(image, *[CONSTANT] * (len(graph.inputs) - 1))
    bounds = [bounds_within(graph, seen, picked, axis, size[axis]) for axis in range(len(size))]
    for i in picked:
        if i not in skeleton.outputs:
            continue
        yield from spans_of(skeleton.outputs[i], image, i, seen[i], bounds, 1, ROUNDING)


def spans_of(
    output: Tensor,
    image: Tensor,
    i: int,
    sight: Sight,
    bounds: Sequence[Span],
    first: int,
    rounding: float,
) -> Iterator[tuple[int, int, Span, tuple[int, ...]]]:
    """Yield layer `i`, an axis, and the pixels of a central unit's field along it by the analysis
    and by the gradient, for each axis where the field lies within the bounds.

    `first`: the output's dimension that is the layer's first. What is not above `rounding` is not
    a gradient.
    """
    place: list[int | slice] = [slice(None)] * output.ndim
    expected: list[Span] = []
    for axis, field in enumerate(sight.axes):
        dim = dimension(sight, axis)
        if dim is not None and isinstance(field, Field):
            count = output.shape[dim + first]
            place[dim + first] = unit = central(field, count)
            reach = sees(field, unit, count)
            expected += [reach] if reach else []
    if len(expected) < len(sight.axes):
        return  # a unit that sees nothing
    seed = torch.zeros_like(output)
    seed[tuple(place)] = 1
    (gradient,) = torch.autograd.grad(output, image, seed, retain_graph=True)
    for axis, reach in enumerate(expected):
        if bounds[axis][0] <= reach[0] and reach[1] <= bounds[axis][1]:
            own = gradient.ndim - len(expected) + axis
            others = tuple(d for d in range(gradient.ndim) if d != own)
            reached = (gradient.sum(others) > rounding).nonzero().flatten()
            yield i, axis, reach, (int(reached[0]), int(reached[-1])) if len(reached) else ()
