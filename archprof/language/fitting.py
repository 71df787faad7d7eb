"""Inputs that a network cannot take: what it takes instead."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction

from archprof import units
from archprof.graph.graph import Node
from archprof.language.network import Network
from archprof.ops.base import NoImageError, NoRoomError, Shape, ShapeError
from archprof.ops.reading import Taps


def shape_hint(
    error: ShapeError,
    inputs: Sequence[int],
    shapes: Sequence[Shape],
    network: Network,
    given: Shape,
) -> str:
    """Return the way out for a layer that cannot take `shapes`.

    That is the error's own, or one about the network's input, `given`.
    """
    if isinstance(error, NoImageError) and tuple(inputs) == (-1,):
        return _image_hint(network, given)
    if isinstance(error, NoRoomError) and any(shape[-1] < shape[-2] for shape in shapes):
        return _channels_hint(network, given) or error.hint
    return error.hint


def _image_hint(network: Network, given: Shape) -> str:
    """Return the way out where the network's input, `given`, is not channels x height x width."""
    if len(given) == 4:
        return f"leave the batch out: {units.shape(given[1:])}"
    channels = _usual_channels(network) or 3
    height, width = given if len(given) == 2 else (given[0], given[0])
    return (
        "the network's input is not channels x height x width: write"
        f" {units.shape((channels, height, width))}"
    )


def _channels_hint(network: Network, given: Shape) -> str:
    """Return the way out where the network's input, `given`, has its channels last, "" elsewhere.

    Height x width x channels is TensorFlow's order.
    """
    if len(given) != 3 or given[2] >= min(given[:2]):
        return ""
    if given[2] not in (1, 3, _usual_channels(network)):
        return ""
    return f"channels come first: write {units.shape((given[2], *given[:2]))}"


def _usual_channels(network: Network) -> int | None:
    """Return the channels of the spec's own input where another is given in its place.

    None where none is, or the spec has no image.
    """
    own = network.own_inputs
    if not own or network.input is None:
        return None
    usual = own[0].shape
    return usual[0] if len(usual) == 3 else None


def side_hint(
    nodes: Sequence[Node], merged: Sequence[int], given: Shape, fits: Callable[[Shape], bool]
) -> str:
    """Return the sides next to `given` at which branches meet, "" where none was found.

    Windows that do not come out even make branches differ in height or width: the sides must be
    multiples of the largest stride on the way to the merge of the nodes `merged`. `fits` says
    whether the network can be built at an input.
    """
    shapes = [nodes[i].output if i >= 0 else given for i in merged]
    if any(len(shape) != 3 for shape in (given, *shapes)):
        return ""
    if len({shape[1:] for shape in shapes}) == 1:
        return ""
    stride = _largest_stride(nodes, merged)
    below = tuple(side // stride * stride for side in given[1:])
    above = tuple(-(-side // stride) * stride for side in given[1:])
    found = [
        near
        for near in dict.fromkeys((below, above))
        if near != given[1:] and min(near) > 0 and fits((given[0], *near))
    ]
    if not found:
        return ""
    if all(height == width for height, width in found):
        sides = " or ".join(str(height) for height, _ in found)
        return f"an input side that is a multiple of {stride}: {sides}"
    sides = " or ".join(map(units.shape, found))
    return f"input sides that are multiples of {stride}: {sides}"


def _largest_stride(nodes: Sequence[Node], merged: Sequence[int]) -> int:
    """Return the most input pixels between neighbouring units of any layer before `merged`.

    1 where that is not a whole number.
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
    """Return how many units of its input are between neighbouring units of the layer's output.

    Along the rows: 2 for a stride of 2, 1/2 upsampled.
    """
    steps = []
    for reading in node.facts.reads:
        along_rows = [e for e in reading or () if isinstance(e, Taps) and e.dim > 0]
        steps += [Fraction(entry.step, len(entry.taps)) for entry in along_rows]
    return max(steps, default=Fraction(1))
