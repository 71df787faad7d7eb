"""What `on_cuda.py` checked on a device, as tables, and what became of the checks that failed."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

from archprof.show.table import Table, TableColumn

Data = dict[str, Any]

COMPARED = re.compile(r"^(.*): (\S+) against (\S+) \((\S+ %), (within [\d.]+ %)\)$")
RANGED = re.compile(r"^(.*): (\S+), (from \S+ to \S+)$")
ROW = re.compile(r"^(\w+) b(\d+) (\w+) (\w+) (\w+)( training)?: measured (.*)$")
LAYERS = re.compile(r"^(\w+) b(\d+): (\d+) layers, kernels of \d+ ([\d.]+) ms, .*whole ([\d.]+)")
LONGEST = 110  # characters of a check

DONE = [
    (
        r"torch's own counter",
        "The check was wrong: it counted cuBLAS's workspace of 32 MiB, made once for a process, as"
        " the network's. Corrected: the same checks of run 3 are ok.",
    ),
    (
        r"faster than their roofline",
        "The rooflines were too slow in two ways: of what a layer reads some still lies in the"
        " cache, and a 1x1 convolution with stride 2 reads a quarter of its input. Corrected: in"
        " run 3 none is faster.",
    ),
    (
        r"needs more than 500 MB|^0 of 2 rows",
        "archprof was wrong: it counted the import of torch, larger where it has CUDA, as memory of"
        " the network, and refused a captured one. Corrected: the same checks of run 4 are ok.",
    ),
    (
        r"ViT-B/16 in float8: the outputs",
        "The check was wrong: the head of this ViT begins with zeros, and so do its outputs."
        " Corrected: Swin-T's, in run 4, are ok.",
    ),
    (
        r"^exit 1|the earlier half of the runs took",
        "No fault: the host, which shares its machine, changed its speed within the second that"
        " was measured, and archprof called the row unusable, as it should. The checks take the"
        " rows of a host that is busy for half of the device's time or more as a note now.",
    ),
]
"""What a failed check has in its text, and what was done about it since."""


def checks_tables(data: Data) -> list[Table]:
    """Return the checks with their two figures, the failures with their answers, what was left."""
    runs = data["runs"]
    lines = [line | {"run": run["run"]} for run in runs for line in run["lines"]]
    checks = [line for line in lines if line["kind"] in ("ok", "FAIL")]
    tables = [_checks(checks), _failed([line for line in checks if line["kind"] == "FAIL"])]
    steps = [line for line in lines if line["part"] == "training"]
    steps = [line for line in steps if "training: measured" in line["text"]]
    if steps:
        tables.append(_steps(steps))
    ran = {line["part"] for line in checks}
    left = [line["part"] for line in lines if line["kind"] == "skip" and line["part"] not in ran]
    if left:
        names = ", ".join(dict.fromkeys(left))
        tables.append(
            Table([TableColumn("Left out, for the time was over", right=False)], [[names]])
        )
    return tables


def _checks(lines: Sequence[Data]) -> Table:
    columns = [
        TableColumn("Run"),
        *(TableColumn(name, right=False) for name in ("Part", "Check", "")),
        *(TableColumn(name) for name in ("Found", "Against", "Apart", "Allowed")),
    ]
    body = [[str(line["run"]), line["part"], *_cells(line)] for line in lines]
    counts = {kind: sum(line["kind"] == kind for line in lines) for kind in ("ok", "FAIL")}
    return Table(columns, body, f"Checks: {counts['ok']} ok, {counts['FAIL']} FAIL")


def _cells(line: Data) -> list[str]:
    """Return what was checked, its result, and its figures."""
    compared, ranged = COMPARED.match(line["text"]), RANGED.match(line["text"])
    if compared:
        what, *figures = compared.groups()
        return [what, line["kind"], *figures]
    if ranged:
        what, found, allowed = ranged.groups()
        return [what, line["kind"], found, "-", "-", allowed]
    text = line["text"]
    if len(text) > LONGEST:
        text = text[:LONGEST].rsplit(" ", 1)[0] + " …"
    return [text, line["kind"], *["-"] * 4]


def answer(text: str) -> str | None:
    """Return what was done about a failed check, None where nothing is known."""
    return next((done for pattern, done in DONE if re.search(pattern, text)), None)


def _failed(lines: Sequence[Data]) -> Table:
    found: dict[str, list[str]] = {}
    for line in lines:
        done = answer(line["text"]) or "Not explained."
        found.setdefault(done, []).append(_cells(line)[0])
    body = [["; ".join(names), done] for done, names in found.items()]
    columns = [
        TableColumn("FAIL", right=False),
        TableColumn("What it was, and what was done", right=False),
    ]
    return Table(columns, body, "What failed, and why")


def _steps(lines: Sequence[Data]) -> Table:
    columns = [
        TableColumn("Run"),
        TableColumn("Training step", right=False),
        TableColumn("Latency"),
    ]
    rows = [(line["run"], ROW.match(line["text"])) for line in lines]
    body = [
        [str(run), row[0].partition(":")[0], f"{_figures(row[7])['latency_ms']} ms"]
        for run, row in rows
        if row
    ]
    return Table(columns, body, "Training steps")


def noted(data: Data) -> Iterator[Data]:
    """Yield what `on_cuda.py` measured itself, as rows: its notes are all that there is of them."""
    for run in data["runs"]:
        for line in run["lines"]:
            row, layers = ROW.match(line["text"]), LAYERS.match(line["text"])
            if row:
                name, batch, dtype, memory_format, mode, training, figures = row.groups()
                yield {
                    "network": name,
                    "batch": int(batch),
                    "dtype": dtype,
                    "memory_format": memory_format,
                    "mode": f"{mode}-training" if training else mode,
                } | _figures(figures)
            elif layers:
                yield {
                    "network": layers[1],
                    "batch": int(layers[2]),
                    "mode": "layers",
                    "layers": int(layers[3]),
                    "kernels_ms": float(layers[4]),
                    "whole_ms": float(layers[5]),
                }


def _figures(text: str) -> Data:
    """Return the fields of a row as `cuda_checks.row_figures` wrote them."""
    pairs = [part.partition(" ") for part in text.split(", ")]
    return {name: _number(value) for name, _, value in pairs if value}


def _number(text: str) -> Any:
    try:
        return float(text)
    except ValueError:
        return text
