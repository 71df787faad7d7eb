"""Tables and a page from what `gpu_report.py measure` wrote: by the tool's own tables."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from gpu_page import filled
from gpu_rows import network_tables

import archprof
from archprof.commands.compare.measured_tables import compared_tables
from archprof.commands.measure.bench_tables import bench_table, bench_tables
from archprof.commands.measure.device_tables import device_tables
from archprof.commands.measure.kept_peaks import Kept
from archprof.commands.measure.memory_tables import memory_table
from archprof.commands.measure.roofline import Peaks
from archprof.commands.measure.run_labels import device_name
from archprof.show.table import Table
from archprof.show.table import render as rendered

Data = dict[str, Any]

PAGE = Path(__file__).with_name("gpu_page.md")
AGAIN = "Rendered by `python benchmarks/gpu_report.py render`; never edited."


def render(measured: Path, reports: Path, page: Path | None) -> int:
    """Write a file of tables for each that was measured, and the page; return 1 for a gap."""
    found = {path.stem: _read(path) for path in sorted(measured.glob("*.json"))}
    reports.mkdir(parents=True, exist_ok=True)
    for name, tables in TABLES.items():
        if name in found:
            body = "\n".join(rendered(table, "md") for table in tables(found[name]["run"]))
            _put(reports / f"{name}.md", TITLES[name], found[name], body)
    if found.get("device", {}).get("json"):
        manifest = next(data["run"]["manifest"] for data in found.values() if "run" in data)
        about = found["device"] | {"run": {"manifest": manifest}}
        body = "\n".join(rendered(table, "md") for table in _device(found["device"]["json"]))
        _put(reports / "device.md", TITLES["device"], about, body)
    if page is None:
        return 0
    text, missing = filled(PAGE.read_text(encoding="utf-8"), found)
    page.write_text(text, encoding="utf-8")
    for name in missing:
        print(f"no figure for {name}")
    return 1 if missing else 0


def _read(path: Path) -> Data:
    data: Data = json.loads(path.read_text(encoding="utf-8"))
    return data


def _put(path: Path, title: str, found: Data, body: str) -> None:
    text = "\n\n".join([f"# {title}", *about(found), AGAIN, body.strip()])
    path.write_text(text + "\n", encoding="utf-8")
    print(path)


def about(found: Data) -> list[str]:
    """Return what was measured on, with what and when, as paragraphs."""
    manifest = found["run"]["manifest"]
    versions, flags = manifest["versions"], manifest["flags"]
    known = [f"{name} {value}" for name, value in versions.items() if value is not None]
    words = [f"Measured {found['measured']} on {device_name(manifest)}.", f"{', '.join(known)}."]
    if found.get("smi"):
        names, values = found["smi"].splitlines()[:2]
        pairs = zip(names.split(", "), values.split(", "), strict=False)
        words.append(f"nvidia-smi: {', '.join(f'{name} {value}' for name, value in pairs)}.")
    words.append(f"Flags: {', '.join(f'{name} {value}' for name, value in flags.items())}.")
    paragraphs = [" ".join(words)]
    if found.get("left_out"):
        paragraphs.append(f"Not measured, for the time was over: {'; '.join(found['left_out'])}.")
    return paragraphs


def _compare(run: Data) -> list[Table]:
    """Return the headline, both networks side by side, then every condition with its row."""
    rows = run["measurements"]
    names = list(dict.fromkeys(row["network"] for row in rows))
    analyses = [archprof.load(name).analyze() for name in names]
    first = rows[0]
    shared = ("dtype", "memory_format", "mode", "train")
    headline = [row for row in rows if all(row[name] == first[name] for name in shared)]
    tables = compared_tables(analyses, names, run | {"measurements": headline})
    return [*tables, *(bench_table(run | {"measurements": part}) for part in _parts(rows))]


def _parts(rows: Sequence[Data]) -> list[list[Data]]:
    """Return the rows by dtype and format, in the order of their first."""
    parts: dict[tuple[str, str], list[Data]] = {}
    for row in rows:
        parts.setdefault((row["dtype"], row["memory_format"]), []).append(row)
    return list(parts.values())


def _layers(run: Data) -> list[Table]:
    return [table for by in ("op", "block") for table in bench_tables(run, by)[1:]]


def _memory(run: Data) -> list[Table]:
    parts = [
        [row for row in run["memory"] if row["part"] == part] for part in ("inference", "training")
    ]
    tables = [memory_table(rows) for rows in parts if rows]
    for training in (False, True):
        rows = [row for row in run["measurements"] if row["train"] == training]
        if rows:
            tables.append(bench_table(run | {"measurements": rows}))
    return tables


def _device(data: Data) -> list[Table]:
    """Return the tables of `archprof device` from its JSON."""
    kept = [Kept(_peaks(one), None, True, tuple(one["notes"])) for one in data["peaks"]]
    return device_tables(data["device"], kept, data["left_out"])


def _peaks(data: Data) -> Peaks:
    return Peaks(
        data["device"],
        data["dtype"],
        data["flops_per_s"],
        data["copy_bytes_per_s"],
        tuple((one["bytes"], one["bytes_per_s"]) for one in data["transfers"]),
        data["launch_us"] / 1e6,
        data["graph_launch_us"] and data["graph_launch_us"] / 1e6,
        tuple((one["memory_format"], one["flops_per_s"]) for one in data["convolutions"]),
    )


TABLES: dict[str, Callable[[Data], list[Table]]] = {
    "compare": _compare,
    "networks": network_tables,
    "layers": _layers,
    "memory": _memory,
}

TITLES = {
    "compare": "ResNet-50 against ConvNeXt-T",
    "networks": "The lectures' networks",
    "layers": "Where the time goes",
    "memory": "Memory, predicted and measured",
    "device": "Rooflines",
}
