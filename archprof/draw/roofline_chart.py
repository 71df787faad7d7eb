"""What the rooflines have in common: layers as marks on two logarithmic axes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from archprof import units
from archprof.analysis.analysis import Analysis, LayerAnalysis
from archprof.draw.canvas import (
    Area,
    Canvas,
    horizontal_axis,
    kind_legend,
    legend_height,
    log_scale,
    power,
    vertical_axis,
)
from archprof.draw.kinds import FORMS, kind, kinds
from archprof.draw.shapes import Label, Picture, Shape, Symbol
from archprof.draw.widths import text_width


class DevicePeaks(NamedTuple):
    """What a device was measured to reach: FLOPs and bytes per second."""

    device: str
    dtype: str
    flops_per_s: float
    bytes_per_s: float

    @property
    def ridge(self) -> float:
        """The FLOPs per byte from which arithmetic is the bound."""
        return self.flops_per_s / self.bytes_per_s


class MeasuredLayer(NamedTuple):
    """A layer's measured seconds, and the least that its roofline allows; None: unknown."""

    layer: int
    seconds: float
    least: float | None


class PlacedLayer(NamedTuple):
    """A layer with its place on both axes."""

    row: LayerAnalysis
    layer: int
    x: float
    y: float
    tip: str


class RooflineChart:
    """A mark for each layer on two logarithmic axes; what these are, a variant says."""

    along = "FLOPs per byte moved"
    upwards = ""

    def __init__(self, analysis: Analysis, canvas: Canvas):
        self.analysis, self.canvas = analysis, canvas
        rows = [
            (i, row)
            for i, row in enumerate(analysis.layers)
            if row.flops and row.bytes_moved and not row.node.aux
        ]
        self.kinds = kinds(row.node for _, row in rows)
        self.points = [point for i, row in rows if (point := self.point(i, row))]
        text = canvas.text
        legend = legend_height(self.kinds, canvas.width - 2 * text, text)
        left = text_width(self.widest(), text) + 8
        bottom = canvas.height - 3.7 * text - legend
        self.area = Area(left, 2.6 * text, canvas.width - text, bottom)
        self.set_scales()

    def widest(self) -> str:
        return "100 GFLOP"

    def point(self, layer: int, row: LayerAnalysis) -> PlacedLayer | None:
        raise NotImplementedError

    def set_scales(self) -> None:
        area = self.area
        self.x = log_scale([p.x for p in self.points] or [1.0], area.left, area.right)
        self.y = log_scale([p.y for p in self.points] or [1.0], area.bottom, area.top)

    def picture(self) -> Picture:
        text, area = self.canvas.text, self.area
        shapes: list[Shape] = []
        shapes += horizontal_axis(area, self.x, self.x.powers(), self.shown_x, text)
        shapes += vertical_axis(area, self.y, self.y.powers(), self.shown_y, text)
        shapes += [*self.lines(), *self.marks()]
        middle = (area.left + area.right) / 2
        below = area.bottom + 2.6 * text
        shapes.append(Label(middle, below, self.along, "mute", text, "middle", room=area.width))
        shapes.append(Label(4, 1.2 * text, self.upwards, "mute", text, room=self.canvas.width / 2))
        shapes += kind_legend(
            self.kinds, text, below + 1.8 * text, self.canvas.width - 2 * text, text
        )
        title = f"Roofline of {self.analysis.graph.network.heading}"
        size = self.canvas.width, self.canvas.height
        return Picture(*size, tuple(shapes), title, " ".join(self.sentences()))

    def marks(self) -> Iterator[Shape]:
        """Yield a mark for each layer; those of one kind that fall on one spot are one."""
        seen = set()
        radius = self.canvas.text * 0.38
        for point in self.points:
            name = kind(point.row.node)
            x, y = self.x(point.x), self.y(point.y)
            if (name, round(x), round(y)) not in seen:
                seen.add((name, round(x), round(y)))
                yield Symbol(FORMS[name], x, y, radius, f"k-{name}", point.tip, point.layer)

    def shown_x(self, value: float) -> str:
        return power(value)

    def shown_y(self, value: float) -> str:
        return power(value)

    def lines(self) -> Iterator[Shape]:
        yield from ()

    def sentences(self) -> Iterator[str]:
        unknown = self.analysis.totals.unknown.cost
        if unknown:
            yield f"Left out: the cost of {units.unknown_of(unknown)}."
