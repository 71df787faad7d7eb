"""What several ops need of their inputs."""

from __future__ import annotations

from archprof import units
from archprof.ops import OPS, axes
from archprof.ops.base import NoImageError, Shape, ShapeError


def channels_first(op: str, shape: Shape, rank: int = 2) -> Shape:
    """Return the shape, channels and then `rank` axes. Raises ShapeError when it has others."""
    if len(shape) != 1 + rank:
        raise NoImageError(
            f"{op} needs an input of {axes.shape_in_words(rank)}, found {units.shape(shape)}",
            _axes_hint(op, len(shape) - 1, rank),
        )
    return shape


def _axes_hint(op: str, found: int, rank: int) -> str:
    """Return the way out where an input has `found` axes behind its channels instead of `rank`."""
    if found in (0, 1) and found < rank:
        return "a flatten or a pooling before it took the spatial axes away"
    other = f"{op.removesuffix('d').rstrip('123')}{found}d"
    if other in OPS:
        return f"`{other}` takes {axes.shape_in_words(found)}"
    return ""


def with_dimensions(op: str, shape: Shape) -> Shape:
    """Return the shape. Raises ShapeError when it is a scalar's."""
    if not shape:
        raise ShapeError(f"{op} needs an input of one dimension at least, found a scalar")
    return shape
