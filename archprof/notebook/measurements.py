"""A measurement in a notebook."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields
from typing import Any

from archprof import units
from archprof.commands.measure.running.measurement import Measurement
from archprof.draw.canvas import CANVASES
from archprof.draw.shapes import Picture
from archprof.draw.spread import spread_picture
from archprof.notebook.shown import Shown
from archprof.show.table import Table, TableColumn

SIMPLE = (str, int, float, bool, type(None))


@dataclass(frozen=True)
class ShownMeasurement(Shown, Measurement):
    """A measurement that a notebook shows: its figures, and how far the runs are apart."""

    @staticmethod
    def of(found: Measurement) -> ShownMeasurement:
        """Return the same measurement, to be shown."""
        return ShownMeasurement(**{f.name: getattr(found, f.name) for f in fields(Measurement)})

    def tables(self) -> Iterator[Table]:
        """Yield the figures that there are."""
        conditions = f"batch {self.batch}, {self.dtype}, {self.memory_format}, {self.mode}"
        rows = [[name, text] for name, text in self._figures() if text]
        columns = [TableColumn("Figure", right=False), TableColumn("Value")]
        notes = [("note", self.message)] if self.message else []
        yield Table(columns, rows, f"{self.network} · {conditions} · {self.status}", notes)

    def _figures(self) -> Iterator[tuple[str, str]]:
        def time(milliseconds: float | None) -> str:
            return "" if milliseconds is None else str(units.duration(milliseconds))

        yield "latency", time(self.latency_ms)
        if self.latency_low_ms is not None and self.latency_high_ms is not None:
            between = f"{time(self.latency_low_ms)} to {time(self.latency_high_ms)}"
            yield "its median lies (95 of 100)", between
        yield "images per second", "" if not self.images_per_s else units.rate(self.images_per_s)
        yield "step of training", time(self.step_ms)
        yield "peak memory", "" if self.peak_bytes is None else units.size(self.peak_bytes)
        predicted = self.predicted_peak_bytes
        yield "predicted", "" if predicted is None else units.size(predicted)
        yield "runs", str(self.runs)

    def pictures(self) -> Iterator[Picture]:
        """Yield the spread of the runs, where something was measured."""
        marks = (
            ("10 %", self.latency_p10_ms),
            ("median", self.latency_ms),
            ("90 %", self.latency_p90_ms),
            ("slowest", self.latency_max_ms),
        )
        known = [(name, value) for name, value in marks if value is not None]
        if known:
            yield spread_picture(self.network, known, CANVASES["page"])

    def rows(self) -> list[dict[str, Any]]:
        """Return one row with all figures; lists and records are left out."""
        named = {f.name: getattr(self, f.name) for f in fields(Measurement)}
        plain = {name: value for name, value in named.items() if isinstance(value, SIMPLE)}
        return [plain | {"input": units.shape(self.input)}]
