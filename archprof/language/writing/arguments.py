"""The arguments of blocks: what a use gives, and what the turns of a repeat give."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from archprof.language.writing.blanks import HOLE, Blank, Value, same
from archprof.language.writing.kinds import BlockKind
from archprof.language.writing.literals import expression
from archprof.language.writing.parameters import REQUIRED, BlockParameter
from archprof.language.writing.runs import by_turn, common
from archprof.language.writing.tree import Part, Subtree


def values_of(
    kind: BlockKind, parameter: BlockParameter, column: Sequence[Part | None]
) -> list[Any]:
    """Return the value of a block's parameter in each use of what is around it."""
    return [
        parameter.values[kind.numbers[one]] if isinstance(one, Subtree) else HOLE for one in column
    ]


def is_default(values: Sequence[Any], parameter: BlockParameter) -> bool:
    default = parameter.default
    if default is REQUIRED:
        return False
    return all(value is HOLE or same(value, default) for value in values)


def given(
    parameters: Sequence[BlockParameter], turns: dict[str, list[list[Any]]], place: str
) -> dict[str, Value]:
    """Return `with` and `first` of a repeat."""
    always_given: dict[str, Value] = {}
    first: dict[str, Value] = {}
    for parameter in parameters:
        values = turns[parameter.name]
        if all(is_default(turn, parameter) for turn in values):
            continue
        always, later = common(values), common(values[1:])
        if always is not None:
            always_given[parameter.name] = Blank(always, parameter.name, place)
        elif later is not None:
            first[parameter.name] = Blank(values[0], f"first_{parameter.name}", place)
            if not is_default(later, parameter):
                always_given[parameter.name] = Blank(later, parameter.name, place)
        else:
            always_given[parameter.name] = expression(by_turn(values))
    found: dict[str, Value] = {}
    if always_given:
        found["with"] = always_given
    if first:
        found["first"] = first
    return found
