"""Modules of one structure as one template, whose literals are a row of values for each of them.

Two modules share a template where they differ in literals alone, or where one lacks modules that
the other has: those become torch.nn.Identity there.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

from archprof.commands.export.code_expressions import (
    Display,
    Expression,
    Literal,
    literals,
    parts,
    skeleton,
)
from archprof.commands.export.code_tree import Path, Scope

Value = int | tuple[Path, int]
"""A value in a forward: -1, -2, … its inputs, or an output of the line with this path."""


class Line(NamedTuple):
    """A call in a forward, as `code_scopes.ForwardStep`."""

    path: Path
    inputs: tuple[Value, ...]
    names: tuple[str, ...]
    expression: Expression | None
    inplace: bool

    @property
    def outputs(self) -> int:
        """How many values it gives."""
        return len(self.names)


class Attribute(NamedTuple):
    """What a module holds, as `code_scopes.Held`; every module is an expression."""

    name: str
    kind: str
    value: Expression
    aside: bool


class ModuleTemplate(NamedTuple):
    """A module. `chain`: it is a torch.nn.Sequential, and has no forward of its own."""

    chain: bool
    attributes: tuple[Attribute, ...]
    lines: tuple[Line, ...]
    inputs: int
    outputs: tuple[Value, ...]

    def slots(self) -> Iterator[tuple[Slot, Literal]]:
        """Yield every literal with its place."""
        for attribute in self.attributes:
            for number, literal in enumerate(literals(attribute.value)):
                yield Slot(attribute.name, number, False), literal
        for line in self.lines:
            if line.expression is not None:
                for number, literal in enumerate(literals(line.expression)):
                    yield Slot(".".join(line.path), number, True), literal

    def skeleton(self) -> Any:
        """Return what templates share that differ in literals alone."""
        return (
            self.chain,
            tuple((a.name, a.kind, a.aside, skeleton(a.value)) for a in self.attributes),
            tuple(
                line._replace(expression=line.expression and skeleton(line.expression))
                for line in self.lines
            ),
            self.inputs,
            self.outputs,
        )

    def joins(self) -> bool:
        """Whether its result is made from several tensors in a list."""
        last = self.lines[-1].expression if self.lines else None
        return any(isinstance(part, Display) for part in parts(last)) if last else False

    def without(self, names: Collection[str]) -> ModuleTemplate | None:
        """Return the template without these modules, whose inputs go on in place of what they
        give; None where one of them is no module of one input and one output.
        """
        passed: dict[Value, Value] = {}
        lines = []
        for line in self.lines:
            inputs = tuple(passed.get(value, value) for value in line.inputs)
            if line.path[0] not in names:
                lines.append(line._replace(inputs=inputs))
                continue
            if line.expression is not None or len(inputs) != 1 or line.outputs != 1:
                return None
            passed[line.path, 0] = inputs[0]
        if len(passed) != len(names):
            return None
        return ModuleTemplate(
            self.chain,
            tuple(a for a in self.attributes if a.name not in names),
            tuple(lines),
            self.inputs,
            tuple(passed.get(value, value) for value in self.outputs),
        )


class Slot(NamedTuple):
    """The place of a literal: the layer, its number there, whether it is in the forward."""

    layer: str
    number: int
    in_forward: bool


def template(scope: Scope, attributes: tuple[Attribute, ...], chain: bool) -> ModuleTemplate:
    """Return a module's template, its values numbered from within."""
    values: dict[int, Value] = {value: -1 - n for n, value in enumerate(scope.inputs)}
    lines = []
    for step in scope.steps:
        inputs = tuple(values[value] for value in step.inputs)
        lines.append(Line(step.path, inputs, step.names, step.expression, step.inplace))
        values |= {value: (step.path, n) for n, value in enumerate(step.outputs)}
    outputs = tuple(values[value] for value in scope.outputs)
    return ModuleTemplate(chain, attributes, tuple(lines), len(scope.inputs), outputs)


@dataclass
class Shared:
    """Modules that become one class: the template of the fullest, and of each what it lacks."""

    base: ModuleTemplate
    scopes: list[Scope]
    templates: list[ModuleTemplate]
    missing: list[frozenset[str]]

    def optional(self) -> dict[str, tuple[bool, ...]]:
        """Return for each module that some lack whether they have it."""
        return {
            a.name: tuple(a.name not in missing for missing in self.missing)
            for a in self.base.attributes
            if any(a.name in missing for missing in self.missing)
        }


def shared(scopes: list[Scope], templates: list[ModuleTemplate]) -> list[Shared]:
    """Return the modules by the class they share, in their order."""
    by_skeleton: dict[Any, list[int]] = {}
    for number, each in enumerate(templates):
        by_skeleton.setdefault(each.skeleton(), []).append(number)
    fullest = sorted(by_skeleton.items(), key=lambda item: -len(templates[item[1][0]].attributes))
    groups: list[dict[int, frozenset[str]]] = []
    for key, numbers in fullest:
        for group in groups:
            missing = _missing(templates[next(iter(group))], templates[numbers[0]], key)
            if missing is not None:
                group |= dict.fromkeys(numbers, missing)
                break
        else:
            groups.append(dict.fromkeys(numbers, frozenset()))
    groups.sort(key=min)
    return [
        Shared(
            templates[next(iter(group))],
            [scopes[n] for n in sorted(group)],
            [templates[n] for n in sorted(group)],
            [group[n] for n in sorted(group)],
        )
        for group in groups
    ]


def _missing(base: ModuleTemplate, other: ModuleTemplate, key: Any) -> frozenset[str] | None:
    """Return the modules that another template lacks; None where they differ otherwise too."""
    names = {a.name for a in base.attributes} - {a.name for a in other.attributes}
    if base.chain or other.chain or not names:
        return None
    reduced = base.without(names)
    if reduced is None or reduced.skeleton() != key:
        return None
    return frozenset(names)
