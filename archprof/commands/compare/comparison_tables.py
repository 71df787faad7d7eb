"""A comparison as tables: totals with ratios, stage by stage, kinds of layers, and changes."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from archprof import units
from archprof.analysis.analysis import Analysis
from archprof.analysis.totals import Sum
from archprof.commands.compare.comparison import (
    Stage,
    StructureDifference,
    kinds,
    stages,
    structure_difference,
)
from archprof.commands.compare.comparison_data import known_part, named, shown_quantities, with_step
from archprof.show.field import extent_text
from archprof.show.resized import resized_data, resized_notes
from archprof.show.sums import sum_text, unknown_notes
from archprof.show.table import Table, TableColumn

DROPS = {
    "buffers": 8,
    "bytes moved": 7,
    "saved": 6,
    "outputs": 5,
    "weights": 4,
    "training": 3,
    "FLOPs": 2,
    "peak inference": 1,
    "step FLOPs": 2,
}
"""The quantities that a narrow terminal leaves out, the highest number first."""


RATIO_NOTE = "MACs are what papers call FLOPs"


def comparison_tables(analyses: Sequence[Analysis]) -> list[Table]:
    """Return totals, stages, layers by kind and, of each network against the first, the changes."""
    names = named(analyses)
    totals = _many(analyses, names) if len(analyses) > 2 else _two(analyses, names)
    notes = [
        (label, f"{name}: {text}")
        for name, a in zip(names, analyses, strict=True)
        for label, text in [
            *unknown_notes(a.totals.unknown),
            *resized_notes(resized_data(a.graph), a.graph.input),
        ]
    ]
    return [
        totals._replace(notes=[*totals.notes, *_step_notes(analyses), *notes]),
        _stages(analyses, names),
        _kinds(analyses, names),
        *(
            _changes(structure_difference(analyses[0], other), names[0], name)
            for name, other in zip(names[1:], analyses[1:], strict=True)
        ),
    ]


def _step_notes(analyses: Sequence[Analysis]) -> list[tuple[str, str]]:
    """Return how the step of training is run, where one is asked about."""
    words = analyses[0].step
    if words is None or not with_step(analyses):
        return []
    parts = [f"with {words.optimizer}"]
    if words.amp:
        parts.append(f"AMP {words.amp}")
    if words.checkpoint:
        parts.append(f"checkpointed: {words.checkpoint}")
    if words.accumulate > 1:
        parts.append(f"{words.accumulate} batches for an update")
    return [("step", f"of training {', '.join(parts)}, on {words.device}")]


def _many(analyses: Sequence[Analysis], names: list[str]) -> Table:
    """Return the totals of more than two networks: a row each, with ratios to the first."""
    first = analyses[0]
    quantities = shown_quantities(analyses)
    rows = []
    for name, analysis in zip(names, analyses, strict=True):
        row = [name]
        for _, attribute, text in quantities:
            row.append(_total_and_ratio(analysis, first, attribute, text))
        rows.append([*row, extent_text(analysis.totals.extent), units.shape(analysis.graph.input)])
    columns = [
        TableColumn("Network", right=False),
        *(TableColumn(label, drop=DROPS.get(label, 0)) for label, _, _ in quantities),
        TableColumn("field"),
        TableColumn("input", drop=9),
    ]
    notes = [("ratio", f"in brackets, to {names[0]}; {RATIO_NOTE}")]
    return Table(
        columns, rows, f"{len(names)} networks · batch {first.batch} · {first.dtype}", notes
    )


def _total_and_ratio(
    analysis: Analysis, first: Analysis, name: str, text: Callable[[int], str]
) -> str:
    """Return a total as text, of all networks but the first with its ratio to that in brackets."""
    total = sum_text(text, known_part(analysis, name))
    if isinstance(total, units.Inexact):
        return total
    ratio = ""
    if analysis is not first and known_part(first, name).known:
        ratio = f" ({_ratio_of_totals(analysis, first, name)})"
    return total + ratio


def _two(analyses: Sequence[Analysis], names: list[str]) -> Table:
    """Return the totals of two networks, side by side with their ratio."""
    first, second = analyses
    rows = []
    for label, attribute, text in shown_quantities(analyses):
        cells = [sum_text(text, known_part(analysis, attribute)) for analysis in analyses]
        rows.append([label, *cells, _ratio_of_totals(second, first, attribute)])
    extents = [extent_text(a.totals.extent) for a in analyses]
    rows.append(["receptive field", *extents, _ratio_of_fields(first, second)])
    rows.append(["input", *(units.shape(a.graph.input) for a in analyses), ""])
    columns = [
        TableColumn("", right=False),
        TableColumn(names[0]),
        TableColumn(names[1]),
        TableColumn("ratio", style="cyan"),
    ]
    title = f"{' against '.join(names)} · batch {first.batch} · {first.dtype}"
    return Table(columns, rows, title, [("ratio", f"to {names[0]}; {RATIO_NOTE}")])


def _ratio(value: int, base: int) -> str:
    return units.ratio(value, base) if base else "-"


def _ratio_of_totals(one: Analysis, other: Analysis, name: str) -> str:
    """Return the ratio of a total of two networks, ? where it lacks layers of either."""
    found, base = known_part(one, name), known_part(other, name)
    if not (found.complete and base.complete):
        return units.UNKNOWN
    return _ratio(found.known, base.known)


def _ratio_of_fields(first: Analysis, second: Analysis) -> str:
    """Return the ratio of the receptive fields' heights, "-" where one sees all of its input."""
    fields = [analysis.totals.receptive_field for analysis in (first, second)]
    local = all(analysis.totals.extent.sees == "local" for analysis in (first, second))
    if not local or fields[0] is None or fields[1] is None:
        return "-"
    return _ratio(fields[1][0], fields[0][0])


