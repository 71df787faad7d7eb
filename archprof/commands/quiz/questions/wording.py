"""A layer in the words of a question."""

from __future__ import annotations

from archprof import units
from archprof.commands.quiz.making.quiz import Quiz

SHOWN = ("kernel", "stride", "padding", "out", "also")


def layer_text(table: Quiz, row: int, hidden: tuple[str, ...] = ()) -> str:
    """Return a layer with its op and its settings, but for those that are hidden."""
    parts = [str(table.contents[row, "op"])]
    for column in SHOWN:
        value = table.contents.get((row, column))
        if value is None or column in hidden:
            continue
        text = units.pair(*value) if isinstance(value, tuple) else str(value)
        parts.append(text if column == "also" else f"{column} {text}")
    return f"{table.rows[row].label} ({', '.join(parts)})"


def input_text(table: Quiz, row: int) -> str:
    """Return the shapes that a layer takes."""
    return " and ".join(units.shape(table.shape(source)) for source in table.rows[row].sources)
