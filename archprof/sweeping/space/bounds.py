"""What a space demands of the totals of its variants, and by which of them they are compared."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import TYPE_CHECKING, Any

from archprof.language.budget import COUNTS, SIZES, exact_number
from archprof.problem import nearest
from archprof.record import Record
from archprof.sweeping.variants import NONE, OF_STEP, SEES, TOTALS

if TYPE_CHECKING:
    from numpy import ndarray

FIELD = "receptive_field"
SHORT = {
    "peak_memory": "peak_inference_bytes",
    "weight_memory": "weight_bytes",
    "training_memory": "training_peak_bytes",
    FIELD: FIELD,
}
"""Totals by the shorter names that `check` has for them. The receptive field is the smaller side of
the largest one, as there.
"""

QUANTITIES = (*SHORT, *(name for name in TOTALS if name != "sees"), *OF_STEP)
"""What a budget limits and a front compares, by name."""

DIRECTIONS = ("min", "max")


class Bound(Record):
    """A limit of a total: at `least` so much, or at most."""

    quantity: str
    least: bool
    value: int


class Objective(Record):
    """A total, or a parameter of the space, that is wanted small, or `most`."""

    quantity: str
    most: bool

    def __str__(self) -> str:
        return f"{DIRECTIONS[self.most]} {self.quantity}"


BOUNDS = {
    f"{direction}_{name}": (SHORT.get(name, name), direction == "min")
    for name in QUANTITIES
    for direction in DIRECTIONS
}
"""By the word of a budget what it limits, and whether from below."""


def bound(word: str, value: Any) -> Bound | None:
    """Return a limit of `BOUNDS` with its number, None for what is not one."""
    quantity, least = BOUNDS[word]
    number = exact_number(value, SIZES if is_size(quantity) else COUNTS)
    return None if number is None else Bound(quantity, least, number)


def name_step(names: Iterable[str]) -> bool:
    """Whether some names are of numbers of a step of training."""
    return any(SHORT.get(name, name) in OF_STEP for name in names)


def column_hint(name: str, known: Collection[str]) -> str:
    """Return the way out for a column that a table does not have."""
    if name_step([name]):
        return "a sweep has it where a step of training is simulated: --train"
    return nearest(name, known, "columns")


def is_size(quantity: str) -> bool:
    """Whether a total is in bytes."""
    return quantity.endswith("_bytes") or quantity == "bytes_moved"


def expected(word: str) -> str:
    """Return what a message expects of a limit."""
    if is_size(BOUNDS[word][0]):
        return "bytes, or a text such as 120 MiB"
    return "a whole number, or one such as 25.6M"


def objective(text: str, columns: Collection[str] = ()) -> Objective | None:
    """Return `min macs` or `max params` read, None for what is not one.

    `columns` are the parameters of the space, which may be compared too.
    """
    direction, _, name = text.strip().partition(" ")
    name = name.strip()
    if direction not in DIRECTIONS or name not in (*QUANTITIES, *columns):
        return None
    return Objective(SHORT.get(name, name), direction == "max")


def amounts(quantity: str, totals: Mapping[str, ndarray[Any, Any]]) -> ndarray[Any, Any]:
    """Return a total of many variants by its name, or the receptive field.

    That is as large as a number can be where the layers see everything, and NONE where it is
    unknown.
    """
    import numpy as np

    if quantity != FIELD:
        return totals[quantity]
    found = np.minimum(totals["field_height"], totals["field_width"])
    found = np.where(totals["sees"] == SEES.index("all"), np.iinfo(np.int64).max, found)
    return np.where(totals["sees"] == SEES.index("unknown"), NONE, found)


def within(bounds: Iterable[Bound], totals: Mapping[str, ndarray[Any, Any]]) -> ndarray[Any, Any]:
    """Return of many variants whether all bounds allow their totals; what is unknown is not."""
    import numpy as np

    allowed = np.ones(len(totals["params"]), bool)
    for one in bounds:
        found = amounts(one.quantity, totals)
        allowed &= (found >= one.value) if one.least else (found <= one.value)
        if one.quantity.startswith(("field", FIELD)):
            allowed &= found != NONE
    return allowed
