"""The arguments of a class's constructor: what its modules do not have in common, named."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from archprof.commands.export.code_expressions import MISSING, Literal, Raw
from archprof.commands.export.code_names import unused, variable
from archprof.commands.export.code_templates import Shared, Slot

_INPUTS = {"in_channels", "in_features", "num_features", "normalized_shape", "num_channels"}
_OUTPUTS = {"out_channels", "out_features"}
_CHANNELS = _INPUTS | _OUTPUTS | {"channels", "groups", "heads"}
_NAMED = {"in_channels", "out_channels", "groups", "heads"}
"""Arguments that are numbers of channels: where two agree, they are one."""

_FAMILIES = dict.fromkeys(_CHANNELS, "channels") | {"width": "height"}
"""What an argument measures, where that is not its name."""

_USUAL = {"stride": 1, "dilation": 1, "groups": 1, "p": 0.0, "inplace": False}
"""The defaults of arguments that are seldom given."""

_LARGEST_FACTOR = 64
"""Numbers of channels that are a larger multiple of others are related by accident."""

_ABSENT: Any = object()

Row = tuple[Any, ...]
"""One value for each module of the class."""


class ConstructorArgument(NamedTuple):
    """An argument of the constructor, with its value for each module."""

    name: str
    role: str
    values: Row
    default: Any

    @property
    def annotation(self) -> str:
        """Its type."""
        return " | ".join(sorted({_type(value) for value in self.values}))


@dataclass
class AgreeingLiterals:
    """Literals that are the same in every module: where they stand, their values."""

    family: str
    slots: list[tuple[Slot, str]]  # each with the name of its argument
    places: list[int]  # how many literals stand before it
    values: Row

    def join(self, other: AgreeingLiterals) -> None:
        """Take in the literals of another column."""
        self.slots += other.slots
        self.places += other.places

    def agrees(self, values: Row) -> bool:
        """Whether values are the column's wherever there are both."""
        pairs = zip(self.values, values, strict=True)
        return all(a == b for a, b in pairs if a is not _ABSENT and b is not _ABSENT)

    @property
    def complete(self) -> bool:
        """Whether every module has it."""
        return _ABSENT not in self.values


@dataclass
class Solution:
    """What stands in a class in place of its literals.

    `locals`: numbers worked out first. A slot that is not in `texts` is the same in all modules.
    """

    parameters: list[ConstructorArgument] = field(default_factory=list)
    texts: dict[Slot, str] = field(default_factory=dict)
    locals: list[tuple[str, str]] = field(default_factory=list)
    flags: dict[str, str] = field(default_factory=dict)

    def taken(self) -> set[str]:
        """Return the names that are in use."""
        return {p.name for p in self.parameters} | {name for name, _ in self.locals}


def solve(group: Shared, reserved: frozenset[str]) -> Solution:
    """Return the constructor's arguments for modules that share a class."""
    solution = Solution()
    columns = _columns(group)
    channels = [column for column in columns if column.family == "channels"]
    _name_channels(channels, group.base.joins(), solution, reserved)
    others = [column for column in columns if column.family != "channels"]
    for column in sorted(others, key=lambda c: c.family == "padding"):
        _name_other(column, others, solution, reserved)
    for name, present in group.optional().items():
        _flag(name, present, solution, reserved)
    solution.parameters.sort(key=lambda p: p.default is not MISSING)
    return solution


def _columns(group: Shared) -> list[AgreeingLiterals]:
    """Return the literals that differ, those together that agree."""
    places: dict[Slot, Literal] = dict(group.base.slots())
    rows = [dict(each.slots()) for each in group.templates]
    complete: list[AgreeingLiterals] = []
    partial: list[AgreeingLiterals] = []
    for place, (slot, literal) in enumerate(places.items()):
        values = tuple(row[slot].value if slot in row else _ABSENT for row in rows)
        present = [value for value in values if value is not _ABSENT]
        if all(value == present[0] for value in present):
            continue
        family = _FAMILIES.get(literal.role, literal.role)
        column = AgreeingLiterals(family, [(slot, literal.role)], [place], values)
        same = [c for c in complete if c.family == family and c.values == values]
        if same:
            same[0].join(column)
        else:
            (complete if column.complete else partial).append(column)
    for column in partial:
        same = [c for c in complete if c.family == column.family and c.agrees(column.values)]
        if same:
            same[0].join(column)
        else:
            complete.append(column)
    return complete


