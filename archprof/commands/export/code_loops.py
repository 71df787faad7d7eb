"""Modules in a row: what repeats itself is written once."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from itertools import groupby, pairwise
from typing import Any, NamedTuple

from archprof.commands.export.code_expressions import (
    CallArgument,
    Expression,
    FunctionCall,
    Literal,
    Raw,
)
from archprof.commands.export.code_layout import Document, Group, flat, prefixed
from archprof.commands.export.code_names import quoted

Write = Callable[[Expression], Document]

_MOST_VARIED = 2
"""Arguments that may differ from one turn of a loop to the next."""

_FEWEST_TURNS = 3
"""Turns of a loop whose arguments differ."""

_NUMBERED = re.compile(r"([A-Za-z_][A-Za-z0-9_-]*?)(0|[1-9][0-9]*)")


class _Run(NamedTuple):
    """Modules that one expression makes: `clause` is the loop over it, "" where it is one."""

    turns: int
    element: Expression
    clause: Document


def numbered(items: Sequence[Expression], write: Write) -> tuple[Document, ...]:
    """Return the arguments for modules that are called 0, 1, 2, …"""
    written: list[Document] = []
    for run in _runs(items, write):
        element = write(run.element)
        if run.clause:
            element = Group("*[", (element, run.clause), "]", "comprehension")
        written.append(element)
    return tuple(written)


def named(names: Sequence[str], items: Sequence[Expression], write: Write) -> Document:
    """Return an OrderedDict of modules by name."""
    written: list[Document] = []
    position = 0
    for run in _runs(items, write):
        of_run = names[position : position + run.turns]
        number = _numbering(of_run, flat(run.clause)) if run.turns > 1 else None
        if number is None:
            pairs = zip(of_run, items[position : position + run.turns], strict=True)
            written += [_pair(quoted(name), write(item)) for name, item in pairs]
        else:
            prefix, first = number
            shown = "i" if first == 0 else f"i + {first}"
            pair = _pair(f'f"{prefix}{{{shown}}}"', write(run.element))
            loop = _by_number(run)
            written.append(Group("*[", (pair, loop), "]", "comprehension"))
        position += run.turns
    if len(written) == 1 and isinstance(written[0], Group) and written[0].opening == "*[":
        return Group("OrderedDict(", (written[0]._replace(opening="["),), ")")
    return Group("OrderedDict(", (Group("[", tuple(written), "]", "display"),), ")")


def _pair(name: str, module: Document) -> Group:
    return Group("(", (name, module), ")", "display")


def _numbering(names: Sequence[str], clause: str) -> tuple[str, int] | None:
    """Return the prefix and the first number of names that are counted up; None for others, and
    for a loop over values, which has no number.
    """
    if not clause.startswith(("for i in range", "for _ in range")):
        return None
    found = [_NUMBERED.fullmatch(name) for name in names]
    if not all(found):
        return None
    prefixes = [match[1] for match in found if match]
    numbers = [int(match[2]) for match in found if match]
    counted = list(range(numbers[0], numbers[0] + len(names)))
    if len(set(prefixes)) > 1 or numbers != counted:
        return None
    return prefixes[0], numbers[0]


def _by_number(run: _Run) -> Document:
    return f"for i in range({run.turns})"


def _runs(items: Sequence[Expression], write: Write) -> list[_Run]:
    """Return modules in turns: equal ones are one loop, and so are those of one class whose
    arguments differ little.
    """
    equal = []
    for _, group in groupby(items, key=lambda item: flat(write(item))):
        members = list(group)
        equal.append((members[0], len(members)))
    runs: list[_Run] = []
    position = 0
    while position < len(equal):
        item, count = equal[position]
        singles = [one for one, n in equal[position:] if n == 1] if count == 1 else []
        alike = _alike(singles, [n for _, n in equal[position:]])
        loop = _varied(alike, write) if len(alike) >= _FEWEST_TURNS else None
        if loop is not None:
            runs.append(loop)
            position += loop.turns
            continue
        clause = f"for _ in range({count})" if count > 1 else ""
        runs.append(_Run(count, item, clause))
        position += 1
    return runs


def _alike(singles: Sequence[Expression], counts: Sequence[int]) -> list[FunctionCall]:
    """Return the first of modules that follow each other and are calls of one class."""
    found: list[FunctionCall] = []
    for item, count in zip(singles, counts, strict=False):
        if count != 1 or not isinstance(item, FunctionCall) or not _is_own_class(item):
            break
        if found and _shape(item) != _shape(found[0]):
            break
        found.append(item)
    return found


def _is_own_class(item: FunctionCall) -> bool:
    return isinstance(item.head, Raw) and "." not in item.head.text


def _shape(item: FunctionCall) -> Any:
    return item.head, tuple(argument.name for argument in item.arguments)


def _varied(items: Sequence[FunctionCall], write: Write) -> _Run | None:
    """Return the loop that makes calls of one class; None where too many arguments differ."""
    columns = list(zip(*(item.arguments for item in items), strict=True))
    differing = [n for n, column in enumerate(columns) if len({a.value for a in column}) > 1]
    plain = all(isinstance(a.value, Literal) for n in differing for a in columns[n])
    if not plain or len(differing) > _MOST_VARIED:
        return None
    values = {n: [_literal(argument) for argument in columns[n]] for n in differing}
    steps = {n: _progression(values[n]) for n in differing}
    formulas = {n: formula for n, formula in steps.items() if formula is not None}
    if len(formulas) == len(differing):
        return _Run(len(items), _filled(items[0], formulas), f"for i in range({len(items)})")
    return _over_values(items, values, write)


def _filled(item: FunctionCall, texts: Mapping[int, str]) -> FunctionCall:
    """Return a call with other arguments at these places."""
    arguments = list(item.arguments)
    for n, text in texts.items():
        arguments[n] = arguments[n]._replace(value=Raw(text))
    return FunctionCall(item.head, tuple(arguments))


def _over_values(
    items: Sequence[FunctionCall], values: Mapping[int, Sequence[Any]], write: Write
) -> _Run:
    """Return the loop over the values of arguments, by their places, that differ."""
    arguments = items[0].arguments
    others = [flat(write(a.value)) for n, a in enumerate(arguments) if n not in values]
    names = {n: _variable(arguments[n].name, others) for n in values}
    rows = list(zip(*values.values(), strict=True))
    over = Literal(tuple(row[0] if len(row) == 1 else row for row in rows), "")
    clause = prefixed(f"for {', '.join(names.values())} in ", write(over))
    return _Run(len(items), _filled(items[0], names), clause)


def _literal(argument: CallArgument) -> Any:
    return argument.value.value if isinstance(argument.value, Literal) else None


def _progression(values: Sequence[Any]) -> str | None:
    """Return whole numbers that rise by the same step as a formula over `i`, None for others."""
    if any(type(value) is not int for value in values):
        return None
    step = values[1] - values[0]
    if step <= 0 or any(b - a != step for a, b in pairwise(values)):
        return None
    product = "i" if step == 1 else f"{step} * i"
    return product if values[0] == 0 else f"{values[0]} + {product}"


def _variable(name: str, others: Sequence[str]) -> str:
    used = any(re.search(rf"\b{re.escape(name)}\b", other) for other in others)
    return f"{name}_" if used else name