def _stages(analyses: Sequence[Analysis], names: list[str]) -> Table:
    """Return what each network spends at each resolution; of more than two the MACs alone."""
    found = [{stage.factor: stage for stage in stages(a)} for a in analyses]
    known = {factor for by_factor in found for factor in by_factor}
    factors: list[int | None] = [*sorted(factor for factor in known if factor is not None)]
    if None in known:
        factors.append(None)
    rows = []
    for factor in factors:
        row = [f"1/{factor}" if factor else "head"]
        for by_factor in found:
            cells = _stage_cells(by_factor.get(factor))
            row += cells if len(analyses) == 2 else cells[1:2]
        rows.append(row)
    if len(analyses) > 2:
        columns = [TableColumn("Stage", right=False), *(TableColumn(name) for name in names)]
        return Table(columns, rows, "MACs stage by stage, by resolution")
    columns = [TableColumn("Stage", right=False)]
    for name in names:
        columns += [TableColumn(name), TableColumn("MACs"), TableColumn("params")]
    return Table(columns, rows, "Stage by stage, by resolution")


def _stage_cells(stage: Stage | None) -> list[str]:
    """Return what a stage consists of, its MACs and its params."""
    if stage is None:
        return ["-", "-", "-"]
    return [
        f"{units.number_of(stage.layers, 'layer')}, {units.shape(stage.output)}",
        sum_text(units.count, Sum(stage.macs, stage.complete)),
        units.count(stage.params),
    ]


def _kinds(analyses: Sequence[Analysis], names: list[str]) -> Table:
    rows = [[kind, *(str(n or "-") for n in counts)] for kind, counts in kinds(analyses).items()]
    columns = [TableColumn("Layers of a kind", right=False), *(TableColumn(name) for name in names)]
    return Table(columns, rows, "What they are made of")


def _changes(found: StructureDifference, first: str, second: str) -> Table:
    """Return the changes from one network to another."""
    rows = []
    for name, before, after in found.parameters:
        rows.append([f"parameter {name}", f"{_value(before)} -> {_value(after)}", "", "", ""])
    for change in found.changes:
        how = ", ".join(
            f"{name} {_value(before)} -> {_value(after)}" for name, before, after in change.settings
        )
        where = units.some(change.paths, 1)
        rows.append([change.kind, how, where, _signed(change.params), _signed(change.macs)])
    gone_and_new = (("gone", -1, found.only_first), ("new", 1, found.only_second))
    for what, sign, only in () if found.same else gone_and_new:
        for kind, n, params, macs in only:
            layers = units.number_of(n, "layer")
            shown = None if macs is None else sign * macs
            rows.append([kind, what, layers, _signed(sign * params), _signed(shown)])
    columns = [
        TableColumn("What", right=False),
        TableColumn("Change", right=False, wraps=True),
        TableColumn("Where", right=False, wraps=True),
        TableColumn("params"),
        TableColumn("MACs"),
    ]
    stand = "stands" if found.shared == 1 else "stand"
    shared = f"{units.number_of(found.shared, 'layer')} {stand} under the same path in both"
    if found.renamed:
        shared += f"; {units.number_of(found.renamed, 'layer')} under another"
    notes = [("shared", shared)]
    if found.same:
        notes = [("same", f"the same network, layer by layer; {shared}")]
    return Table(columns, rows, f"From {first} to {second}", notes)


def _signed(value: int | None) -> str:
    """Return a change as text, as in every format: +1.23 K, "-" for none, ? where unknown."""
    if value is None:
        return units.UNKNOWN
    if not value:
        return "-"
    sign = "+" if value > 0 else "-"
    return f"{sign}{units.count(abs(value))}"


def _value(value: object) -> str:
    """Return a setting as text: true, 3x3, 64."""
    if isinstance(value, bool):
        return str(value).lower()
    return "x".join(map(str, value)) if isinstance(value, tuple) else str(value)
