"""Lines and symbols as points and path commands."""

from __future__ import annotations

import math

from archprof.draw.placed import Point
from archprof.draw.shapes import Stroke, Symbol


def number(value: float) -> str:
    """Return a coordinate with at most two decimals."""
    text = f"{value:.2f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def outline(shape: Symbol) -> tuple[Point, ...]:
    """Return the corners of a symbol's form, which has about the area of a circle's."""
    x, y, r = shape.x, shape.y, shape.radius
    if shape.form == "square":
        r *= 0.89
        return ((x - r, y - r), (x + r, y - r), (x + r, y + r), (x - r, y + r))
    if shape.form == "diamond":
        r *= 1.25
        return ((x, y - r), (x + r, y), (x, y + r), (x - r, y))
    if shape.form == "bar":
        return (
            (x - 1.3 * r, y - r / 2),
            (x + 1.3 * r, y - r / 2),
            (x + 1.3 * r, y + r / 2),
            (x - 1.3 * r, y + r / 2),
        )
    if shape.form == "cross":
        t = r * 0.36
        half = ((-t, -r), (t, -r), (t, -t), (r, -t), (r, t), (t, t))
        return tuple((x + a, y + b) for a, b in (*half, *((-a, -b) for a, b in half)))
    up = -1 if shape.form == "up" else 1
    side = 1.15 * r
    return ((x, y + up * 1.3 * r), (x + side, y - up * 0.75 * r), (x - side, y - up * 0.75 * r))


def path(shape: Stroke) -> str:
    """Return the commands of a line; of points that fall together only the first is kept."""
    points = distinct(shape.points)
    if shape.radius and not shape.closed:
        return _rounded(points, shape.radius)
    text = "M" + "L".join(f"{number(x)} {number(y)}" for x, y in points)
    return text + "Z" if shape.closed else text


def distinct(points: tuple[Point, ...]) -> list[Point]:
    """Return a line's points without those that are hardly apart from the one before."""
    found: list[Point] = []
    for x, y in points:
        if not found or abs(found[-1][0] - x) > 0.3 or abs(found[-1][1] - y) > 0.3:
            found.append((x, y))
    return found


def _rounded(points: list[Point], radius: float) -> str:
    parts = [f"M{number(points[0][0])} {number(points[0][1])}"]
    for before, corner, after in zip(points, points[1:], points[2:], strict=False):
        reach = min(radius, math.dist(before, corner) / 2, math.dist(corner, after) / 2)
        (x1, y1), (x2, y2) = _towards(corner, before, reach), _towards(corner, after, reach)
        bend = f"{number(corner[0])} {number(corner[1])} {number(x2)} {number(y2)}"
        parts.append(f"L{number(x1)} {number(y1)}Q{bend}")
    if len(points) > 1:
        parts.append(f"L{number(points[-1][0])} {number(points[-1][1])}")
    return "".join(parts)


def _towards(start: Point, goal: Point, distance: float) -> Point:
    share = distance / math.dist(start, goal)
    return start[0] + (goal[0] - start[0]) * share, start[1] + (goal[1] - start[1]) * share
