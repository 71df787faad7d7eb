"""Conditions over columns in the spec language: `params <= 40M and sum(depths) > 20`."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from fractions import Fraction
from typing import Any

import numpy as np

from archprof.column import Column
from archprof.column_groups import by_group
from archprof.language.budget import COUNTS, SIZES, USUAL_SIZES
from archprof.language.expression import Expression, compile_expression
from archprof.language.functions import ExpressionError
from archprof.ops.base import shown
from archprof.problem import Mark, ProblemError
from archprof.record import Record
from archprof.sweeping.space.bounds import column_hint

_TOKEN = re.compile(
    r"(?P<quoted>'[^'\\]*'|\"[^\"\\]*\")"
    r"|(?P<name>\$?[A-Za-z_]\w*(?:\.\w+)*)(?P<call>\s*\()?"
    r"|(?P<number>\d[\d_]*(?:\.\d+)?)(?: ?(?P<unit>[A-Za-z]+))?"
)
_WORDS = frozenset({"and", "or", "not", "in", "if", "else", "for", "true", "false", "null"})
MOST_TEXTS = 1_000  # combinations of texts and truth values that a condition is worked out for


class Filter(Record):
    """A condition: `columns` has the alias of each column that it reads, and `lists` the aliases
    of lists of columns (`depths` for `depths.0`, `depths.1`, …).
    """

    text: str
    expression: Expression
    columns: Mapping[str, str]
    lists: Mapping[str, tuple[str, ...]]
    option: str = "--where"

    @property
    def names(self) -> tuple[str, ...]:
        """The columns that it reads, each once."""
        several = (name for names in self.lists.values() for name in names)
        return tuple(dict.fromkeys([*self.columns.values(), *several]))

    def kept(self, values: Mapping[str, np.ndarray[Any, Any]], count: int) -> Any:
        """Return which of `count` rows meet it, as truth values.

        Raises ProblemError where it cannot be worked out, or is neither true nor false.
        """
        found = np.zeros(count, bool)
        for rows, texts in self._alike(values, count):
            found[rows] = self._of_alike(values, texts, rows)
        return found

    def _alike(
        self, values: Mapping[str, np.ndarray[Any, Any]], count: int
    ) -> list[tuple[np.ndarray[Any, Any], dict[str, Any]]]:
        """Return the rows in groups whose texts and truth values are all the same, each with these
        by name.
        """
        groups: list[tuple[np.ndarray[Any, Any], dict[str, Any]]] = [(np.arange(count), {})]
        for name in self.names:
            array = values[name]
            if array.dtype.kind in "if":
                continue
            groups = [
                (rows[array[rows] == one], {**chosen, name: one})
                for rows, chosen in groups
                for one in sorted(set(array[rows].tolist()))
            ]
            if len(groups) > MOST_TEXTS:
                message = f"it reads more than {MOST_TEXTS:,} different texts"
                raise self._refused(message, "compare numbers, and fewer texts")
        return groups

    def _of_alike(
        self, values: Mapping[str, np.ndarray[Any, Any]], texts: Mapping[str, Any], rows: Any
    ) -> Any:
        """Return which rows meet it, of rows whose texts are all the same."""

        def value(name: str) -> Any:
            return texts[name] if name in texts else Column(values[name])

        scope = {alias: value(name) for alias, name in self.columns.items()}
        scope |= {alias: [value(name) for name in names] for alias, names in self.lists.items()}
        found = np.zeros(len(rows), bool)
        try:
            for group, met in by_group(self.expression, scope, rows):
                if not isinstance(met, bool):
                    raise self._refused("is neither true nor false", "compare it: params <= 40M")
                found[np.searchsorted(rows, group)] = met
        except ExpressionError as error:
            raise self._refused(str(error), error.hint) from None
        return found

    def _refused(self, message: str, hint: str) -> ProblemError:
        return _refused(self.option, self.text, message, hint)


def condition(text: str, known: Collection[str], option: str = "--where") -> Filter:
    """Return a condition over the columns `known`, in the spec language.

    A column is written by its name, with or without a `$`, a list of columns by theirs without a
    number; a number may have a unit as in a budget: 40M, 120 MiB. Raises ProblemError for what is
    not an expression, an unknown name and an unknown unit.
    """
    columns: dict[str, str] = {}
    lists: dict[str, tuple[str, ...]] = {}
    loops = set(re.findall(r"\bfor\s+([A-Za-z]\w*)", text))

    def alias(name: str) -> str:
        several = tuple(one for one in known if re.fullmatch(rf"{re.escape(name)}\.\d+", one))
        if name not in known and not several:
            hint = column_hint(name, known)
            raise _refused(option, text, f"there is no column {shown(name)}", hint)
        made = f"c{len(columns) + len(lists)}"
        if name in known:
            columns[made] = name
        else:
            lists[made] = several
        return f"${made}"

    def replaced(found: re.Match[str]) -> str:
        if found["quoted"]:
            return found[0]
        if found["number"]:
            return found["number"] if found["unit"] is None else _scaled(found, text, option)
        name = found["name"].removeprefix("$")
        if found["call"] or name in _WORDS or name in loops:
            return found[0]
        return alias(name)

    try:
        expression = compile_expression(_TOKEN.sub(replaced, text))
    except ExpressionError as error:
        raise _refused(option, text, str(error), error.hint) from None
    return Filter(text, expression, columns, lists, option)


def _scaled(found: re.Match[str], text: str, option: str) -> str:
    """Return a number with a unit as a plain one: 40M, 1.5G, 120 MiB."""
    number, unit = found["number"], found["unit"]
    if unit in _WORDS:
        return found[0]
    factor = COUNTS.get(unit)
    if factor is None and unit.lower() not in "kmgt":  # bytes are recognized in any case
        factor = SIZES.get(unit.lower())
    if factor is None:
        known = ", ".join(filter(None, COUNTS))
        hint = f"of counts {known}; of bytes {USUAL_SIZES}"
        raise _refused(option, text, f"there is no unit {shown(unit)}", hint)
    value = Fraction(number.replace("_", "")) * factor
    return str(value.numerator if value.denominator == 1 else float(value))


def _refused(option: str, text: str, message: str, hint: str) -> ProblemError:
    return ProblemError.of(Mark(option), "condition", f"{shown(text)}: {message}", hint)
