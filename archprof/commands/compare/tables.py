"""A comparison as tables and data: totals with ratios, stage by stage, and what differs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from archprof import units
from archprof.analysis.analysis import Analysis
from archprof.commands.compare.comparison import Difference, Stage, difference, kinds, stages
from archprof.show.field import extent_text
from archprof.show.resized import resized_data, resized_notes
from archprof.show.table import Column, Table

QUANTITIES = (
    ("params", "params", units.count),
    ("buffers", "buffers", units.count),
    ("MACs", "macs", units.count),
    ("FLOPs", "flops", units.count),
    ("depth", "depth", str),
    ("weights", "weight_bytes", units.size),
    ("outputs", "sum_outputs_bytes", units.size),
    ("peak inference", "peak_inference_bytes", units.size),
    ("saved", "saved_bytes", units.size),
    ("training", "training_bytes", units.size),
    ("bytes moved", "bytes_moved", units.size),
)

DROPS = {
    "buffers": 8,
    "bytes moved": 7,
    "saved": 6,
    "outputs": 5,
    "weights": 4,
    "training": 3,
    "FLOPs": 2,
    "peak inference": 1,
}
"""Which quantities a narrow terminal does without, the highest first."""


def _ratio(value: int, base: int) -> str:
    return f"{value / base:.2f}" if base else "-"


def _local(*analyses: Analysis) -> bool:
    """Return whether all of these see only part of their input, so that the sizes can be
    compared.
    """
    return all(analysis.totals.extent.sees == "local" for analysis in analyses)


def named(analyses: Sequence[Analysis]) -> list[str]:
    """The networks' names; the input too where the inputs differ, a number where a name stands
    twice.
    """
    names = [a.graph.network.name for a in analyses]
    return [name if names.count(name) == 1 else f"{name} #{i + 1}" for i, name in enumerate(names)]


def comparison_tables(analyses: Sequence[Analysis]) -> list[Table]:
    """Totals; stages; layers by kind; and, of each network against the first, what changed."""
    names = named(analyses)
    totals = _totals(analyses, names)
    notes = [
        (label, f"{name}: {text}")
        for name, a in zip(names, analyses, strict=True)
        for label, text in resized_notes(resized_data(a.graph), a.graph.input)
    ]
    return [
        totals._replace(notes=[*totals.notes, *notes]),
        _stages(analyses, names),
        _kinds(analyses, names),
        *(
            _changes(difference(analyses[0], other), names[0], name)
            for name, other in zip(names[1:], analyses[1:], strict=True)
        ),
    ]


def _many(analyses: Sequence[Analysis], names: list[str]) -> Table:
    """More than two networks: one row each, what differs from the first with its ratio."""
    first = analyses[0]
    rows = []
    for name, analysis in zip(names, analyses, strict=True):
        row = [name]
        for _, attribute, text in QUANTITIES:
            value, base = getattr(analysis.totals, attribute), getattr(first.totals, attribute)
            row.append(
                text(value)
                + (f" ({_ratio(value, base)})" if analysis is not first and base else "")
            )
        rows.append([*row, extent_text(analysis.totals.extent), units.shape(analysis.graph.input)])
    columns = [
        Column("Network", right=False),
        *(Column(label, drop=DROPS.get(label, 0)) for label, _, _ in QUANTITIES),
        Column("field"),
        Column("input", drop=9),
    ]
    notes = [("ratio", f"in brackets, to {names[0]}; MACs are what papers call FLOPs")]
    return Table(
        columns, rows, f"{len(names)} networks · batch {first.batch} · {first.dtype}", notes
    )


def _totals(analyses: Sequence[Analysis], names: list[str]) -> Table:
    if len(analyses) > 2:
        return _many(analyses, names)
    columns = [
        Column("", right=False),
        Column(names[0]),
        *(c for name in names[1:] for c in (Column(name), Column("ratio", style="cyan"))),
    ]
    rows = []
    for label, attribute, text in QUANTITIES:
        values = [getattr(a.totals, attribute) for a in analyses]
        rows.append(
            [
                label,
                text(values[0]),
                *(cell for v in values[1:] for cell in (text(v), _ratio(v, values[0]))),
            ]
        )
    first = analyses[0]
    fields = [a.totals.receptive_field for a in analyses]
    seen = []
    for analysis, field in zip(analyses, fields, strict=True):
        ratio = (
            _ratio(field[0], fields[0][0])
            if field and fields[0] and _local(analysis, first)
            else "-"
        )
        seen.append((extent_text(analysis.totals.extent), ratio))
    rows.append(
        [
            "receptive field",
            *(cell for i, cells in enumerate(seen) for cell in cells[: 1 + (i > 0)]),
        ]
    )
    rows.append(
        [
            "input",
            *(
                cell
                for i, a in enumerate(analyses)
                for cell in (units.shape(a.graph.input), "")[: 1 + (i > 0)]
            ),
        ]
    )
    title = f"{' against '.join(names)} · batch {first.batch} · {first.dtype}"
    return Table(
        columns, rows, title, [("ratio", f"to {names[0]}; MACs are what papers call FLOPs")]
    )


def _stages(analyses: Sequence[Analysis], names: list[str]) -> Table:
    found = [{s.factor: s for s in stages(a)} for a in analyses]
    factors = sorted({f for s in found for f in s if f is not None}) + (
        [None] if any(None in s for s in found) else []
    )
    if len(analyses) > 2:
        rows = [
            [
                f"1/{factor}" if factor else "head",
                *(units.count(s[factor].macs) if factor in s else "-" for s in found),
            ]
            for factor in factors
        ]
        return Table(
            [Column("Stage", right=False), *(Column(name) for name in names)],
            rows,
            "MACs stage by stage, by resolution",
        )
    columns = [Column("Stage", right=False)] + [
        c for name in names for c in (Column(name), Column("MACs"), Column("params"))
    ]
    rows = []
    for factor in factors:
        row = [f"1/{factor}" if factor else "head"]
        for stage in (s.get(factor) for s in found):
            row += _stage(stage) if stage else ["-", "-", "-"]
        rows.append(row)
    return Table(columns, rows, "Stage by stage, by resolution")


def _stage(stage: Stage) -> list[str]:
    return [
        f"{units.number_of(stage.layers, 'layer')}, {units.shape(stage.output)}",
        units.count(stage.macs),
        units.count(stage.params),
    ]


def _kinds(analyses: Sequence[Analysis], names: list[str]) -> Table:
    rows = [[kind, *(str(n or "-") for n in counts)] for kind, counts in kinds(analyses).items()]
    return Table(
        [Column("Layers of a kind", right=False), *(Column(name) for name in names)],
        rows,
        "What they are made of",
    )


def _changes(found: Difference, first: str, second: str) -> Table:
    rows = []
    for name, before, after in found.parameters:
        rows.append([f"parameter {name}", f"{_value(before)} -> {_value(after)}", "", "", ""])
    for change in found.changes:
        where = change.paths[0] + (
            f" and {len(change.paths) - 1} more" if len(change.paths) > 1 else ""
        )
        how = ", ".join(
            f"{name} {_value(before)} -> {_value(after)}" for name, before, after in change.settings
        )
        rows.append([change.kind, how, where, _signed(change.params), _signed(change.macs)])
    for what, sign, only in (("gone", -1, found.only_first), ("new", 1, found.only_second)):
        rows += [
            [kind, what, units.number_of(n, "layer"), _signed(sign * params), _signed(sign * macs)]
            for kind, n, params, macs in only
        ]
    columns = [
        Column("What", right=False),
        Column("Change", right=False, wraps=True),
        Column("Where", right=False, wraps=True),
        Column("params"),
        Column("MACs"),
    ]
    stand = "stands" if found.shared == 1 else "stand"
    notes = [
        ("shared", f"{units.number_of(found.shared, 'layer')} {stand} under the same path in both")
    ]
    return Table(columns, rows, f"From {first} to {second}", notes)


def _signed(value: int) -> str:
    return f"{'+' if value > 0 else '-'}{units.count(abs(value))}" if value else "-"


def _value(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return "x".join(map(str, value)) if isinstance(value, tuple) else str(value)


def comparison_data(analyses: Sequence[Analysis]) -> dict[str, Any]:
    """The comparison as data; ratios are to the first network."""
    names = named(analyses)
    networks = [
        {
            "network": name,
            "input": list(a.graph.input),
            "resized": resized_data(a.graph),
            "totals": (
                {attribute: getattr(a.totals, attribute) for _, attribute, _ in QUANTITIES}
                | {
                    "receptive_field": (
                        list(a.totals.receptive_field) if a.totals.receptive_field else None
                    ),
                    "sees": a.totals.extent.sees,
                }
            ),
            "stages": [
                {
                    "factor": s.factor,
                    "layers": s.layers,
                    "params": s.params,
                    "macs": s.macs,
                    "output_shape": list(s.output),
                }
                for s in stages(a)
            ],
            "kinds": {kind: counts[0] for kind, counts in kinds([a]).items()},
        }
        for name, a in zip(names, analyses, strict=True)
    ]
    changes = []
    for name, other in zip(names[1:], analyses[1:], strict=True):
        found = difference(analyses[0], other)
        changes.append(
            {
                "from": names[0],
                "to": name,
                "shared_layers": found.shared,
                "parameters": [
                    {"name": n, "before": b, "after": a} for n, b, a in found.parameters
                ],
                "changes": [
                    {
                        "op": c.kind,
                        "settings": [
                            {"name": n, "before": b, "after": a} for n, b, a in c.settings
                        ],
                        "layers": list(c.paths),
                        "params": c.params,
                        "macs": c.macs,
                    }
                    for c in found.changes
                ],
                "gone": [
                    dict(zip(("kind", "layers", "params", "macs"), only, strict=True))
                    for only in found.only_first
                ],
                "new": [
                    dict(zip(("kind", "layers", "params", "macs"), only, strict=True))
                    for only in found.only_second
                ],
            }
        )
    return {"networks": networks, "differences": changes}
