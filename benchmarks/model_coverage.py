"""What capture makes of public models, beside torch's own count and other tools'.

Measure:   python benchmarks/model_coverage.py measure reports/coverage.json --jobs 2
The tools: python benchmarks/model_coverage.py peers reports/coverage.json
Render:    python benchmarks/model_coverage.py render reports/coverage.json reports/coverage.md

Rows are kept as they are made, and what is there already is not measured again, unless it is named
or `--again` is given. It needs torchvision, timm and transformers, and downloads nothing; the tools
are those that are installed.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

Row = dict[str, Any]
LIMIT = 180.0
"""Seconds for one model."""


def main() -> int:
    """Return 0, or 1 where a model's figures are not torch's."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    commands = parser.add_subparsers(dest="command", required=True)
    for name in ("measure", "peers"):
        command = commands.add_parser(name)
        command.add_argument("data", type=Path, help="the rows, as JSON")
        command.add_argument("targets", nargs="*", help="LIBRARY:NAME, default all that are left")
        command.add_argument("--jobs", type=int, default=2, help="models at a time")
        command.add_argument("--again", action="store_true", help="also those that are there")
    rendering = commands.add_parser("render")
    rendering.add_argument("data", type=Path)
    rendering.add_argument("page", type=Path)
    options = parser.parse_args()
    if options.command == "render":
        from coverage_page import page

        options.page.write_text(page(_read(options.data)), encoding="utf-8")
        return 0
    if options.command == "measure":
        return _measured(options)
    return _beside_peers(options)


def _measured(options: argparse.Namespace) -> int:
    from coverage_row import row
    from public_models import targets

    kept = _kept(options, "models", options.targets or targets(), row)
    return int(any(inexact(found) for found in kept if found["captured"]))


def _beside_peers(options: argparse.Namespace) -> int:
    from coverage_peers import TWELVE, beside

    kept = _kept(options, "peers", options.targets or TWELVE, beside)
    return int(any(inexact(found) for found in kept))


def _kept(
    options: argparse.Namespace, section: str, wanted: Sequence[str], make: Callable[[str], Row]
) -> list[Row]:
    """Return the rows of a section after making those that are wanted and not there yet."""
    from coverage_children import each_in_its_own_process

    data = _read(options.data)
    rows = data.setdefault(section, {})
    renewed = options.again or options.targets
    left = [target for target in wanted if renewed or target not in rows]
    for number, found in enumerate(each_in_its_own_process(make, left, options.jobs, LIMIT), 1):
        rows[found["target"]] = found
        data[section] = dict(sorted(rows.items()))
        options.data.write_text(json.dumps(data, indent=1) + "\n", encoding="utf-8")
        print(f"{number}/{len(left)} {_line(found)}", flush=True)
    return list(rows.values())


def _read(path: Path) -> dict[str, Any]:
    if not path.exists():
        return {}
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return found


def inexact(found: Row) -> list[str]:
    """Return which of a captured model's figures are not torch's; a lower bound is not either."""
    differing = []
    for figure in ("params", "buffers", "macs"):
        if found[f"true_{figure}"] != found[figure]:
            differing.append(figure)
    if found.get("unknown_cost"):
        differing.append("lower bound")
    return differing


def _line(found: Row) -> str:
    if not found["captured"]:
        return f"{found['target']}: not captured, {found['why']} ({found['place']})"
    differing = [
        f"{figure} {found.get(figure)} for {found.get('true_' + figure)}"
        for figure in inexact(found)
    ]
    return f"{found['target']}: {', '.join(differing) or 'exact'}"


if __name__ == "__main__":
    sys.exit(main())
