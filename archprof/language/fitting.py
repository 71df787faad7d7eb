"""Inputs that a network cannot take: what it takes instead."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction

from archprof import units
from archprof.graph.graph import Node
from archprof.language.loader import Network
from archprof.language.pieces import parse_shape
from archprof.ops.base import NoImageError, NoRoomError, Shape, ShapeError
from archprof.ops.reading import Taps


def shape_hint(
    error: ShapeError,
    inputs: Sequence[int],
    shapes: Sequence[Shape],
    network: Network,
    given: Shape,
) -> str:
    """Return the way out for a layer that cannot take `shapes`: the error's own, or that of the
    network's input, `given`.
    """
    if isinstance(error, NoImageError) and tuple(inputs) == (-1,):
        return _image_hint(network, given)
    if isinstance(error, NoRoomError) and shapes[0][-1] < shapes[0][-2]:
        return _channels_hint(network, given) or error.hint
    return error.hint


def _image_hint(network: Network, given: Shape) -> str:
    """Return the way out where the network's own input, `given`, is no channels x height x
    width.
    """
    if len(given) == 4:
        return f"leave the batch out: {units.shape(given[1:])}"
    channels = _usual_channels(network) or 3
    height, width = given if len(given) == 2 else (given[0], given[0])
    return (
        "the network's input is not channels x height x width: write"
        f" {units.shape((channels, height, width))}"
    )


def _channels_hint(network: Network, given: Shape) -> str:
    """Return the way out where the network's own input, `given`, is height x width x channels,
    as TensorFlow has it; "" where it is not.
    """
    if (
        len(given) != 3
        or given[2] >= min(given[:2])
        or given[2] not in (1, 3, _usual_channels(network))
    ):
        return ""
    return f"channels come first: write {units.shape((given[2], *given[:2]))}"


def _usual_channels(network: Network) -> int | None:
    """Return the channels of the spec's own input where another is requested, None where none is
    or the spec has no image.
    """
    stated = network.about("input")
    usual = (
        parse_shape(stated.plain()) if stated is not None and network.input is not None else None
    )
    return usual[0] if usual is not None and len(usual) == 3 else None


def side_hint(
    nodes: Sequence[Node], merged: Sequence[int], given: Shape, fits: Callable[[Shape], bool]
) -> str:
    """Return the sides next to `given` at which branches that differ in height or width meet, ""
    where none was found.

    Windows that do not come out even make the branches differ: the sides must be multiples of the
    largest stride on the way to the merge of the nodes `merged`. `fits` tells whether the network
    can be built at an input.
    """
    shapes = [nodes[i].output if i >= 0 else given for i in merged]
    if (
        len(given) != 3
        or any(len(shape) != 3 for shape in shapes)
        or len({shape[1:] for shape in shapes}) == 1
    ):
        return ""
    stride = _largest_stride(nodes, merged)
    below = tuple(side // stride * stride for side in given[1:])
    above = tuple(-(-side // stride) * stride for side in given[1:])
    found = [
        sides
        for sides in dict.fromkeys((below, above))
        if sides != given[1:] and min(sides) > 0 and fits((given[0], *sides))
    ]
    if not found:
        return ""
    if all(height == width for height, width in found):
        return (
            f"an input side that is a multiple of {stride}:"
            f" {' or '.join(str(height) for height, _ in found)}"
        )
    return (
        f"input sides that are multiples of {stride}:"
        f" {' or '.join(units.shape(sides) for sides in found)}"
    )


def _largest_stride(nodes: Sequence[Node], merged: Sequence[int]) -> int:
    """Return the most input pixels that lie between neighbouring units of any layer on the way
    to `merged`, 1 where that is no whole number.
    """
    pixels: list[Fraction] = []
    for node in nodes[: max(merged) + 1]:
        before = [pixels[i] for i in node.inputs if i >= 0]
        pixels.append(max(before, default=Fraction(1)) * _steps(node))
    wanted = set(merged)
    for i in range(max(merged), -1, -1):
        if i in wanted:
            wanted.update(nodes[i].inputs)
    largest = max(pixels[i] for i in wanted if i >= 0)
    return largest.numerator if largest.denominator == 1 else 1


def _steps(node: Node) -> Fraction:
    """Return how many units of its input lie between neighbouring units of the layer's output,
    along the rows: 2 for a stride of 2, 1/2 upsampled.
    """
    steps = [
        Fraction(entry.step, len(entry.taps))
        for reading in node.facts.reads
        for entry in reading or ()
        if isinstance(entry, Taps) and entry.dim > 0
    ]
    return max(steps, default=Fraction(1))
