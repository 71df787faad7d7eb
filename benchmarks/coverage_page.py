"""The page of what was measured of public models: reports/coverage.md."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from tabulate import tabulate

Row = dict[str, Any]

HEAD = """# Public models, captured

What capture makes of every model of torchvision, one model of every family of timm, and vision
models of Hugging Face's transformers, beside torch's own count of the same module.
Exact means equal to the integer: parameters to `sum(p.numel())`, buffers to their elements, and
MACs to half of what `FlopCounterMode` counts on the meta device under the math attention back end,
which sees every product. Nothing is downloaded, and no weights are made but where it is said.

```sh
python benchmarks/model_coverage.py measure reports/coverage.json --jobs 2
python benchmarks/model_coverage.py peers reports/coverage.json
python benchmarks/model_coverage.py render reports/coverage.json reports/coverage.md
```
"""

PEERS = """## Other tools

MACs of twelve models, and how far each tool is from torch's count; every tool on its own copy of
the network with random weights, in evaluation and without gradients, on one image. Where parameters
differ, that stands behind. `FlopCounterMode` is torch's counter as it comes, on the CPU, where
attention runs in kernels that it does not know.
"""

ALL = """## All models

`own`: layers that are one of archprof's ops. `described`: layers whose cost the table of operators
knows. `unknown`: operators without a row, named; a figure with `≥` lacks them. Seconds are of the
processor: torch.export, then everything that archprof does. `*`: built with weights, for its code
makes tensors on the CPU.
"""


def page(data: dict[str, Any]) -> str:
    """Return the page as Markdown."""
    models = list(data.get("models", {}).values())
    parts = [
        HEAD,
        _summary(models),
        _layers(models),
        _refused([row for row in models if not row["captured"]]),
    ]
    if data.get("peers"):
        parts.append(PEERS + "\n" + _peers(list(data["peers"].values())))
    parts.append(ALL + "\n" + _models([row for row in models if row["captured"]]))
    return "\n".join(parts)


def _table(rows: Iterable[Sequence[Any]], headers: Sequence[str], numbers: int) -> str:
    """Return a table whose columns from `numbers` on are aligned to the right."""
    rows = list(rows)
    align = ["left" if i < numbers else "right" for i in range(len(headers))]
    return tabulate(rows, headers, tablefmt="github", colalign=align, disable_numparse=True) + "\n"


def exact(row: Row, figure: str) -> bool:
    """Whether a captured model's figure is torch's, and no lower bound."""
    lower = figure == "macs" and bool(row["unknown_cost"])
    return row[figure] == row[f"true_{figure}"] and not lower


def _summary(models: Sequence[Row]) -> str:
    rows = []
    for library in ("torchvision", "timm", "transformers"):
        own = [row for row in models if row["target"].startswith(f"{library}:")]
        rows.append([library, *_counts(own)])
    rows.append(["all", *_counts(models)])
    headers = ["", "models", "captured", "params exact", "buffers exact", "MACs exact", "`≥`"]
    return _table(rows, headers, 1)


def _counts(models: Sequence[Row]) -> list[int]:
    captured = [row for row in models if row["captured"]]
    return [
        len(models),
        len(captured),
        *(sum(exact(row, figure) for row in captured) for figure in ("params", "buffers", "macs")),
        sum(bool(row["unknown_cost"]) for row in captured),
    ]


def _layers(models: Sequence[Row]) -> str:
    captured = [row for row in models if row["captured"]]
    own, described = (sum(row[key] for row in captured) for key in ("own", "described"))
    unknown = Counter(name for row in captured for name in row["unknown"])
    total = max(1, own + described + sum(len(row["unknown_cost"]) for row in captured))
    named = ", ".join(f"`{name}` ({count} models)" for name, count in unknown.most_common())
    return (
        f"Of {total:,} layers, {own:,} ({own / total:.0%}) are archprof's own ops and"
        f" {described:,} ({described / total:.0%}) operators that its table describes;"
        f" unknown: {named or 'none'}.\n"
    )


def _refused(refused: Sequence[Row]) -> str:
    if not refused:
        return ""
    rows = [[_name(row), f"`{row['place']}`", _reason(row)] for row in refused]
    text = "## Not captured\n\nWhere the model's code stops, and why.\n\n"
    return text + _table(rows, ["model", "stops at", "why"], 3)


def _reason(row: Row) -> str:
    if "DataDependent" in row["why"]:
        return "the number of boxes depends on the image's data"
    return str(row["why"])


def _name(row: Row) -> str:
    return f"`{row['target']}`{' *' if row.get('with_weights') else ''}"


def _peers(rows: Sequence[Row]) -> str:
    tools = list(rows[0]["tools"])
    headers = ["model", "torch, MACs", "archprof", *(_headed(tool, rows) for tool in tools)]
    lines = []
    for row in rows:
        ours = {"macs": row["macs"], "params": row["params"]}
        cells = [_apart(said, row) for said in (ours, *row["tools"].values())]
        lines.append([_name(row), f"{row['true_macs']:,}", *cells])
    return _table(lines, headers, 1) + "\n" + _wrong(tools, rows)


def _headed(tool: str, rows: Sequence[Row]) -> str:
    versions = {row["tools"][tool].get("version", "not installed") for row in rows}
    return f"{tool} {'/'.join(sorted(versions))}"


def _apart(said: Row, row: Row) -> str:
    if said.get("missing"):
        return "-"
    if "error" in said:
        return "error"
    difference = said["macs"] - row["true_macs"]
    text = "exact"
    if difference and abs(difference) * 10_000 < row["true_macs"]:
        text = f"{difference:+,}"
    elif difference:
        text = f"{difference / row['true_macs']:+.2%}"
    if said["params"] not in (None, row["true_params"]):
        apart = (said["params"] - row["true_params"]) / row["true_params"]
        text += f"; params {apart:+.2%}"
    return text


def _wrong(tools: Sequence[str], rows: Sequence[Row]) -> str:
    lines = []
    for tool in tools:
        said = [(row["tools"][tool], row) for row in rows]
        wrong = sum(s["macs"] != row["true_macs"] for s, row in said if "macs" in s)
        errors = sum("error" in s for s, _ in said)
        lines.append(f"{tool} {wrong}" + (f" and {errors} errors" if errors else ""))
    ours = sum(row["macs"] != row["true_macs"] for row in rows)
    return f"Wrong in MACs, of {len(rows)}: {', '.join(lines)}; archprof {ours}.\n"


def _models(rows: Sequence[Row]) -> str:
    lines = [
        [
            _name(row),
            row["own"],
            row["described"],
            ", ".join(f"`{name}`" for name in row["unknown"]),
            *(_figure(row, figure) for figure in ("params", "macs")),
            f"{row['tracing_seconds']:.2f}",
            f"{row['analysis_seconds']:.2f}",
        ]
        for row in rows
    ]
    headers = ["model", "own", "described", "unknown", "params", "MACs", "export s", "archprof s"]
    return _table(lines, headers, 1)


def _figure(row: Row, figure: str) -> str:
    bound = "≥ " if figure == "macs" and row["unknown_cost"] else ""
    text = f"{bound}{row[figure]:,}"
    true = row[f"true_{figure}"]
    if true is None:
        return f"{text}, torch does not run"
    return text if row[figure] == true else f"{text}, torch {true:,}"
