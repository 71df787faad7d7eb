"""Memory over time: tensors as bricks from birth to last use, and the peak with what is alive."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from archprof import units
from archprof.analysis.analysis import Analysis
from archprof.analysis.memory import MemoryWalk, Span
from archprof.draw.canvas import (
    Area,
    Canvas,
    LinearScale,
    bounded_label,
    colour_key,
    even_steps,
    short,
    vertical_axis,
)
from archprof.draw.placed import Point
from archprof.draw.shapes import Label, Picture, Rectangle, Shape, Stroke, Symbol
from archprof.draw.stages import stages
from archprof.draw.widths import text_width
from archprof.graph.graph import Graph

MOST_BRICKS = 4000  # moments and tensors: of more only the outline is drawn
NAMED = 4  # tensors at the peak


class _Brick(NamedTuple):
    """A tensor at one height, from one moment until before another."""

    span: Span
    start: int
    stop: int
    bottom: int


def timeline_picture(analysis: Analysis, canvas: Canvas) -> Picture:
    """Return what is alive in inference, moment by moment."""
    return _Timeline(analysis, canvas).picture()


class _Timeline:
    def __init__(self, analysis: Analysis, canvas: Canvas):
        self.analysis, self.canvas = analysis, canvas
        self.graph: Graph = analysis.graph
        self.walk: MemoryWalk = analysis.alive
        moments = self.walk.moments
        self.heights = [moment.live + moment.inside for moment in moments]
        self.peak = max(range(len(moments)), key=self.heights.__getitem__, default=0)
        text = canvas.text
        left = text_width("000 MiB", text) + 8
        self.area = Area(left, 3.4 * text, canvas.width - text, canvas.height - 5.6 * text)
        most = max(self.heights, default=0)
        self.x = LinearScale(0, max(1, len(moments)), self.area.left, self.area.right)
        self.y = LinearScale(0, most * 1.04 or 1, self.area.bottom, self.area.top)

    def picture(self) -> Picture:
        shapes: list[Shape] = [*self.bands()]
        ticks = even_steps(self.y.high, 4, 1024)
        text = self.canvas.text
        shapes += vertical_axis(self.area, self.y, ticks, _bytes, text)
        shapes += [*self.bricks(), *self.own()] if self.detailed else self.whole()
        shapes += [*self.outline(), *self.named_peak(), *self.foot()]
        title = f"Memory of {self.graph.network.heading} in inference"
        return Picture(
            self.canvas.width, self.canvas.height, tuple(shapes), title, " ".join(self.sentences())
        )

    def bands(self) -> Iterator[Shape]:
        """Yield the stages as bands, with their names below."""
        area, text = self.area, self.canvas.text
        for number, (label, start, stop) in enumerate(self.parts()):
            left, width = self.x(start), self.x(stop) - self.x(start)
            if number % 2 == 0:
                yield Rectangle(left, area.top, width, area.height, "band")
            if width > text_width(label, text) + 4:
                middle = left + width / 2
                yield Label(middle, area.bottom + 1.3 * text, label, "mute", text, "middle")

    def parts(self) -> list[tuple[str, int, int]]:
        places = {moment.node: place for place, moment in enumerate(self.walk.moments)}
        found = []
        for part in stages(self.analysis):
            inside = [places[i] for i in part.layers if i in places]
            if inside:
                found.append((part.label, min(inside), max(inside) + 1))
        return found

    def own(self) -> Iterator[Shape]:
        """Yield what layers make for themselves while they run, above the tensors."""
        for place, (node, live, inside) in enumerate(self.walk.moments):
            if inside:
                x, bottom = self.x(place), self.y(live)
                width, top = self.x(place + 1) - x, self.y(live + inside)
                tip = f"{self.graph.nodes[node].path}, its own: {units.size(inside)}"
                yield Rectangle(x, top, max(0.5, width), bottom - top, "own", 0, tip, node)

    def bricks(self) -> Iterator[Shape]:
        for brick in _stacked(self.walk):
            span = brick.span
            x, bottom = self.x(brick.start), self.y(brick.bottom)
            width, top = self.x(brick.stop) - x, self.y(brick.bottom + span.bytes)
            style = "brick"
            if span.storage == -1:
                style = "input"
            elif span.kept:
                style = "kept"
            tip = f"{self.name(span)}: {units.size(span.bytes)}"
            layer = span.storage if span.storage >= 0 else None
            yield Rectangle(x, top, max(0.5, width), bottom - top, style, 0, tip, layer)

    @property
    def detailed(self) -> bool:
        """Whether tensors are few enough for a brick each."""
        return max(len(self.walk.moments), len(self.walk.spans)) <= MOST_BRICKS

    def whole(self) -> Iterator[Shape]:
        """Yield all that is alive as one area."""
        points = self.steps()
        if points:
            start, stop = points[0][0], points[-1][0]
            corners = [(start, self.y(0)), *points, (stop, self.y(0))]
            yield Stroke(tuple(corners), "brick", closed=True)

    def outline(self) -> Iterator[Shape]:
        points = self.steps()
        if points:
            yield Stroke(tuple(points), "outline")

    def steps(self) -> list[Point]:
        """Return the corners of the line over all that is alive."""
        points = []
        for place, height in enumerate(self.heights):
            points += [(self.x(place), self.y(height)), (self.x(place + 1), self.y(height))]
        return points

    def named_peak(self) -> Iterator[Shape]:
        if not self.heights:
            return
        text, area = self.canvas.text, self.area
        x, y = self.x(self.peak + 0.5), self.y(self.heights[self.peak])
        node = self.walk.moments[self.peak].node
        said = self.peak_text(self.graph.nodes[node].path)
        yield Stroke(((x, area.top - 1.2 * text), (x, area.bottom)), "peak")
        yield Symbol("circle", x, y, text / 3, "dot", said)
        yield bounded_label(x, area.top - 1.6 * text, said, "text", text, 4, area.right)

    def peak_text(self, path: str) -> str:
        """Return the peak with what is fixed beside it, which it is easily taken to include."""
        most = units.size(self.heights[self.peak])
        with_fixed = f"peak {most} at {path}, + {units.size(self.fixed_bytes())} fixed"
        fits = text_width(with_fixed, self.canvas.text) < self.area.right - 8
        return with_fixed if fits else f"peak {most} at {path}"

    def fixed_bytes(self) -> int:
        """Return the bytes of weights."""
        return self.analysis.totals.weight_bytes

    def foot(self) -> Iterator[Shape]:
        """Yield what colours stand for, and the fixed part in words."""
        text, y = self.canvas.text, self.area.bottom + 2.9 * self.canvas.text
        key = [("brick", "tensor"), ("kept", "kept for later"), ("input", "input")]
        if any(moment.inside for moment in self.walk.moments):
            key.append(("own", "a layer's own"))
        if not self.detailed:
            key = [("brick", "all tensors, too many to be told apart")]
        yield from colour_key(key, self.area.left, y, text)
        room = self.canvas.width - 8
        yield Label(4, y + 1.5 * text, self.fixed(), "mute", text, room=room)

    def fixed(self) -> str:
        """Return what is there throughout, and is not drawn."""
        return f"beside them {units.size(self.fixed_bytes())} of weights"

    def name(self, span: Span) -> str:
        return "the input" if span.storage < 0 else self.graph.nodes[span.storage].path

    def sentences(self) -> Iterator[str]:
        if not self.heights:
            yield "Nothing is computed."
            return
        node = self.graph.nodes[self.walk.moments[self.peak].node].path
        whole = units.size(self.analysis.totals.peak_inference_bytes)
        most = units.size(self.heights[self.peak])
        yield f"The peak is {whole}, at {node}: {most} of tensors, {self.fixed()}."
        alive = sorted(self.walk.alive(self.peak), key=lambda span: -span.bytes)
        listed = [f"{self.name(span)} ({units.size(span.bytes)})" for span in alive]
        inside = self.walk.moments[self.peak].inside
        own = f"; {units.size(inside)} are the layer's own" if inside else ""
        yield f"Alive then: {units.some(listed, NAMED)}{own}."


def _bytes(value: float) -> str:
    return short(units.size(round(value))) if value else "0"


def _stacked(walk: MemoryWalk) -> Iterator[_Brick]:
    """Yield every tensor in pieces, of which each is at one height.

    The input lies at the bottom, then what is kept, each in the order of birth.
    """
    births: dict[int, list[int]] = {}
    deaths: dict[int, list[int]] = {}
    for number, span in enumerate(walk.spans):
        births.setdefault(span.birth, []).append(number)
        deaths.setdefault(span.last + 1, []).append(number)
    alive: list[int] = []
    at: dict[int, tuple[int, int]] = {}  # from which moment on it lies at which height

    def order(number: int) -> tuple[bool, bool, int, int]:
        span = walk.spans[number]
        return span.storage != -1, not span.kept, span.birth, number

    for moment in sorted({*births, *deaths}):
        for number in deaths.get(moment, ()):
            alive.remove(number)
            start, bottom = at.pop(number)
            yield _Brick(walk.spans[number], start, moment, bottom)
        alive = sorted([*alive, *births.get(moment, ())], key=order)
        height = 0
        for number in alive:
            span = walk.spans[number]
            known = at.get(number)
            if known is None:
                at[number] = moment, height
            elif known[1] != height:
                yield _Brick(span, known[0], moment, known[1])
                at[number] = moment, height
            height += span.bytes
