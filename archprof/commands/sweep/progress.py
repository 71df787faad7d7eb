"""The progress of a sweep on standard error, on a terminal only."""

from __future__ import annotations

import sys
from types import TracebackType
from typing import TYPE_CHECKING

from archprof.sweeping.engines.engine import RowRange
from archprof.units import printable

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID


class SweepProgress:
    """A bar with the rows that are made of so many, rows a second, and the time that is left."""

    def __init__(self, rows: int):
        self.rows = rows
        self.bar: Progress | None = None
        self.task: TaskID | None = None

    def __enter__(self) -> SweepProgress:
        if sys.stderr.isatty():
            self.bar = _bar()
            self.task = self.bar.add_task("", total=self.rows, speed="")
            self.bar.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self.bar:
            self.bar.stop()

    def made(self, shard: RowRange) -> None:
        """Count the rows of a shard; what was waited for is there."""
        if self.bar and self.task is not None:
            self.bar.update(self.task, advance=shard.last - shard.first, description="")
            speed = self.bar.tasks[0].speed  # None before the second shard
            self.bar.update(self.task, speed=f"{speed:,.0f} rows/s" if speed else "")

    def note(self, text: str) -> None:
        """Show a sentence behind the bar."""
        if self.bar and self.task is not None:
            self.bar.update(self.task, description=printable(text))


def _bar() -> Progress:
    """Return a bar that leaves nothing behind."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeRemainingColumn

    return Progress(
        SpinnerColumn(),
        BarColumn(bar_width=20),
        TextColumn("{task.completed:,.0f} of {task.total:,.0f} rows"),
        TextColumn("{task.fields[speed]}"),
        TimeRemainingColumn(),
        TextColumn("{task.description}", markup=False),
        console=Console(stderr=True),
        transient=True,
        speed_estimate_period=300.0,
    )
