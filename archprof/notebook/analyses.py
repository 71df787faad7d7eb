"""An analysis in a notebook."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from archprof import units
from archprof.analysis.analysis import Analysis
from archprof.analysis.field import Axis, Field
from archprof.analysis.receptive import Sight, rank
from archprof.draw.canvas import CANVASES
from archprof.draw.shapes import Picture
from archprof.notebook.shown import WIDTH, Shown
from archprof.ops.axes import names
from archprof.show.table import Table


class ShownAnalysis(Shown, Analysis):
    """An analysis that a notebook shows: the summary, bars and the timeline of memory."""

    @staticmethod
    def of(found: Analysis) -> ShownAnalysis:
        """Return the same analysis, to be shown."""
        how = found.batch, found.dtype, found.count, found.optimizer, found.ema, found.freeze
        return ShownAnalysis(found.graph, *how, found.as_written, found.step)

    def tables(self) -> Iterator[Table]:
        """Yield the summary."""
        from archprof.commands.summary.summary_table import summary_table

        yield summary_table(self, WIDTH)

    def pictures(self) -> Iterator[Picture]:
        """Yield where cost and memory are, and what is alive when."""
        from archprof.draw.bars import bars_picture
        from archprof.draw.timeline import timeline_picture

        yield bars_picture(self, CANVASES["page"])
        yield timeline_picture(self, CANVASES["page"])

    def rows(self) -> list[dict[str, Any]]:
        """Return a row for each layer, plain numbers; None: unknown."""
        return [
            {
                "path": row.node.path,
                "op": row.node.kind,
                "output_shape": units.shape(row.node.output),
                "params": row.params,
                "frozen_params": row.node.frozen_params,
                "buffers": row.buffers,
                "macs": row.macs,
                "flops": row.flops,
                "counted": row.counted,
                "weight_bytes": row.weight_bytes,
                "output_bytes": row.output_bytes,
                "bytes_moved": row.bytes_moved,
                "saved_bytes": row.saved_bytes,
                **_fields(row.sight, rank(self.graph)),
                "aux": row.node.aux,
            }
            for row in self.layers
        ]


def _fields(sight: Sight, axes: int) -> dict[str, int | None]:
    """Return how far a unit sees by axis: of what has no axes as of an image, whose are unknown."""
    along = sight.axes if axes else ("unknown", "unknown")
    named = zip(names(axes or 2), along, strict=True)
    return {f"field_{name}": _pixels(axis) for name, axis in named}


def _pixels(axis: Axis) -> int | None:
    """Return how far a unit sees along an axis, None where that is all, nothing or unknown."""
    return axis.size if isinstance(axis, Field) else None
