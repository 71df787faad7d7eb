"""The figures of `reports/gpu/`: measured on a device, rendered anywhere, as often as needed.

On the device: python benchmarks/gpu_report.py measure --output DIR --budget 240
Anywhere: python benchmarks/gpu_report.py gather reports/gpu/data RUN...
          python benchmarks/gpu_report.py render reports/gpu/data reports/gpu docs/gpu.md
A RUN is a folder that `on_cuda.sh` filled: check.json, and gpu/ with the measured files.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path


def main() -> int:
    """Return 0, or 1 where the budget left something out or a figure is missing."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    commands = parser.add_subparsers(dest="command", required=True)
    measuring = commands.add_parser("measure", help="on the device, into JSON files")
    measuring.add_argument("--device", default="cuda")
    measuring.add_argument("--output", type=Path, required=True)
    measuring.add_argument("--known", type=Path, help="a folder: its rows are not measured again")
    measuring.add_argument("--budget", type=float, default=240, help="seconds")
    measuring.add_argument("--time-limit", type=float, default=0.5, help="seconds for a network")
    gathering = commands.add_parser("gather", help="from the folders of runs, what is kept of them")
    gathering.add_argument("output", type=Path, help="the folder for what is kept")
    gathering.add_argument("runs", type=Path, nargs="+", help="folders, the whole one last")
    rendering = commands.add_parser("render", help="from JSON files, into Markdown")
    rendering.add_argument("measured", type=Path, help="the folder of JSON files")
    rendering.add_argument("reports", type=Path, help="the folder for tables")
    rendering.add_argument("page", type=Path, nargs="?", help="the page that reads them")
    options = parser.parse_args()
    if options.command == "measure":
        from gpu_measure import measure

        return measure(
            options.device, options.output, options.budget, options.time_limit, options.known
        )
    if options.command == "gather":
        from gpu_gather import gather

        return gather(options.output, options.runs)
    from gpu_render import render

    return render(options.measured, options.reports, options.page)


if __name__ == "__main__":
    sys.exit(main())
