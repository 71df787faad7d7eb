"""What differs between two networks, and what became of one, in a notebook."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from archprof.analysis.analysis import Analysis
from archprof.commands.compare.comparison import StructureDifference, structure_difference
from archprof.commands.compare.comparison_data import QUANTITIES, named
from archprof.commands.compare.comparison_tables import comparison_tables
from archprof.commands.compare.stage_chart import stage_picture
from archprof.commands.diff.difference import Difference, difference
from archprof.commands.diff.difference_tables import difference_tables
from archprof.commands.diff.review import pair
from archprof.draw.canvas import CANVASES
from archprof.draw.shapes import Picture
from archprof.notebook.shown import Shown
from archprof.show.table import Table


@dataclass(frozen=True)
class ShownComparison(Shown, StructureDifference):
    """A comparison that a notebook shows: totals, stages, kinds of layers and changes."""

    analyses: tuple[Analysis, ...] = field(default=(), repr=False, compare=False)

    @staticmethod
    def of(first: Analysis, second: Analysis) -> ShownComparison:
        """Return what differs between two networks, to be shown."""
        found = structure_difference(first, second)
        return ShownComparison(**vars(found), analyses=(first, second))

    def tables(self) -> list[Table]:
        """Return what `archprof compare` prints."""
        return comparison_tables(self.analyses)

    def pictures(self) -> Iterator[Picture]:
        """Yield both networks stage by stage."""
        yield stage_picture(self.analyses, CANVASES["page"])

    def rows(self) -> list[dict[str, Any]]:
        """Return a row for each total, with a column for each network."""
        names = named(self.analyses)
        return [
            {"total": attribute}
            | {
                name: getattr(analysis.totals, attribute)
                for name, analysis in zip(names, self.analyses, strict=True)
            }
            for _, attribute, _ in QUANTITIES
        ]


@dataclass(frozen=True)
class ShownDifference(Shown, Difference):
    """A difference that a notebook shows: totals, and the layers that changed."""

    @staticmethod
    def of(old: Analysis, new: Analysis) -> ShownDifference:
        """Return what became of a network, to be shown."""
        return ShownDifference(**vars(difference(old, new)))

    def tables(self) -> list[Table]:
        """Return what `archprof diff` prints; nothing where nothing differs."""
        names = self.old.graph.network.name, self.new.graph.network.name
        return [] if self.identical else difference_tables(pair(self.old, self.new, names))

    def pictures(self) -> Iterator[Picture]:
        """Yield both sides stage by stage."""
        yield stage_picture((self.old, self.new), CANVASES["page"])

    def rows(self) -> list[dict[str, Any]]:
        """Return a row for each layer that differs, with what that adds to each total."""
        return [
            {
                "state": change.state,
                "path": change.layer.row.node.path,
                "old_path": change.old.row.node.path if change.old else None,
                "op": change.layer.row.node.kind,
                **change.share._asdict(),
            }
            for change in self.changes
        ]