def _name_channels(
    columns: list[AgreeingLiterals], joined: bool, solution: Solution, reserved: frozenset[str]
) -> None:
    """Name numbers of channels. `joined`: the module's result has those of several layers."""
    first = next((c for c in columns if c.complete and c.slots[0][1] in _INPUTS), None)
    last = None if joined else _last_output(columns)
    ends = [column for column in (first, last) if column is not None]
    ordered = ends + [column for column in columns if column not in ends]
    bases: list[tuple[str, Row]] = []
    for column in dict.fromkeys(map(id, ordered)):
        found = next(c for c in ordered if id(c) == column)
        text = _derived(found, bases)
        if text is not None:
            _put_derived(found, text, solution, reserved)
            continue
        name = _channel_name(found, first, last, solution)
        name = _unused(name, solution, reserved)
        bases.append((name, found.values))
        _put(found, name, _role(name), solution)


def _role(name: str) -> str:
    """Return what an argument of a class is to those that call it."""
    if name in _NAMED:
        return name
    return "in_channels" if name == "channels" else "channels"


def _channel_name(
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
        if role in _OUTPUTS
    }
    return outputs[max(outputs)] if outputs else None


def _width(column: AgreeingLiterals, solution: Solution) -> str:
    """Return what a number of channels inside a module is called."""
    roles = {role for _, role in column.slots}
    for name in ("heads", "groups"):
        if name in roles and not roles & (_INPUTS | _OUTPUTS):
            return name
    first, _ = column.slots[0]
    return variable(f"{first.layer}_channels") if "width" in solution.taken() else "width"


def _derived(column: AgreeingLiterals, bases: list[tuple[str, Row]]) -> str | None:
    """Return a column as a multiple or a part of one that has a name, None where it is neither."""
    for name, base in bases:
        pairs = [
            (a, b)
            for a, b in zip(column.values, base, strict=True)
            if a is not _ABSENT and b is not _ABSENT
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


def _put_derived(
    column: AgreeingLiterals, text: str, solution: Solution, reserved: frozenset[str]
) -> None:
    if len(column.slots) > 1:
        name = _unused(_width(column, solution), solution, reserved)
        solution.locals.append((name, text))
        text = name
    solution.texts |= {slot: text for slot, _ in column.slots}


def _name_other(
    column: AgreeingLiterals,
    columns: list[AgreeingLiterals],
    solution: Solution,
    reserved: frozenset[str],
) -> None:
    slot, role = column.slots[0]
    if role == "padding":
        for parameter in solution.parameters:
            if parameter.role == "kernel_size" and _is_half(column.values, parameter.values):
                half = f"{parameter.name} // 2"
                solution.texts |= {place: half for place, _ in column.slots}
                return
    alone = sum(other.family == column.family for other in columns) == 1
    name = variable(role if alone and role else f"{slot.layer}_{role or 'value'}")
    _put(column, _unused(name, solution, reserved), role, solution)


def _is_half(values: Row, kernels: Row) -> bool:
    return all(
        type(value) is int and type(kernel) is int and value == kernel // 2
        for value, kernel in zip(values, kernels, strict=True)
    )


def _put(column: AgreeingLiterals, name: str, role: str, solution: Solution) -> None:
    present = [value for value in column.values if value is not _ABSENT]
    default = MISSING
    if not column.complete:
        default = Counter(present).most_common(1)[0][0]
    elif role in _USUAL and _USUAL[role] in present:
        default = _USUAL[role]
    values = tuple(default if value is _ABSENT else value for value in column.values)
    solution.parameters.append(ConstructorArgument(name, role, values, default))
    solution.texts |= {slot: name for slot, _ in column.slots}


def _flag(
    name: str, present: tuple[bool, ...], solution: Solution, reserved: frozenset[str]
) -> None:
    for parameter in solution.parameters:
        if parameter.role == "flag" and parameter.values == present:
            solution.flags[name] = parameter.name
            return
    flag = _unused(variable(name), solution, reserved)
    solution.parameters.append(ConstructorArgument(flag, "flag", present, False))
    solution.flags[name] = flag


def _unused(name: str, solution: Solution, reserved: frozenset[str]) -> str:
    return unused(name, {*reserved, *solution.taken()})


def _type(value: Any) -> str:
    if isinstance(value, Raw):
        return "type[nn.Module]"
    if value is None:
        return "None"
    if isinstance(value, tuple):
        inner = sorted({_type(item) for item in value})
        return f"tuple[{' | '.join(inner)}, ...]" if inner else "tuple[()]"
    return type(value).__name__
