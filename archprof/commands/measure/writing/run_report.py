"""Where a run is written and how: JSON or tables, to a file after every group and at its end."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from archprof.cli.options import Format

if TYPE_CHECKING:
    from archprof.commands.measure.planning.measurement_plan import Plan
    from archprof.show.table import Table

INTERRUPTED = 130  # the exit code of a shell for a program that Ctrl-C ended


class RunReport(NamedTuple):
    """How a run is written.

    `output` is the file, None for standard output; `tables` and `data` make of a run what is shown
    and what is written as JSON; `page` the whole page, None: the tables are all that there is.
    """

    format: Format
    output: Path | None
    tables: Callable[[dict[str, Any]], list[Table]]
    data: Callable[[dict[str, Any]], dict[str, Any]]
    page: Callable[[dict[str, Any]], str] | None = None

    @property
    def as_json(self) -> bool:
        """Return whether JSON is written: `-o run.json` implies it."""
        if self.format is Format.json:
            return True
        named_json = self.output is not None and self.output.suffix == ".json"
        return self.format is Format.table and named_json

    def keep(self, run: dict[str, Any]) -> None:
        """Write the run so far to the file, if there is one."""
        if self.output is not None:
            self._write(run, self.output)

    def finish(self, run: dict[str, Any], plan: Plan) -> int:
        """Write and show the run as it ended, and return the exit code.

        It is 130 where the run was interrupted, 1 where something could not be measured or
        contradicts itself, else 0.
        """
        rows = run["measurements"]
        if rows:
            self.keep(run)
            self._show(run)
        if not run["complete"]:
            sys.stdout.flush()
            planned = sum(map(len, plan.groups))
            layers = ", the layers not all timed" if len(rows) == planned else ""
            finished = f"{len(rows)} of {planned} measurements were finished"
            whole = f"{finished} and are kept{layers}" if rows else f"{finished}: none is kept"
            print(f"archprof: {whole}", file=sys.stderr)
            return INTERRUPTED
        lost = any(row["status"] in ("failed", "throttled") for row in rows)
        unusable = any(record["contradictions"] for record in (*rows, *run["layers"]))
        return 1 if lost or unusable else 0

    def _show(self, run: dict[str, Any]) -> None:
        """Show the run on standard output; what went to a file as JSON is shown as tables."""
        if self.output is None:
            self._write(run, None)
        elif self.as_json and self.format is Format.table:
            from archprof.show.table import put

            put(self.tables(run), "table", None)

    def _write(self, run: dict[str, Any], output: Path | None) -> None:
        from archprof.show import terminal
        from archprof.show.table import put

        if self.as_json:
            import json

            terminal.emit(json.dumps(self.data(run), indent=1), output)
        elif self.format is Format.html and self.page is not None:
            terminal.emit(self.page(run), output)
        else:
            put(self.tables(run), self.format.value, output)
