"""The arguments of a class's constructor: what its modules do not have in common, named."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from archprof.commands.export.code_expressions import MISSING, Literal, Raw
from archprof.commands.export.code_names import unused
from archprof.commands.export.code_templates import Shared, Slot

INPUTS = {"in_channels", "in_features", "num_features", "normalized_shape", "num_channels"}
OUTPUTS = {"out_channels", "out_features"}
_CHANNELS = INPUTS | OUTPUTS | {"channels", "groups", "heads"}
"""Arguments that are numbers of channels: where two agree, they are one."""

_FAMILIES = dict.fromkeys(_CHANNELS, "channels") | {"width": "height"}
"""What an argument measures, where that is not its name."""

_USUAL = {"stride": 1, "dilation": 1, "groups": 1, "p": 0.0, "inplace": False}
"""The defaults of arguments that are seldom given."""

_TORCHS = {"bias", "affine", "elementwise_affine", "ceil_mode", "count_include_pad"}
"""Conditions that torch's own modules take: a default other than theirs would mislead."""

ABSENT: Any = object()
"""The value of a literal for a module that lacks its layer."""

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
        return all(a == b for a, b in pairs if a is not ABSENT and b is not ABSENT)

    @property
    def complete(self) -> bool:
        """Whether every module has it."""
        return ABSENT not in self.values


@dataclass
class Solution:
    """What stands in a class in place of its literals.

    `locals`: numbers worked out first. A slot that is not in `texts` is the same in all modules.
    """

    reserved: frozenset[str]
    parameters: list[ConstructorArgument] = field(default_factory=list)
    texts: dict[Slot, str] = field(default_factory=dict)
    locals: list[tuple[str, str]] = field(default_factory=list)
    flags: dict[str, str] = field(default_factory=dict)

    def free(self, name: str) -> str:
        """Return a name that nothing has yet, as near to this one as can be."""
        names = {p.name for p in self.parameters} | {name for name, _ in self.locals}
        return unused(name, {*self.reserved, *names})

    def take(self, column: AgreeingLiterals, name: str, role: str) -> None:
        """Make an argument of the constructor of literals that agree."""
        present = [value for value in column.values if value is not ABSENT]
        default = MISSING
        if not column.complete:
            default = Counter(present).most_common(1)[0][0]
        elif role in _USUAL and _USUAL[role] in present:
            default = _USUAL[role]
        elif role not in _TORCHS and {type(value) for value in present} == {bool}:
            default = False  # a layer that only some have
        values = tuple(default if value is ABSENT else value for value in column.values)
        self.parameters.append(ConstructorArgument(name, role, values, default))
        self.write(column, name)

    def write(self, column: AgreeingLiterals, text: str) -> None:
        """Write a text in place of literals that agree."""
        self.texts |= {slot: text for slot, _ in column.slots}


def differing(group: Shared) -> list[AgreeingLiterals]:
    """Return the literals that differ, those together that agree."""
    places: dict[Slot, Literal] = dict(group.base.slots())
    rows = [dict(each.slots()) for each in group.templates]
    complete: list[AgreeingLiterals] = []
    partial: list[AgreeingLiterals] = []
    for place, (slot, literal) in enumerate(places.items()):
        values = tuple(row[slot].value if slot in row else ABSENT for row in rows)
        present = [value for value in values if value is not ABSENT]
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


def _type(value: Any) -> str:
    if isinstance(value, Raw):
        return "type[nn.Module]"
    if value is None:
        return "None"
    if isinstance(value, tuple):
        inner = sorted({_type(item) for item in value})
        return f"tuple[{' | '.join(inner)}, ...]" if inner else "tuple[()]"
    return type(value).__name__
