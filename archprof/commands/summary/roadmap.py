"""The roadmap from ResNet to ConvNeXt: each step's cost beside what the paper prints for it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from archprof import units
from archprof.analysis.analysis import analyze
from archprof.language.expand import expand
from archprof.language.find import find
from archprof.language.published import published_rows
from archprof.show.table import Table, TableColumn

SOURCE = "Liu et al. 2022, A ConvNet for the 2020s, arXiv 2201.03545v2"
FATES = {"yes": "", "no": " (tried)", "reference": " (for comparison)"}
TITLES = {
    "t": "Table 10, from ResNet-50 to ConvNeXt-T",
    "b": "Table 11, from ResNet-200 to ConvNeXt-B",
}


@dataclass(frozen=True)
class RoadmapStep:
    """A row of the paper's table, with the network that it is.

    `gmacs` is as printed, `accuracy` in percent; `fate` is "yes" for a step that was kept, "no" for
    one that was tried, "reference" for another network that is only compared.
    """

    number: int
    change: str
    network: str
    fate: str
    params: int
    macs: int
    gmacs: str
    accuracy: float
    gain: float | None
    note: str

    @property
    def rounded(self) -> str:
        """Return the MACs in G, with the paper's number of digits."""
        return f"{self.macs / 1e9:.{len(self.gmacs.partition('.')[2])}f}"

    @property
    def agrees(self) -> bool:
        """Return whether the paper prints the same MACs."""
        return self.rounded == self.gmacs


def regimes() -> dict[str, tuple[str, list[RoadmapStep]]]:
    """Return title and steps of each regime, `t` and `b`. Raises ProblemError."""
    rows = published_rows("convnext_roadmap")
    return {
        key: (f"{title} ({SOURCE})", _steps([row for row in rows if row["regime"] == key]))
        for key, title in TITLES.items()
    }


def _steps(rows: list[dict[str, str]]) -> list[RoadmapStep]:
    steps: list[RoadmapStep] = []
    before: float | None = None
    for row in rows:
        totals = analyze(expand(find(row["network"])), count="macs").known_totals
        accuracy = float(row["accuracy"])
        gain = None if before is None else round(accuracy - before, 2)
        steps.append(
            RoadmapStep(
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


def roadmap_table(title: str, steps: list[RoadmapStep]) -> Table:
    """Return a row for each step; the notes explain what does not agree, and have remarks."""
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
        TableColumn("Step"),
        TableColumn("Change", right=False),
        TableColumn("Params"),
        TableColumn("GMACs"),
        TableColumn("Paper"),
        TableColumn("", right=False, style="red"),
        TableColumn("Top-1"),
        TableColumn("Gain"),
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
    """Return both regimes as data."""
    return {
        key: {"title": title, "steps": [_data(step) for step in steps]}
        for key, (title, steps) in regimes().items()
    }


def _data(s: RoadmapStep) -> dict[str, Any]:
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
