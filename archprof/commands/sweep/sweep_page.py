"""A sweep as a page: each front of two numbers among all variants, and the tables."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from archprof.commands.page.figures import NARROW, WIDE, Illustration, drawn
from archprof.commands.sweep.answers import FRONT, RowsAnswer, SweepAnswers, evenly
from archprof.commands.sweep.sweep_tables import entries, lists, total
from archprof.draw import svg
from archprof.draw.canvas import CANVASES
from archprof.draw.cloud import Cloud, CloudAxis, FrontPoint, cloud_picture
from archprof.draw.placed import Point
from archprof.show.document import HtmlPage, html, section
from archprof.show.table import Table
from archprof.show.table_markup import table_markup
from archprof.sweeping.answering.asking import pages_that_meet
from archprof.sweeping.space.bounds import SHORT, is_size

MOST_LOOKED_AT = 200_000  # variants of which some are drawn
CELLS = 90  # along either side of a picture, in each of which one variant is drawn
MOST_ON_FRONT = 200  # variants of a front that are drawn
CALLED = {"macs": "MACs", "flops": "FLOPs", "params": "parameters"}


def sweep_page(found: SweepAnswers, tables: Sequence[Table]) -> str:
    """Return a page: a picture for each front of two numbers, then all tables."""
    pictures = [
        _illustration(found, answer, place)
        for place, answer in enumerate(found.found)
        if answer.kind == FRONT and len(answer.objectives) == 2
    ]
    figures = drawn(pictures)
    parts = [*figures.parts, *(section(table.title, table_markup(table)) for table in tables)]
    identity = found.sweep.stored.identity
    conditions = [f"{found.met:,} variants", f"archprof {identity.version}"]
    data = {"pictures": figures.packed} if figures.packed else {}
    return html(HtmlPage(identity.name, conditions, parts, data, svg.css()))


def _illustration(found: SweepAnswers, answer: RowsAnswer, place: int) -> Illustration:
    cloud = _cloud(found, answer)
    return Illustration(
        f"sweep-{place}",
        answer.heading,
        cloud_picture(cloud, CANVASES[WIDE]),
        cloud_picture(cloud, CANVASES[NARROW]),
    )


def _cloud(found: SweepAnswers, answer: RowsAnswer) -> Cloud:
    """Return all variants by two numbers, thinned to one in each cell of a picture."""
    sweep = found.sweep
    names = [one.quantity for one in answer.objectives]
    stride = -(-sweep.stored.rows // MOST_LOOKED_AT)
    columns: list[list[np.ndarray]] = [[], []]
    for page in pages_that_meet(sweep.stored, names, sweep.asked()):
        for column, name in zip(columns, names, strict=True):
            column.append(page.values[name][page.rows % stride == 0])
    x, y = (np.concatenate(column).astype(float) for column in columns)
    kept = one_in_each_cell(x, y)
    points: list[Point] = list(zip(x[kept].tolist(), y[kept].tolist(), strict=True))
    front = sweep.rows(evenly(answer.rows, MOST_ON_FRONT)).to_pylist()
    keys = [SHORT.get(name, name) for name in names]
    together = lists(sweep.parameters)
    on_front = [
        FrontPoint(
            float(row[keys[0]]),
            float(row[keys[1]]),
            f"row {row['row']}: "
            + ", ".join(
                f"{name} {entries([row[one] for one in columns])}"
                for name, columns in together.items()
            )
            + "; "
            + ", ".join(f"{name} {total(name, row[name])}" for name in keys),
        )
        for row in front
    ]
    along, up = (CloudAxis(CALLED.get(key, key.replace("_", " ")), is_size(key)) for key in keys)
    return Cloud(sweep.stored.identity.name, along, up, points, on_front, found.met)


def one_in_each_cell(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Return the first point in each cell of a grid over all, logarithmic where the picture is."""
    cells = np.zeros(len(x), np.int64)
    for values in (x, y):
        scaled = np.log(values) if len(values) and values.min() > 0 else values
        span = np.ptp(scaled) if len(scaled) else 0
        share = (scaled - scaled.min()) / span if span else np.zeros(len(values))
        cells = cells * CELLS + np.minimum((share * CELLS).astype(np.int64), CELLS - 1)
    first: np.ndarray = np.sort(np.unique(cells, return_index=True)[1])
    return first
