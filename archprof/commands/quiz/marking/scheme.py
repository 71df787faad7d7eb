"""What a mark is worth, and which conventions a sheet may follow: strictly or leniently."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction

from archprof.commands.quiz.marking.student_answer import Reading

RIGHT, ROUNDED, OTHER = "right", "rounded", "other convention"
CARRIED, WRONG, MISSING = "carried over", "wrong", "missing"
MEANINGS = {
    RIGHT: "to the last digit, as its column counts",
    ROUNDED: "to the digits that are written",
    OTHER: "right as one convention counts that is not the column's; of lenient marking",
    CARRIED: "follows rightly from a wrong answer before it",
    WRONG: "a mistake that enters here",
    MISSING: "nothing is answered",
}
HALF = Fraction(1, 2)
STRICT: Mapping[str, Fraction] = {RIGHT: Fraction(1), ROUNDED: Fraction(1), CARRIED: HALF}
"""Points of an answer by its mark; other marks give none."""
LENIENT: Mapping[str, Fraction] = {**STRICT, OTHER: HALF, CARRIED: Fraction(1)}


def points_of(word: str, lenient: bool) -> Fraction:
    """Return the points of an answer with this mark."""
    return (LENIENT if lenient else STRICT).get(word, Fraction(0))


def own_conventions(answers: Iterable[Sequence[Reading]]) -> Mapping[str, str]:
    """Return the student's one convention of each kind, instead of the sheet's.

    It is the one by which all those answers are right that are not right by the sheet's. Where no
    one is common to them, there is none: a column counts in one way.
    """
    common: dict[str, dict[str, None]] = {}
    for readings in answers:
        fewest = min(len(reading.foreign) for reading in readings)
        nearest = [dict(one.foreign) for one in readings if len(one.foreign) == fewest]
        for dimension in nearest[0]:
            names = [one[dimension] for one in nearest if dimension in one]
            before = common.get(dimension, dict.fromkeys(names))
            common[dimension] = {name: None for name in before if name in names}
    return {dimension: next(iter(names)) for dimension, names in common.items() if names}


def follows(reading: Reading, own: Mapping[str, str]) -> bool:
    """Return whether an answer read so is right by the sheet's conventions, or else by `own`."""
    return all(own.get(dimension) == name for dimension, name in reading.foreign)


def counted_otherwise(reading: Reading) -> str:
    """Return the conventions by which an answer is right that are not the columns', as a slip."""
    return " and ".join(
        "digits cut off, not rounded" if dimension == "digits" else f"counted {name}"
        for dimension, name in reading.foreign
    )
