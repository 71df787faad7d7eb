"""What several ops need of their inputs."""

from __future__ import annotations

from archprof import units
from archprof.ops.base import NoImageError, Shape, ShapeError


def channels_first(op: str, shape: Shape) -> tuple[int, int, int]:
    """Return the shape as C, H, W. Raises ShapeError when it is not one."""
    if len(shape) != 3:
        raise NoImageError(
            f"{op} needs an input of channels x height x width, found {units.shape(shape)}",
            "a flatten or a pooling before it took the spatial axes away" if len(shape) < 3 else "",
        )
    return shape


def with_dimensions(op: str, shape: Shape) -> Shape:
    """Return the shape. Raises ShapeError when it is a scalar's."""
    if not shape:
        raise ShapeError(f"{op} needs an input of one dimension at least, found a scalar")
    return shape
