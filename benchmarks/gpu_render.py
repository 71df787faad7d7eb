"""Tables and a page from what `gpu_report.py measure` wrote: by the tool's own tables."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from gpu_checks import checks_tables, noted
from gpu_page import filled
from gpu_roofs import peaks_of, roofline_tables, with_rooflines
from gpu_rows import float8_table, headline_table, network_tables, requested_table

import archprof
from archprof.commands.compare.measured_tables import compared_tables
from archprof.commands.measure.device.tables import device_tables
from archprof.commands.measure.judging.consistency import Inconsistency
from archprof.commands.measure.judging.roofline import Peaks
from archprof.commands.measure.writing.bench_tables import bench_table, bench_tables
from archprof.commands.measure.writing.memory_tables import memory_table
from archprof.commands.measure.writing.run_labels import device_name
from archprof.show.table import Table
from archprof.show.table import render as rendered

Data = dict[str, Any]

PAGE = Path(__file__).with_name("gpu_page.md")
AGAIN = "Rendered by `python benchmarks/gpu_report.py render`; never edited."


def render(measured: Path, reports: Path, page: Path | None) -> int:
    """Write a file of tables for each that was measured, and the page; return 1 for a gap."""
    found = {path.stem: _read(path) for path in sorted(measured.glob("*.json"))}
    # a file whose time was over before its first row has nothing to show
    found = {name: data for name, data in found.items() if _rows(data) != []}
    reports.mkdir(parents=True, exist_ok=True)
    for name, tables_of in TABLES.items():
        if name in found:
            _put(
                reports / f"{name}.md",
                TITLES[name],
                about(found[name]),
                tables_of(found[name]["run"]),
            )
    tables: dict[str, str] = {}
    if found.get("checks", {}).get("runs"):
        found["noted"] = _write_checks(reports, found["checks"])
    runs = [data["run"] for data in found.values() if "measured" in data and "run" in data]
    if "device" in found and runs:
        of_device = about(found["device"] | {"run": runs[0]})
        _put(reports / "device.md", TITLES["device"], of_device, _device(found["device"]["json"]))
    if "device" in found and "networks" in found:
        found["rooflines"] = _write_rooflines(reports, found["networks"], found["device"]["json"])
        memory = found["networks"]["run"]["memory"]
        tables["requested"] = rendered(requested_table(memory), "md")
    if "compare" in found:
        headline = headline_table(found["compare"]["run"]["measurements"])
        tables["headline"] = rendered(headline, "md")
    if "float8" in found:
        rows = found["float8"]["run"]["measurements"]
        tables["float8"] = rendered(float8_table(rows), "md")
    if page is None:
        return 0
    text, missing = filled(PAGE.read_text(encoding="utf-8"), found, tables)
    page.write_text(text, encoding="utf-8")
    for name in missing:
        print(f"no figure for {name}")
    return 1 if missing else 0


def _read(path: Path) -> Data:
    data: Data = json.loads(path.read_text(encoding="utf-8"))
    return data


def _write_checks(reports: Path, checks: Data) -> Data:
    """Write what was checked; return what the checks measured themselves, as a run."""
    _put(reports / "checks.md", TITLES["checks"], [_runs(checks)], checks_tables(checks))
    return {"run": {"measurements": list(noted(checks))}}


def _write_rooflines(reports: Path, networks: Data, device: Data) -> Data:
    """Write the least times of networks; return their rows with these, as a run."""
    rows = with_rooflines(networks["run"]["measurements"], device)
    _put(reports / "rooflines.md", TITLES["rooflines"], about(networks), roofline_tables(rows))
    return {"run": networks["run"] | {"measurements": rows}}


def _rows(data: Data) -> Any:
    """Return the measurements of a file; None for one that has none by its kind."""
    return data["run"]["measurements"] if "run" in data else None


def _runs(checks: Data) -> str:
    """Return which runs of `on_cuda.py` the checks are of."""
    devices = {f"{run['device']}, torch {run['torch']}" for run in checks["runs"]}
    return f"Checks of `python benchmarks/on_cuda.py` on {'; '.join(sorted(devices))}."


def _put(path: Path, title: str, paragraphs: Sequence[str], tables: Sequence[Table]) -> None:
    body = "\n".join(rendered(table, "md") for table in tables)
    text = "\n\n".join([f"# {title}", *paragraphs, AGAIN, body.strip()])
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
    words.append(f"Flags: {', '.join(f'{name} {_plain(value)}' for name, value in flags.items())}.")
    paragraphs = [" ".join(words)]
    paragraphs += [f"Withheld: {reason}." for reason in found.get("withheld", ())]
    if found.get("left_out"):
        paragraphs.append(
            f"Not measured, for the time was over: {_by_condition(found['left_out'])}."
        )
    return paragraphs


def _by_condition(names: Sequence[str]) -> str:
    """Return names of measurements, `resnet50 b1 bfloat16 channels_last eager`, by condition."""
    networks: dict[str, list[str]] = {}
    for name in names:
        network, _, condition = name.partition(" ")
        networks.setdefault(condition, []).append(network)
    return "; ".join(f"{condition}: {', '.join(found)}" for condition, found in networks.items())


def _plain(value: object) -> str:
    return "/".join(map(str, value)) if isinstance(value, list) else str(value)


def _compare(run: Data) -> list[Table]:
    """Return the headline, both networks side by side, then every condition with its row."""
    rows = run["measurements"]
    names = list(dict.fromkeys(row["network"] for row in rows))
    first = rows[0]
    analyses = [
        archprof.load(name).analyze(dtype="float32" if first["dtype"] == "tf32" else first["dtype"])
        for name in names
    ]
    shared = ("dtype", "memory_format", "mode", "train")
    headline = [row for row in rows if all(row[name] == first[name] for name in shared)]
    tables = compared_tables(analyses, names, run | {"measurements": headline})
    return [
        headline_table(rows),
        *tables,
        *(bench_table(run | {"measurements": part}) for part in _parts(rows)),
    ]


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
    return [memory_table(rows) for rows in parts if rows]


class _Read(NamedTuple):
    """The peaks of a dtype as its table takes them: `kept_peaks.Kept`, which imports torch."""

    peaks: Peaks
    path: None
    read: bool
    notes: tuple[str, ...]
    contradictions: tuple[Inconsistency, ...]
    partial: bool


def _device(data: Data) -> list[Table]:
    """Return the tables of `archprof device` from its JSON."""
    kept = []
    for one in data["peaks"]:
        faults = tuple(Inconsistency(**fault) for fault in one["contradictions"])
        kept.append(_Read(peaks_of(one), None, False, tuple(one["notes"]), faults, one["partial"]))
    return device_tables(data["device"], kept, data["left_out"])  # type: ignore[arg-type]


TABLES: dict[str, Callable[[Data], list[Table]]] = {
    "compare": _compare,
    "networks": network_tables,
    "eager": network_tables,
    "layers": _layers,
    "memory": _memory,
    "float8": lambda run: [bench_table(run)],
    "captured": lambda run: [bench_table(run)],
}

TITLES = {
    "compare": "ResNet-50 against ConvNeXt-T",
    "networks": "The lectures' networks",
    "eager": "Networks without a graph",
    "layers": "Where the time goes",
    "memory": "Memory, predicted and measured",
    "float8": "Linear layers in float8",
    "captured": "A captured module beside the spec of the same network",
    "device": "What the device reaches",
    "rooflines": "The least time by rooflines, and the time taken",
    "checks": "What was checked on the device",
}
