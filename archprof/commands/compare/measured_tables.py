"""Networks side by side as measured: figures with their ratios, and where the time goes."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

from archprof.analysis.analysis import Analysis
from archprof.commands.compare.figure_lines import measured_lines, side_by_side, static_lines
from archprof.commands.compare.time_tables import time_by_kind, time_by_stage
from archprof.commands.measure.judging import ranking
from archprof.commands.measure.judging.consistency import usable
from archprof.commands.measure.judging.verdict import EQUAL
from archprof.commands.measure.layers.tables import unusable_table
from archprof.commands.measure.writing.run_labels import Row, row_name, run_title
from archprof.commands.measure.writing.run_notes import notes
from archprof.show.table import Table

WINS_NOTE = (
    "less of everything but field, throughput and attained share, of which more; a time where its"
    " difference exceeds the noise, by the 95 % interval of the ratio turn by turn (after few"
    " turns, of the medians), and same where"
    f" all of that lies within {100 * EQUAL:g} %"
)


def compared_tables(
    analyses: Sequence[Analysis], names: Sequence[str], run: dict[str, Any]
) -> list[Table]:
    """Return one screen of figures, then where the time of a pass goes, if it was measured."""
    rows: list[Row] = run["measurements"]
    lines = static_lines(analyses)
    # rows that were measured in turns follow each other
    for start in range(0, len(rows), len(names)):
        group = rows[start : start + len(names)]
        lines += measured_lines(group, _condition(group[0], rows), partial(ranking.verdict, group))
    about = [
        (
            "ratio",
            f"to {names[0]}; static figures are at batch {analyses[0].batch}, a latency is the"
            " median",
        ),
        ("wins", WINS_NOTE),
    ]
    about += [(label, text) for label, text in notes(run) if label not in ("latency", "batched")]
    tables = [side_by_side(lines, names, f"{' against '.join(names)} · {run_title(run)}", about)]
    timed = run["layers"]
    if len(timed) != len(names):
        return tables
    unusable = [data for data in timed if not usable(data, "layers")]
    if unusable:
        return tables + [unusable_table(data) for data in unusable]
    training = any(row["train"] for row in rows)
    return [
        *tables,
        time_by_kind(analyses, timed, names, training),
        time_by_stage(analyses, timed, names, training),
    ]


def _condition(row: Row, rows: Sequence[Row]) -> str:
    """Return what distinguishes the row from others of its network, as the end of a label."""
    same_network = [other | {"network": ""} for other in rows if other["network"] == row["network"]]
    text = row_name(row | {"network": ""}, same_network).strip()
    return f", {text}" if text else f", batch {row['batch']}"
