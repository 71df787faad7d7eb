"""Tables of measured variants, of a latency model's error, and of predictions, which never share a
column.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from archprof import units
from archprof.commands.measure.writing.run_labels import percent, run_title
from archprof.commands.sweep.measured_variants import milliseconds
from archprof.commands.sweep.sweep_tables import parameter, total
from archprof.show.table import Table, TableColumn
from archprof.sweeping.latency.errors import Spread
from archprof.sweeping.latency.model import LatencyModel, Prediction
from archprof.sweeping.latency.predicting import PredictedVariant, undecided
from archprof.units import number_of

Note = tuple[str, str]

UNKNOWN = "?"
MEASURED = (
    TableColumn("latency_ms"),
    TableColumn("latency_low_ms", drop=2),
    TableColumn("latency_high_ms", drop=2),
    TableColumn("noise", drop=1),
    TableColumn("runs", drop=3),
)
PREDICTED = (
    TableColumn("predicted_latency_ms"),
    TableColumn("predicted_low_ms"),
    TableColumn("predicted_high_ms"),
    TableColumn("looked_up", drop=1),
)
SHOWN = ("params", "macs")
"""Totals beside what is predicted."""


def measured_table(data: dict[str, Any]) -> Table:
    """Return the variants of a measured sweep with their latencies, the fastest first."""
    run, variants = data["run"], data["variants"]
    rows = [
        (milliseconds(run, place), variant, row)
        for place, (variant, row) in enumerate(zip(variants, run["measurements"], strict=False))
    ]
    rows.sort(key=lambda one: one[0] if one[0] is not None else float("inf"))
    names = list(variants[0]["parameters"])
    return Table(
        [*_columns(("row", *names)), *MEASURED],
        [
            [
                parameter(variant["row"]),
                *(parameter(variant["parameters"][name]) for name in names),
                *_latency(found, row),
            ]
            for found, variant, row in rows
        ],
        f"{data['space']}, measured · {run_title(run)}",
        _unmeasured(data),
    )


def _latency(found: float | None, row: dict[str, Any]) -> list[str]:
    if found is None:
        return [row["status"].replace("_", " "), "", "", "", ""]
    interval = [row["latency_low_ms"], row["latency_high_ms"]]
    noise = row["noise"]
    return [
        units.duration(found),
        *("" if one is None else units.duration(one) for one in interval),
        "" if noise is None else percent(noise),
        parameter(row["runs"]),
    ]


def _unmeasured(data: dict[str, Any]) -> list[Note]:
    lacking = len(data["variants"]) - len(data["run"]["measurements"])
    return [("incomplete", f"{number_of(lacking, 'variant')} not measured")] if lacking else []


def model_table(model: LatencyModel) -> Table:
    """Return how wrong a latency model is, beside how much the same variant differs from itself."""
    rows = [_spread("predicted, held back", model.error)]
    if model.floor:
        rows.append(_spread("measured twice", model.floor))
    return Table(
        [
            TableColumn("Error", right=False),
            TableColumn("Median"),
            TableColumn("Worst"),
            TableColumn("Variants"),
        ],
        rows,
        f"Latency model of {model.space} · {conditions_text(model)}",
        [
            *_margin(model),
            ("layers", f"{number_of(len(model.timed), 'distinct layer')} timed"),
        ],
    )


def _spread(name: str, spread: Spread) -> list[str]:
    return [name, percent(spread.median), percent(spread.worst), str(spread.count)]


def conditions_text(model: LatencyModel) -> str:
    """Return in words for what a latency model holds."""
    c = model.conditions
    threads = [] if c.threads is None else [number_of(c.threads, "thread")]
    return " · ".join([c.device, *threads, c.dtype, f"batch {c.batch}", c.mode])


def _margin(model: LatencyModel) -> list[Note]:
    found = model.margin
    text = (
        f"of variants like those held back, {100 * found.covered:.0f} % take from"
        f" {found.low:.2f} to {found.high:.2f} times what is predicted"
    )
    notes = [("range", text)]
    if model.rank_correlation is not None:
        text = f"Spearman's rank correlation {model.rank_correlation:.3f} on what was held back"
        notes.append(("ranks", text))
    return notes


def error_notes(model: LatencyModel) -> list[Note]:
    """Return what goes with every prediction of a model."""
    error, floor = model.error, model.floor
    text = (
        f"{percent(error.median)} in the middle and {percent(error.worst)} at worst, on"
        f" {number_of(error.count, 'variant')} held back"
    )
    if floor:
        text += (
            f"; the same variant measured twice differs by {percent(floor.median)} and"
            f" {percent(floor.worst)}"
        )
    return [("predicted", f"not measured: for {conditions_text(model)}"), ("error", text)]


def predicted_table(model: LatencyModel, found: Sequence[PredictedVariant], title: str) -> Table:
    """Return variants with their predicted latencies, the fastest first."""
    known = sorted(
        ((one, one.prediction) for one in found if one.prediction is not None),
        key=lambda pair: pair[1].latency_ms,
    )
    names = list(found[0].variant.values) if found else []
    rows = [[*_named(one, names), *_prediction(prediction)] for one, prediction in known]
    rows += [[*_named(one, names), UNKNOWN, "", "", ""] for one in found if not one.prediction]
    return Table(
        [*_columns(("row", *names)), *(TableColumn(name, drop=2) for name in SHOWN), *PREDICTED],
        rows,
        title,
        [
            *error_notes(model),
            *_margin(model),
            *_rank([prediction for _, prediction in known]),
            *_looked_up([prediction for _, prediction in known]),
            *_unknown(len(found) - len(known)),
        ],
    )


def _looked_up(predictions: Sequence[Prediction]) -> Iterator[tuple[str, str]]:
    """Yield how much of what is predicted was timed."""
    if predictions:
        least = min(one.looked_up for one in predictions)
        yield "timed", f"{percent(least)} of the layers' time at least, the rest estimated"


def _named(one: PredictedVariant, names: Sequence[str]) -> list[str]:
    totals = one.variant.analysis.totals
    return [
        parameter(one.variant.row),
        *(parameter(one.variant.values[name]) for name in names),
        *(total(name, getattr(totals, name)) for name in SHOWN),
    ]


def _columns(names: Sequence[str]) -> list[TableColumn]:
    return [TableColumn(name) for name in names]


def _prediction(found: Prediction) -> list[str]:
    times = (found.latency_ms, found.low_ms, found.high_ms)
    return [*map(units.duration, times), percent(found.looked_up)]


def _rank(fastest_first: Sequence[Prediction]) -> list[Note]:
    """Return which of the fastest cannot be ranked, where there are any."""
    close = undecided(fastest_first)
    if close < 2:
        return []
    text = f"the first {close} are closer than the model's error: which is fastest, cannot tell"
    return [("ranked", text)]


def _unknown(count: int) -> list[Note]:
    if not count:
        return []
    text = f"{number_of(count, 'variant')} with a layer whose time nothing tells"
    return [(UNKNOWN, text)]
