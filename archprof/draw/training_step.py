"""A step of training as a curve: what is alive after each kernel, by what it is for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from archprof import units
from archprof.autograd.run import (
    GRADIENTS,
    INPUT,
    KINDS,
    SAVED,
    STATE,
    TRANSIENT,
    WEIGHTS,
    Birth,
)
from archprof.draw.canvas import (
    Area,
    Canvas,
    LinearScale,
    bounded_label,
    colour_key,
    even_steps,
    short,
)
from archprof.draw.canvas import vertical_axis as bytes_axis
from archprof.draw.placed import Point
from archprof.draw.shapes import Label, Picture, Rectangle, Shape, Stroke, Symbol
from archprof.draw.widths import text_width
from archprof.graph.graph import Graph
from archprof.record import Record
from archprof.training.overhead import Overhead, verdict
from archprof.training.step import Timeline
from archprof.training.stretches import Stretch, phase_parts, stretches

MOST_STRETCHES = 300
"""Places along the curve: of a step with more kernels, neighbours share one."""

STACKED = (WEIGHTS, STATE, INPUT, GRADIENTS, SAVED, TRANSIENT)
"""Kinds from the bottom upwards: those that stay throughout, then those that come and go."""

NAMED_PHASES = ("forward", "backward", "optimizer")
UNSEEN = 0.3  # pixels by which a line does not go up or down

LEGIBLE = 2.5
"""How many times higher than the peak a memory may be to be drawn: above that the curve is flat."""


class DeviceRoom(NamedTuple):
    """A memory, in bytes, and what is taken of it beside tensors."""

    memory: int
    overhead: Overhead


class DrawnStep(Record):
    """A simulated step of a network, and under which conditions, in words. `room`: the memory it
    is drawn against, None for none.
    """

    graph: Graph
    timeline: Timeline
    conditions: Sequence[str]
    room: DeviceRoom | None = None

    def stretches(self) -> list[Stretch]:
        """Return what has a place along the curve."""
        return stretches(self.timeline.births, MOST_STRETCHES)


def step_picture(step: DrawnStep, canvas: Canvas, marked: bool = False) -> Picture:
    """Return the curve of a step. `marked`: over it lies an unseen rectangle, which a page's
    script divides into the places of `step.stretches()`.
    """
    return _Curve(step, canvas, marked).picture()


class _Curve:
    def __init__(self, step: DrawnStep, canvas: Canvas, marked: bool):
        self.step, self.canvas, self.marked = step, canvas, marked
        self.births: Sequence[Birth] = step.timeline.births
        self.stretches = step.stretches()
        self.place = max(range(len(self.births)), key=lambda k: (self.births[k].live, -k))
        self.peak = self.births[self.place]
        text = canvas.text
        self.key = list(_in_lines(self.key_entries(), canvas.width - 8, text))
        foot = (4.1 + 1.5 * len(self.key)) * text
        left = text_width("000 MiB", text) + 8
        self.area = Area(left, 3.4 * text, canvas.width - text, canvas.height - foot)
        self.x = LinearScale(0, len(self.births), self.area.left, self.area.right)
        memory = self.drawn_memory or 0
        top = max(1, 1.04 * self.peak.live, 1.08 * memory)
        self.y = LinearScale(0, top, self.area.bottom, self.area.top)

    @property
    def drawn_memory(self) -> int | None:
        """The memory, where it is in the picture."""
        room = self.step.room
        if room is None or room.memory > LEGIBLE * self.peak.live:
            return None
        return room.memory

    def kinds(self) -> list[int]:
        """Return the kinds that there is something of, from the bottom upwards."""
        return [kind for kind in STACKED if any(birth.kinds[kind] for birth in self.births)]

    def key_entries(self) -> list[tuple[str, str]]:
        """Return the styles, and what they stand for."""
        entries = [(f"m-{KINDS[kind]}", KINDS[kind]) for kind in self.kinds()]
        return [*entries, ("perhaps", "may fit")] if self.drawn_memory else entries

    def picture(self) -> Picture:
        text = self.canvas.text
        ticks = even_steps(self.y.high, 4, 1024)
        shapes: list[Shape] = [*self.bands()]
        shapes += bytes_axis(self.area, self.y, ticks, _bytes, text)
        shapes += [*self.areas(), *self.memory(), *self.named_peak(), *self.foot()]
        if self.marked:
            area = self.area
            shapes.append(Rectangle(area.left, area.top, area.width, area.height, "moments"))
        title = f"Memory of {self.step.graph.network.heading} in a training step"
        says = " ".join(self.sentences())
        return Picture(self.canvas.width, self.canvas.height, tuple(shapes), title, says)

    def bands(self) -> Iterator[Shape]:
        """Yield the phases as bands, with their names below."""
        area, text = self.area, self.canvas.text
        for number, part in enumerate(phase_parts(self.births)):
            left, width = self.x(part.start), self.x(part.stop) - self.x(part.start)
            if number % 2 == 1:
                yield Rectangle(left, area.top, width, area.height, "band")
            if number > 0:
                yield Stroke(((left, area.bottom), (left, area.bottom + 0.4 * text)), "axis")
        yield from self.phase_names()

    def phase_names(self) -> Iterator[Shape]:
        """Yield the names of phases; one that is too narrow for its own ends where it does."""
        text = self.canvas.text
        y, free = self.area.bottom + 1.3 * text, 0.0
        for part in phase_parts(self.births):
            if part.phase not in NAMED_PHASES:
                continue
            left, right = self.x(part.start), self.x(part.stop)
            wide = text_width(part.phase, text)
            if right - left > wide + 4:
                middle = (left + right) / 2
                yield Label(middle, y, part.phase, "mute", text, "middle")
                free = middle + wide / 2 + text
            elif part.phase == "optimizer" and right - wide > free:
                yield Label(right, y, part.phase, "mute", text, "end")

    def areas(self) -> Iterator[Shape]:
        """Yield an area for each kind, the higher ones first: each lies over the one above it."""
        kinds = self.kinds()
        for count in range(len(kinds), 0, -1):
            below = kinds[:count]
            points = self.outline(below)
            start, stop = (self.area.left, self.y(0)), (self.area.right, self.y(0))
            kind = below[-1]
            tip = f"{KINDS[kind]}: {units.size(self.peak.kinds[kind])} at the peak"
            yield Stroke((start, *points, stop), f"m-{KINDS[kind]}", closed=True, tip=tip)
        yield Stroke(tuple(self.outline(kinds)), "outline")

    def outline(self, kinds: Sequence[int]) -> list[Point]:
        """Return the corners of the line over the bytes of some kinds."""
        points: list[Point] = []
        for stretch in self.stretches:
            height = self.y(sum(self.births[stretch.fullest].kinds[kind] for kind in kinds))
            if points and abs(points[-1][1] - height) < UNSEEN:
                points[-1] = (self.x(stretch.stop), points[-1][1])
            else:
                points += [(self.x(stretch.start), height), (self.x(stretch.stop), height)]
        return points

    def memory(self) -> Iterator[Shape]:
        """Yield the memory as a line, and below it a band: up to where tensors fit for sure, and
        up to where they may.
        """
        room, memory = self.step.room, self.drawn_memory
        if room is None or memory is None:
            return
        area, text = self.area, self.canvas.text
        possible = max(0, room.overhead.possible_room(memory))
        sure = max(0, room.overhead.sure_room(memory))
        top, bottom = self.y(possible), self.y(sure)
        tip = f"tensors fit below {units.size(sure)}, and may fit below {units.size(possible)}"
        yield Rectangle(area.left, top, area.width, bottom - top, "perhaps", 0, tip)
        line = self.y(memory)
        yield Stroke(((area.left, line), (area.right, line)), "limit")
        label = f"memory {units.size(memory)}"
        yield Label(area.right - 4, line + 1.1 * text, label, "text", text, "end")

    def named_peak(self) -> Iterator[Shape]:
        text, area = self.canvas.text, self.area
        x, y = self.x(self.place + 0.5), self.y(self.peak.live)
        yield Stroke(((x, area.top - 1.2 * text), (x, area.bottom)), "peak")
        yield Symbol("circle", x, y, text / 3, "dot", self.peak_text())
        yield bounded_label(x, area.top - 1.6 * text, self.peak_text(), "text", text, 4, area.right)

    def peak_text(self) -> str:
        """Return the peak with as much of its place as the picture has room for."""
        room = self.area.right - 4
        most = f"peak {self.most()}"
        place = f"at {self.peak.path}" if self.peak.path else f"in {self.peak.phase}"
        layer = f"{most} {place}"
        for said in (f"{layer}, {self.peak.kernel}", layer):
            if text_width(said, self.canvas.text, bold=True) <= room:
                return said
        return most

    def most(self) -> str:
        """Return the bytes of the peak; a lower bound where something is unknown."""
        text = units.size(self.peak.live)
        return units.at_least(text) if self.step.timeline.unknown else text

    def foot(self) -> Iterator[Shape]:
        """Yield what colours stand for, and the conditions."""
        text, y = self.canvas.text, self.area.bottom + 2.9 * self.canvas.text
        for line in self.key:
            yield from colour_key(line, 4, y, text)
            y += 1.5 * text
        said = " · ".join([*self.step.conditions, self.counted()])
        yield Label(4, y, said, "mute", text, room=self.canvas.width - 8)

    def counted(self) -> str:
        """Return how many kernels there are, and how many of them share a place."""
        kernels = units.number_of(len(self.births), "kernel")
        length = max(stretch.stop - stretch.start for stretch in self.stretches)
        return kernels if length == 1 else f"{kernels}, {length} at a time, the fullest is drawn"

    def sentences(self) -> Iterator[str]:
        """Yield what the picture shows, in words."""
        peak, timeline = self.peak, self.step.timeline
        place = f"{peak.path}, {peak.kernel}" if peak.path else peak.kernel
        yield f"The peak is {self.most()}, in the {peak.phase} phase, at {place}."
        held = sorted((-size, kind) for kind, size in enumerate(peak.kinds) if size)
        parts = [f"{units.size(-size)} {KINDS[kind]}" for size, kind in held]
        yield f"Alive then: {', '.join(parts)}."
        yield f"Autograd keeps {units.size(timeline.saved)} where the forward pass ends."
        if timeline.unknown:
            yield f"All bytes are lower bounds: {units.unknown_of(timeline.unknown)}."
        if self.step.room is not None:
            yield self.verdict(self.step.room)

    def verdict(self, room: DeviceRoom) -> str:
        """Return whether the step fits into the memory."""
        said = verdict(room.overhead, self.peak.live, room.memory)
        if said == "fits" and self.step.timeline.unknown:
            said = "may fit"
        sure = units.size(max(0, room.overhead.sure_room(room.memory)))
        possible = units.size(max(0, room.overhead.possible_room(room.memory)))
        shown = "" if self.drawn_memory else ", which is above the picture"
        memory = f"{units.size(room.memory)} of memory{shown}"
        return f"It {said} into {memory}: tensors have {sure} for sure, {possible} at best."


def _bytes(value: float) -> str:
    return short(units.size(round(value))) if value else "0"


def _in_lines(
    entries: Sequence[tuple[str, str]], room: float, text: float
) -> Iterator[list[tuple[str, str]]]:
    """Yield the entries of a key in lines that are no wider than `room`."""
    line: list[tuple[str, str]] = []
    wide = 0.0
    for style, name in entries:
        own = text_width(name, text) + 2.3 * text
        if line and wide + own > room:
            yield line
            line, wide = [], 0.0
        line.append((style, name))
        wide += own
    yield line
