"""Where the time of networks goes, side by side: by kind of layer and by resolution."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from archprof.analysis.analysis import Analysis
from archprof.analysis.layer_kind import describe_kind
from archprof.commands.compare.comparison import by_stage
from archprof.commands.measure.writing.run_labels import Row, percent, signed_duration
from archprof.show.table import Table, TableColumn

KINDS = 8  # those that take most of the time; the others are added up
GAPS_NOTE = (
    "the whole pass, measured without looking into it, less its layers; negative where it does"
    " with less"
)
INFERENCE_NOTE = (
    "the layers are timed in inference, forward passes alone: the training steps above have more,"
    " whose layers are not timed"
)
HOST_NOTE = (
    "the whole pass is the device's own time, held until the pass is queued; as run, the host"
    " queues while the device works, and the device waits for launches"
)

Labels = Mapping[str, str]
"""By the path of a layer the label of its row."""


def time_by_kind(
    analyses: Sequence[Analysis],
    timed: Sequence[Row],
    names: Sequence[str],
    training: bool = False,
) -> Table:
    """Return the time of a pass by kind of layer, the kinds that take most of it first.

    `timed` has the layers' times of each network, as `layers` of a run. They are of inference,
    which is said where what stands above is of `training` steps.
    """
    labels = [{row.node.path: describe_kind(row) for row in a.layers} for a in analyses]
    table = _TimeTable(labels, analyses, timed)
    kinds = sorted(table.labels(), key=lambda label: -table.largest_share(label))
    rows = [table.row(kind) for kind in kinds[:KINDS]]
    if rest := kinds[KINDS:]:
        rows.append(table.sum_row(f"{len(rest)} other kinds", rest))
    title = f"{_title(timed, training)}, by kind of layer"
    notes = [("gaps", GAPS_NOTE)]
    if table.held:
        notes.append(("whole", HOST_NOTE))
    if training:
        notes.append(("inference", INFERENCE_NOTE))
    return table.table(TableColumn("Kind", right=False), names, rows, title, notes)


def time_by_stage(
    analyses: Sequence[Analysis],
    timed: Sequence[Row],
    names: Sequence[str],
    training: bool = False,
) -> Table:
    """Return the time of a pass by resolution, in the order of the networks' layers."""
    table = _TimeTable([_stages(a) for a in analyses], analyses, timed)
    labels = table.labels()
    rows = [table.row(label) for label in labels[:KINDS]]
    if rest := labels[KINDS:]:
        rows.append(table.sum_row(f"{len(rest)} other kinds", rest))
    title = f"{_title(timed, training)}, by resolution"
    return table.table(TableColumn("Stage", right=False), names, rows, title, [])


def _title(timed: Sequence[Row], training: bool) -> str:
    where = "Where the time of inference goes" if training else "Where the time goes"
    return f"{where} at batch {timed[0]['batch']}"


def _stages(analysis: Analysis) -> dict[str, str]:
    return {
        row.node.path: f"1/{factor}" if factor else "head"
        for factor, rows in by_stage(analysis).items()
        for row in rows
    }


class _TimeTable:
    """The time of each label and its share of the pass, beside its share of the MACs.

    Where the two shares differ, MACs mislead.
    """

    def __init__(
        self, labels: Sequence[Labels], analyses: Sequence[Analysis], timed: Sequence[Row]
    ):
        self.timed = timed
        self.by_path = labels
        self.times = [
            _sums(found, _busy_ms(data)) for found, data in zip(labels, timed, strict=True)
        ]
        self.macs = [
            _sums(found, _mac_shares(analysis))
            for found, analysis in zip(labels, analyses, strict=True)
        ]

    def labels(self) -> list[str]:
        """Return the labels that take time in any network, in the order of the layers."""
        found: dict[str, None] = {}
        for labels in self.by_path:
            found |= dict.fromkeys(labels.values())
        return [label for label in found if any(label in times for times in self.times)]

    def largest_share(self, label: str) -> float:
        """Return the largest share of a pass that a label takes in any of the networks."""
        return max(
            times.get(label, 0.0) / float(data["whole_ms"])
            for times, data in zip(self.times, self.timed, strict=True)
        )

    def row(self, label: str) -> list[str]:
        """Return the row of a label."""
        times = [times.get(label) for times in self.times]
        return [label, *self._cells(times, [macs.get(label) for macs in self.macs])]

    def sum_row(self, text: str, labels: Sequence[str]) -> list[str]:
        """Return one row for several labels."""
        times = [sum(times.get(label, 0.0) for label in labels) for times in self.times]
        macs = [sum(macs.get(label, 0.0) for label in labels) for macs in self.macs]
        return [text, *self._cells(times, macs)]

    def table(
        self,
        first: TableColumn,
        names: Sequence[str],
        rows: list[list[str]],
        title: str,
        notes: Sequence[tuple[str, str]],
    ) -> Table:
        """Return the table, its last rows leading from the layers to the whole pass."""
        none = [None for _ in names]
        wholes = [float(data["whole_ms"]) for data in self.timed]
        gaps = [
            whole - sum(times.values()) for whole, times in zip(wholes, self.times, strict=True)
        ]
        columns = [first]
        for name in names:
            columns += [TableColumn(name, unit="ms"), TableColumn("time"), TableColumn("MACs")]
        between = "gaps, fusion" if self.held else "launch gaps, fusion"
        sums = [
            [between, *self._cells(gaps, none)],
            ["whole pass", *self._cells(wholes, none)],
        ]
        if not self.held:
            return Table(columns, [*rows, *sums], title, notes, totals=1)
        as_run = [data.get("unheld_ms") for data in self.timed]
        waits = [
            None if run is None else run - whole for run, whole in zip(as_run, wholes, strict=True)
        ]
        sums.append(["launch gaps", *self._cells(waits, none)])
        sums.append(["as run", *self._cells(as_run, none)])
        return Table(columns, [*rows, *sums], title, notes, totals=3)

    @property
    def held(self) -> bool:
        """Return whether passes were timed with the device held, and as they run besides."""
        return any(data.get("unheld_ms") is not None for data in self.timed)

    def _cells(self, times: Sequence[float | None], macs: Sequence[float | None]) -> list[str]:
        """Return three cells for each network: its time, the share of its pass and of its MACs."""
        cells: list[str] = []
        for time, share, data in zip(times, macs, self.timed, strict=True):
            if time is None:
                cells += ["-", "-"]
            else:
                cells += [signed_duration(time), percent(time / data["whole_ms"])]
            cells.append(percent(share) if share else "-")
        return cells


def _busy_ms(data: Row) -> list[tuple[str, float]]:
    """Return for each layer, by its path, the milliseconds it takes by itself.

    That is the time of its kernels where they are known, else its window without what the stamps
    take.
    """
    overhead = data["timing_overhead_ms"] / max(1, len(data["layers"]))
    found = []
    for layer in data["layers"]:
        kernels = layer["kernel_ms"]
        found.append((layer["path"], layer["time_ms"] - overhead if kernels is None else kernels))
    return found


def _mac_shares(analysis: Analysis) -> list[tuple[str, float]]:
    """Return for each layer of the main path its share of the network's MACs."""
    total = max(1, analysis.known_totals.macs)
    return [
        (row.node.path, row.known("macs") / total) for row in analysis.layers if not row.node.aux
    ]


def _sums(labels: Labels, values: Iterable[tuple[str, float]]) -> dict[str, float]:
    """Return by label the sum of the values of its layers, which are given by path."""
    found: dict[str, float] = {}
    for path, value in values:
        found[labels[path]] = found.get(labels[path], 0.0) + value
    return found
