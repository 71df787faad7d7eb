"""Modules of one structure as one template, whose literals are a row of values for each of them.

Two modules share a template where they differ in literals alone, or where one lacks modules that
the other has: those become torch.nn.Identity there.
"""

from __future__ import annotations

from collections import Counter
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
"""A value in a forward: -1, -2, … its inputs, or an output of the line with this `given`."""


class Line(NamedTuple):
    """A call in a forward, as `code_scopes.ForwardStep`.

    `given` is what its values go by: its path, and a number where the path was called before.
    """

    path: Path
    given: Path
    inputs: tuple[Value, ...]
    names: tuple[str, ...]
    expression: Expression | None
    inplace: bool

    @property
    def layer(self) -> str:
        """What it is called within the module."""
        return ".".join(self.path)

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
                    yield Slot(line.layer, number, True), literal

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

    def without(self, layers: Collection[str]) -> ModuleTemplate:
        """Return the template without these layers: what their first input was goes on in place of
        what they give.
        """
        passed: dict[Value, Value] = {}
        lines = []
        for line in self.lines:
            inputs = tuple(passed.get(value, value) for value in line.inputs)
            if line.layer not in layers:
                lines.append(line._replace(inputs=inputs))
            elif inputs:
                passed[line.given, 0] = inputs[0]
        return ModuleTemplate(
            self.chain,
            tuple(a for a in self.attributes if a.name not in layers),
            tuple(lines),
            self.inputs,
            tuple(passed.get(value, value) for value in self.outputs),
        )

    def steps_over(self, layers: Collection[str]) -> tuple[Line, ...]:
        """Return the functions among these layers whose first input goes on where they are left
        out; the others only make what these need.
        """
        wanted = set(self.outputs)
        found = []
        for line in reversed(self.lines):
            if line.layer not in layers:
                wanted.update(line.inputs)
            elif (line.given, 0) in wanted and line.inputs:
                wanted.add(line.inputs[0])
                if line.expression is not None:
                    found.append(line)
        return tuple(found)


class Slot(NamedTuple):
    """The place of a literal: the layer, its number there, whether it is in the forward."""

    layer: str
    number: int
    in_forward: bool


def template(scope: Scope, attributes: tuple[Attribute, ...], chain: bool) -> ModuleTemplate:
    """Return a module's template, its values numbered from within."""
    values: dict[int, Value] = {value: -1 - n for n, value in enumerate(scope.inputs)}
    lines = []
    calls: Counter[Path] = Counter()
    for step in scope.steps:
        inputs = tuple(values[value] for value in step.inputs)
        again = calls[step.path]
        given = (*step.path, f"call {again}") if again else step.path
        calls[step.path] += 1
        lines.append(Line(step.path, given, inputs, step.names, step.expression, step.inplace))
        values |= {value: (given, n) for n, value in enumerate(step.outputs)}
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
        """Return for each layer that some lack whether they have it."""
        lacking = frozenset().union(*self.missing)
        return {
            line.layer: tuple(line.layer not in missing for missing in self.missing)
            for line in self.base.lines
            if line.layer in lacking
        }


def shared(scopes: list[Scope], templates: list[ModuleTemplate]) -> list[Shared]:
    """Return the modules by the class they share, in their order."""
    by_skeleton: dict[Any, list[int]] = {}
    for number, each in enumerate(templates):
        by_skeleton.setdefault(each.skeleton(), []).append(number)
    fullest = sorted(by_skeleton.items(), key=lambda item: -len(templates[item[1][0]].lines))
    groups: list[dict[int, frozenset[str]]] = []
    for key, numbers in fullest:
        for group in groups:
            base = templates[next(iter(group))]
            missing = _missing(base, templates[numbers[0]], key)
            if missing is not None and _go_together(base, {missing, *group.values()}):
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
    """Return the layers that another template lacks; None where they differ otherwise too."""
    layers = {line.layer for line in base.lines} - {line.layer for line in other.lines}
    if base.chain or other.chain or not layers:
        return None
    lacking = [line for line in base.lines if line.layer in layers]
    modules = [line for line in lacking if line.expression is None]
    weights = [a for a in base.attributes if a.name in layers and a.kind != "module"]
    if weights or any(line.outputs != 1 for line in lacking):
        return None
    if any(len(line.inputs) != 1 or len(line.path) != 1 for line in modules):
        return None
    if base.without(layers).skeleton() != key or not _are_last(base, layers):
        return None
    return frozenset(layers)


def _are_last(base: ModuleTemplate, layers: Collection[str]) -> bool:
    """Whether no function that may be left out has an input that is read again behind it, for its
    result takes that one's name.
    """
    for line in base.steps_over(layers):
        behind = base.lines[base.lines.index(line) + 1 :]
        later = {value for other in behind for value in other.inputs} | set(base.outputs)
        written_over = any(other.inplace for other in base.lines)
        if line.inputs[0] in later or written_over:
            return False
    return True


def _go_together(base: ModuleTemplate, missing: Collection[frozenset[str]]) -> bool:
    """Whether all modules that lack functions lack the same ones."""
    functions = {line.layer for line in base.lines if line.expression is not None}
    return len({layers & functions for layers in missing} - {frozenset()}) <= 1
