"""The numbers of channels among a constructor's arguments: `in_channels`, `width`, what follows."""

from __future__ import annotations

from archprof.commands.export.code_names import variable
from archprof.commands.export.code_parameters import (
    ABSENT,
    INPUTS,
    OUTPUTS,
    AgreeingLiterals,
    Row,
    Solution,
)

_ROLES = {"in_channels", "out_channels", "groups", "heads"}

_LARGEST_FACTOR = 64
"""Numbers of channels that are a larger multiple of others are related by accident."""


def name_channels(columns: list[AgreeingLiterals], joined: bool, solution: Solution) -> None:
    """Name numbers of channels, those that follow from others left out of the arguments.

    `joined`: the module's result has the channels of several layers.
    """
    first = next((c for c in columns if c.complete and c.slots[0][1] in INPUTS), None)
    last = None if joined else _last_output(columns)
    ends = [] if first is None else [first]
    if last is not None and last is not first:
        ends.append(last)
    others = [column for column in columns if column is not first and column is not last]
    bases: list[tuple[str, Row]] = []
    for column in (*ends, *others):
        formula = _derived(column, bases)
        if formula is not None:
            _work_out(column, formula, solution)
            continue
        name = solution.free(_name(column, first, last, solution))
        bases.append((name, column.values))
        solution.take(column, name, _role(name))


def _role(name: str) -> str:
    """Return what an argument of a class is to those that call it."""
    if name in _ROLES:
        return name
    return "in_channels" if name == "channels" else "channels"


def _name(
    column: AgreeingLiterals,
    first: AgreeingLiterals | None,
    last: AgreeingLiterals | None,
    solution: Solution,
) -> str:
    if column is first and column is last:
        return "channels"
    if column is first:
        return "in_channels"
    if column is last:
        return "out_channels"
    return _width(column, solution)


def _last_output(columns: list[AgreeingLiterals]) -> AgreeingLiterals | None:
    """Return the column that the last layer with channels of its own gives."""
    outputs = {
        place: column
        for column in columns
        if column.complete
        for place, (_, role) in zip(column.places, column.slots, strict=True)
        if role in OUTPUTS
    }
    return outputs[max(outputs)] if outputs else None


def _width(column: AgreeingLiterals, solution: Solution) -> str:
    """Return what a number of channels inside a module is called."""
    roles = {role for _, role in column.slots}
    for name in ("heads", "groups"):
        if name in roles and not roles & (INPUTS | OUTPUTS):
            return name
    first, _ = column.slots[0]
    return "width" if solution.free("width") == "width" else variable(f"{first.layer}_channels")


def _derived(column: AgreeingLiterals, bases: list[tuple[str, Row]]) -> str | None:
    """Return a column as a multiple or a part of one that has a name, None where it is neither."""
    for name, base in bases:
        pairs = [
            (a, b)
            for a, b in zip(column.values, base, strict=True)
            if a is not ABSENT and b is not ABSENT
        ]
        if not pairs or not all(type(a) is int and type(b) is int and a and b for a, b in pairs):
            continue
        a, b = pairs[0]
        if a % b == 0 and _is_factor(a // b) and all(x == y * (a // b) for x, y in pairs):
            return f"{a // b} * {name}"
        if b % a == 0 and _is_factor(b // a) and all(x * (b // a) == y for x, y in pairs):
            return f"{name} // {b // a}"
    return None


def _is_factor(number: int) -> bool:
    return 2 <= number <= _LARGEST_FACTOR


def _work_out(column: AgreeingLiterals, formula: str, solution: Solution) -> None:
    """Write a formula in place of literals, by a name of its own where there are several."""
    if len(column.slots) > 1:
        name = solution.free(_width(column, solution))
        solution.locals.append((name, formula))
        formula = name
    solution.write(column, formula)
