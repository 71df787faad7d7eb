"""How hard exercises are, and which cells of a table may be blank at each level."""

from __future__ import annotations

from archprof.commands.quiz.making.quiz import POOLS, SETTINGS, SUMMED, WEIGHTED, Cell, Quiz

LEVELS = ("easy", "medium", "hard")


def is_of_level(quiz: Quiz, cell: Cell) -> bool:
    """Return whether a cell may be blank at the request's level; without one each may be.

    Easy ones follow from their own row, settings apart. Of medium ones none is copied from another
    row, or is 0 as it costs nothing. Of these the hard ones need a formula of a window, of weights
    or of several rows.
    """
    level, (row, column) = quiz.request.level, cell
    if level == "easy":
        return quiz.layer(row) is not None and column not in (*SETTINGS, "field")
    if level == "medium":
        return not _is_copied(quiz, cell)
    if level == "hard":
        return not _is_copied(quiz, cell) and _needs_a_formula(quiz, cell)
    return True


def _is_copied(quiz: Quiz, cell: Cell) -> bool:
    """Return whether a cell is 0, or has what the rows before have there."""
    row, column = cell
    content, sources = quiz.contents[cell], quiz.rows[row].sources
    if column in SUMMED and content == 0:
        return True
    if column == "output":
        return any(content == quiz.shape(source) for source in sources)
    return column in ("memory", "field") and any(
        content == quiz.contents[source, column] for source in sources
    )


def _needs_a_formula(quiz: Quiz, cell: Cell) -> bool:
    row, column = cell
    layer = quiz.layer(row)
    if layer is None:
        return True
    return column not in ("op", "layer", "memory") and layer.node.kind in WEIGHTED | POOLS
