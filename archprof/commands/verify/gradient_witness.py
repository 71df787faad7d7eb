"""Receptive fields by gradients: the pixels that one unit's gradient reaches, in a
real run in float64.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import torch
from torch import fx

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
from archprof.commands.verify.verification import Check
from archprof.graph.graph import Graph
from archprof.graph.order import reachable
from archprof.model.compile import build
from archprof.units import pair

WITNESS = "gradient"
QUANTITIES = ("field height", "field width")


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
    found: dict[int, dict[int, tuple[Span, tuple[int, ...]]]] = {
        i: {} for i in sorted(elastic + rigid)
    }
    for picked, size in runs(graph, seen, elastic, rigid):
        for i, axis, ours, theirs in _spans(module, graph, seen, picked, size):
            found[i][axis] = ours, theirs
    checks = [
        Check(WITNESS, QUANTITIES[axis], graph.nodes[i].path, *found[i][axis])
        for i in found
        for axis in sorted(found[i])
    ]
    notes = [
        f"receptive field: no gradient for {graph.nodes[i].path}, its field is cut off or a layer"
        " before it has no positive stand-in"
        for i in found
        if len(found[i]) < 2
    ]
    printed = largest(seen, graph.main)
    # the unit looked at is the widest of the middle period
    widest = [
        i
        for i in found
        if len(found[i]) == 2 and tuple(_width(found[i][axis][0]) for axis in (0, 1)) == printed
    ]
    if printed and widest:
        checks.append(
            Check(
                WITNESS,
                "receptive_field",
                "",
                printed,
                tuple(_width(found[widest[-1]][axis][1]) for axis in (0, 1)),
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
    size: tuple[int, int],
) -> Iterator[tuple[int, int, Span, tuple[int, ...]]]:
    """Yield the pixels of a central unit's field by the analysis and by the gradient, for each
    picked layer and each axis where the field lies inside this input.
    """
    image = torch.zeros(1, 1, *size, dtype=torch.float64, requires_grad=True)
    skeleton = Skeleton(module, graph.nodes, reachable(graph.nodes, picked))
    skeleton.run(image)
    bounds = [bounds_within(graph, seen, picked, axis, size[axis]) for axis in (0, 1)]
    for i in picked:
        if i not in skeleton.outputs:
            continue
        output = skeleton.outputs[i]
        place: list[int | slice] = [slice(None)] * output.ndim
        expected: list[Span] = []
        for axis, field in enumerate(seen[i].axes):
            dim = dimension(seen[i], axis)
            if dim is not None and isinstance(field, Field):
                place[dim + 1] = unit = central(field, output.shape[dim + 1])
                reach = sees(field, unit, output.shape[dim + 1])
                expected += [reach] if reach else []
        if len(expected) < 2:
            continue  # a unit that sees nothing
        seed = torch.zeros_like(output)
        seed[tuple(place)] = 1
        (gradient,) = torch.autograd.grad(output, image, seed, retain_graph=True)
        for axis, reach in enumerate(expected):
            if bounds[axis][0] <= reach[0] and reach[1] <= bounds[axis][1]:
                reached = (gradient[0, 0].sum(1 - axis) > ROUNDING).nonzero().flatten()
                yield i, axis, reach, (int(reached[0]), int(reached[-1])) if len(reached) else ()
