"""The roadmap from ResNet to ConvNeXt: each step's cost beside what the paper prints for it."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from typing import Any

from archprof import units
from archprof.analysis.analysis import analyze
from archprof.language.expand import expand
from archprof.language.find import find
from archprof.language.loader import specs_folder
from archprof.show.table import Column, Table

SOURCE = "Liu et al. 2022, A ConvNet for the 2020s, arXiv 2201.03545v2"
FATES = {"yes": "", "no": " (tried)", "reference": " (for comparison)"}
TITLES = {
    "t": "Table 10, from ResNet-50 to ConvNeXt-T",
    "b": "Table 11, from ResNet-200 to ConvNeXt-B",
}


@dataclass(frozen=True)
class Step:
    """One row of the paper's table and the network that it is: `gmacs` as printed, `accuracy` in
    percent.
    """

    number: int
    change: str
    network: str
    fate: str  # yes: kept; no: tried; reference: another network, for comparison
    params: int
    macs: int
    gmacs: str
    accuracy: float
    gain: float | None
    note: str

    @property
    def rounded(self) -> str:
        """The MACs in G at the paper's number of digits."""
        return f"{self.macs / 1e9:.{len(self.gmacs.partition('.')[2])}f}"

    @property
    def agrees(self) -> bool:
        return self.rounded == self.gmacs


def regimes() -> dict[str, tuple[str, list[Step]]]:
    """Title and steps of each regime, `t` and `b`. Raises ProblemError."""
    with (specs_folder() / "published" / "convnext_roadmap.csv").open(
        encoding="utf-8", newline=""
    ) as file:
        rows = list(csv.DictReader(file))
    return {
        key: (f"{title} ({SOURCE})", _steps([row for row in rows if row["regime"] == key]))
        for key, title in TITLES.items()
    }


def _steps(rows: list[dict[str, str]]) -> list[Step]:
    steps: list[Step] = []
    before: float | None = None
    for row in rows:
        totals = analyze(expand(find(row["network"])), count="macs").totals
        accuracy = float(row["accuracy"])
        gain = None if before is None else round(accuracy - before, 2)
        steps.append(
            Step(
                int(row["step"]),
                row["change"],
                row["network"],
                row["adopted"],
                totals.params,
                totals.macs,
                row["gmacs"],
                accuracy,
                gain,
                row["note"],
            )
        )
        if row["adopted"] == "yes":  # the next step is taken from the last one that was kept
            before = accuracy
    return steps


def roadmap_table(title: str, steps: list[Step]) -> Table:
    """One row per step; what does not agree, or was remarked on, is explained below."""
    rows = [
        [
            str(s.number),
            s.change + FATES[s.fate],
            units.count(s.params),
            s.rounded,
            s.gmacs,
            "" if s.agrees else "differs",
            f"{s.accuracy:.2f}",
            f"{s.gain:+.2f}" if s.gain is not None else "",
        ]
        for s in steps
    ]
    columns = [
        Column("Step"),
        Column("Change", right=False),
        Column("Params"),
        Column("GMACs"),
        Column("Paper"),
        Column("", right=False, style="red"),
        Column("Top-1"),
        Column("Gain"),
    ]
    remarked = [s for s in steps if s.note or not s.agrees]
    notes = [
        (f"step {s.number}", f"{s.macs / 1e9:.3f} G here, {s.gmacs} G printed: {s.note}")
        for s in remarked
    ]
    return Table(
        columns,
        rows,
        title,
        [
            *notes,
            (
                "Top-1",
                (
                    "accuracy and gain over the last step kept are the paper's: an analysis cannot"
                    " measure them"
                ),
            ),
        ],
    )


def roadmap_data() -> dict[str, Any]:
    """Both regimes as data."""
    return {
        key: {"title": title, "steps": [_data(step) for step in steps]}
        for key, (title, steps) in regimes().items()
    }


def _data(s: Step) -> dict[str, Any]:
    return {
        "step": s.number,
        "change": s.change,
        "network": s.network,
        "adopted": s.fate,
        "params": s.params,
        "macs": s.macs,
        "paper_gmacs": s.gmacs,
        "agrees": s.agrees,
        "paper_accuracy": s.accuracy,
        "note": s.note,
    }
