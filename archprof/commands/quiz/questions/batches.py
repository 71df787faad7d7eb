"""How much memory do outputs take in a batch?"""

from __future__ import annotations

import math
from collections.abc import Iterator

from archprof import units
from archprof.commands.quiz.making.quiz import SHAPED, Quiz
from archprof.commands.quiz.questions.question import QuizQuestion

BATCHES = (8, 16, 32, 64, 128)


def batches(table: Quiz) -> Iterator[QuizQuestion]:
    """Yield questions about each layer: in float32, in float16, and of three layers in a row."""
    rows = [
        row
        for row in range(len(table.rows))
        if (layer := table.layer(row)) is not None and layer.node.kind in SHAPED
    ]
    for place, row in enumerate(rows):
        batch = BATCHES[place % len(BATCHES)]
        yield _question(table, [row], batch, "float32", "easy")
        yield _question(table, [row], batch, "float16", "medium")
        if place + 3 <= len(rows):
            yield _question(table, rows[place : place + 3], batch, "float16", "hard")


def _question(table: Quiz, rows: list[int], batch: int, dtype: str, level: str) -> QuizQuestion:
    itemsize = {"float32": 4, "float16": 2}[dtype]
    shapes = [table.shape(row) for row in rows]
    elements = sum(map(math.prod, shapes))
    listed = ", ".join(
        f"{table.rows[row].label} ({units.shape(shape)})"
        for row, shape in zip(rows, shapes, strict=True)
    )
    products = " + ".join("*".join(map(str, shape)) for shape in shapes)
    factors = f"({products})" if len(shapes) > 1 else products
    right = batch * elements * itemsize
    return QuizQuestion(
        "memory",
        level,
        f"How many bytes do the outputs of {listed} take in a batch of {batch} images in {dtype}?",
        "memory",
        right,
        f"{batch}*{factors} * {itemsize} bytes = {units.exact(right)} ({units.size(right)})",
        slips=(
            ("of one image", elements * itemsize),
            ("counted 1 byte per element", batch * elements),
            ("of one image, counted 1 byte per element", elements),
            (f"not in {dtype}", batch * elements * (6 - itemsize)),
        ),
    )
