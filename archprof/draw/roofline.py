"""Every layer by its arithmetic and its bytes, and against a device that was measured.

Without a device the picture claims nothing of one: it has bytes along, FLOPs upwards, and lines of
equal intensity. Williams, Waterman, Patterson 2009, Roofline.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from archprof import units
from archprof.analysis.analysis import Analysis, LayerAnalysis
from archprof.draw.canvas import Canvas, log_scale, power, short
from archprof.draw.roofline_chart import DevicePeaks, MeasuredLayer, PlacedLayer, RooflineChart
from archprof.draw.shapes import Label, Picture, Shape, Stroke
from archprof.draw.widths import text_width

INTENSITIES = (0.1, 1.0, 10.0, 100.0, 1000.0)  # FLOPs per byte of the lines


def roofline_picture(
    analysis: Analysis,
    canvas: Canvas,
    peaks: DevicePeaks | None = None,
    measured: Sequence[MeasuredLayer] = (),
) -> Picture:
    """Return the roofline: attained FLOPs per second where layers were measured on a device,
    without times the least time on it, without a device bytes and FLOPs.
    """
    if peaks is None:
        return _Cost(analysis, canvas).picture()
    if measured:
        return _Attained(analysis, canvas, peaks, measured).picture()
    return _Least(analysis, canvas, peaks).picture()


class _Cost(RooflineChart):
    """Without a device: bytes along, FLOPs upwards, intensities as lines."""

    along = "bytes moved"
    upwards = "FLOPs"

    def widest(self) -> str:
        return "100 G"

    def point(self, layer: int, row: LayerAnalysis) -> PlacedLayer:
        flops = row.known("flops")
        shown = f"{units.count(flops)} FLOPs, {units.size(row.bytes_moved)}"
        tip = f"{row.node.path}: {shown}, {flops / row.bytes_moved:.3g} FLOPs per byte"
        return PlacedLayer(row, layer, row.bytes_moved, flops, tip)

    def shown_x(self, value: float) -> str:
        return f"{power(value)} B" if value < 1000 else f"{power(value)}B"

    def lines(self) -> Iterator[Shape]:
        """Yield the lines of equal intensity that cross the area, named at their upper end."""
        text = self.canvas.text
        for intensity in INTENSITIES:
            low = max(self.x.low, self.y.low / intensity)
            high = min(self.x.high, self.y.high / intensity)
            if low >= high:
                continue
            ends = [(self.x(x), self.y(x * intensity)) for x in (low, high)]
            yield Stroke(tuple(ends), "peak")
            x, y = ends[1]
            name = f"{intensity:g} FLOPs/B" if intensity == 1 else f"{intensity:g}"
            slope = (ends[0][1] - y) / (x - ends[0][0])
            below = y + 0.9 * text + slope * text_width(name, text)
            yield Label(x - 2, below, name, "mute", text, "end")

    def sentences(self) -> Iterator[str]:
        if self.points:
            most = max(self.points, key=lambda point: point.y / point.x)
            least = min(self.points, key=lambda point: point.y / point.x)
            yield (
                f"{units.number_of(len(self.points), 'layer')} by bytes moved and FLOPs:"
                f" {most.row.node.path} has the most FLOPs per byte ({most.y / most.x:.3g}),"
                f" {least.row.node.path} the fewest ({least.y / least.x:.3g})."
            )
        yield from super().sentences()


class _OnDevice(RooflineChart):
    def __init__(self, analysis: Analysis, canvas: Canvas, peaks: DevicePeaks):
        self.peaks = peaks
        super().__init__(analysis, canvas)

    def intensity(self, row: LayerAnalysis) -> float:
        return row.known("flops") / row.bytes_moved

    def set_scales(self) -> None:
        super().set_scales()
        area = self.area
        values = [*(point.x for point in self.points), self.peaks.ridge]
        self.x = log_scale(values, area.left, area.right)

    @property
    def named(self) -> str:
        return f"{self.peaks.device}, {self.peaks.dtype}"

    def ridge(self) -> Iterator[Shape]:
        x, area, text = self.x(self.peaks.ridge), self.area, self.canvas.text
        yield Stroke(((x, area.top), (x, area.bottom)), "peak")
        y = area.top - 0.5 * text
        left, right = x - area.left, area.right - x
        yield Label(x - 6, y, "bound by memory", "text", text, "end", bold=True, room=left - 8)
        yield Label(x + 6, y, "bound by arithmetic", "text", text, bold=True, room=right - 8)


class _Least(_OnDevice):
    """With a device and no times: intensity along, the least time upwards, the ridge between."""

    upwards = "least time"

    def widest(self) -> str:
        return "100 µs"

    def point(self, layer: int, row: LayerAnalysis) -> PlacedLayer:
        flops, peaks = row.known("flops"), self.peaks
        least = max(flops / peaks.flops_per_s, row.bytes_moved / peaks.bytes_per_s)
        shown = units.duration(1e3 * least)
        tip = f"{row.node.path}: {self.intensity(row):.3g} FLOPs per byte, at least {shown}"
        return PlacedLayer(row, layer, self.intensity(row), least, tip)

    def shown_y(self, value: float) -> str:
        return short_duration(value)

    def lines(self) -> Iterator[Shape]:
        yield from self.ridge()

    def sentences(self) -> Iterator[str]:
        total = sum(point.y for point in self.points)
        memory = sum(point.y for point in self.points if point.x < self.peaks.ridge)
        if total:
            yield (
                f"On {self.named}, every layer by its FLOPs per byte and the least time that it"
                f" can take: {memory / total:.0%} of {units.duration(1e3 * total)} are bound by"
                f" memory."
            )
        yield from super().sentences()


class _Attained(_OnDevice):
    """With times: intensity along, attained FLOPs per second upwards, under the roof.

    The slope is of large transfers and of products. What fits in a cache moves faster, and
    convolutions may be computed faster, so that a layer has a roof of its own, a dash: its FLOPs in
    the least time that its bytes and its FLOPs take.
    """

    upwards = "FLOP/s"

    def __init__(
        self,
        analysis: Analysis,
        canvas: Canvas,
        peaks: DevicePeaks,
        measured: Sequence[MeasuredLayer],
    ):
        self.measured = {layer.layer: layer for layer in measured if layer.seconds > 0}
        super().__init__(analysis, canvas, peaks)

    def widest(self) -> str:
        return "100 G"

    def point(self, layer: int, row: LayerAnalysis) -> PlacedLayer | None:
        if layer not in self.measured:
            return None
        seconds = self.measured[layer].seconds
        rate = row.known("flops") / seconds
        tip = f"{row.node.path}: {units.rate(rate)} FLOP/s in {units.duration(1e3 * seconds)}"
        least = self.measured[layer].least
        if least:
            tip += f", {least / seconds:.0%} of its roofline"
        return PlacedLayer(row, layer, self.intensity(row), rate, tip)

    def set_scales(self) -> None:
        super().set_scales()
        rates = [*(point.y for point in self.points), self.peaks.flops_per_s]
        rates += [self.own_roof(point) for point in self.points]
        self.y = log_scale(rates, self.area.bottom, self.area.top)

    def slope(self, intensity: float) -> float:
        """Return the FLOPs per second that large transfers allow."""
        return min(self.peaks.flops_per_s, intensity * self.peaks.bytes_per_s)

    def own_roof(self, point: PlacedLayer) -> float:
        """Return the FLOPs per second that a layer's roofline allows, where it is unknown those of
        large transfers.
        """
        measured = self.measured[point.layer]
        if not measured.least:
            return self.slope(point.x)
        return point.y * measured.seconds / measured.least

    def lines(self) -> Iterator[Shape]:
        low = max(self.x.low, self.y.low / self.peaks.bytes_per_s)
        ends = (low, self.peaks.ridge, self.x.high)
        points = tuple((self.x(value), self.y(self.slope(value))) for value in ends)
        yield Stroke(points, "roof")
        text = self.canvas.text
        said = f"{units.rate(self.peaks.flops_per_s)} FLOP/s"
        right = self.area.right
        yield Label(right - 2, points[1][1] - 0.5 * text, said, "text", text, "end", bold=True)
        yield from self.dashes()

    def dashes(self) -> Iterator[Shape]:
        """Yield the roofs of layers that are not those of large transfers, each once."""
        half = 0.5 * self.canvas.text
        drawn = set()
        for point in self.points:
            x, y = self.x(point.x), self.y(self.own_roof(point))
            place = round(x), round(y)
            if abs(y - self.y(self.slope(point.x))) >= 1 and place not in drawn:
                drawn.add(place)
                yield Stroke(((x - half, y), (x + half, y)), "roof")

    def sentences(self) -> Iterator[str]:
        if self.points:
            yield (
                f"On {self.named}, every measured layer by its FLOPs per byte and the FLOPs per"
                " second that it reached."
            )
        shares = {p.row.node.path: p.y / self.own_roof(p) for p in self.points}
        below = {path: share for path, share in shares.items() if share <= 1}
        if below:
            nearest = max(below, key=below.__getitem__)
            yield f"{nearest} comes nearest to its roofline, at {below[nearest]:.0%} of it."
        if len(below) < len(shares):
            yield f"{len(shares) - len(below)} seem faster than theirs, by noise or by a fault."
        if any(True for _ in self.dashes()):
            yield (
                "The slope is of large transfers and of products; a dash is a layer's own roofline"
                " where it is higher, as of bytes that move through the cache."
            )
        yield from super().sentences()


def short_duration(seconds: float) -> str:
    """Return a power of ten of seconds: 10 µs."""
    return short(units.duration(1e3 * seconds))
