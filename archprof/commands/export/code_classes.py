"""The classes of exported code: which modules share one, what it is called, what it is given."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from archprof.commands.export.code_expressions import (
    CallArgument,
    Expression,
    FunctionCall,
    Literal,
    ModuleRow,
    Raw,
)
from archprof.commands.export.code_helpers import definitions
from archprof.commands.export.code_names import RESERVED, class_name, unused
from archprof.commands.export.code_parameters import ConstructorArgument, Solution
from archprof.commands.export.code_solving import solve
from archprof.commands.export.code_templates import (
    Attribute,
    ModuleTemplate,
    Shared,
    shared,
    template,
)
from archprof.commands.export.code_tree import Scope

HELPERS = frozenset(definitions())
_OF_SEQUENTIAL = {"append", "extend", "insert", "pop"}
_CHANNELS = {"channels", "in_channels", "out_channels", "width"}


@dataclass
class Class:
    """A class of the exported code."""

    name: str
    template: ModuleTemplate
    solution: Solution
    uses: list[str] = field(default_factory=list)  # classes that must be defined before it


class Classes:
    """The classes of one network, each behind those that it uses; the last is the network's."""

    def __init__(self, root: Scope, name: str):
        self._names = {*RESERVED, *HELPERS}
        self._root = root
        self._name = unused(name, self._names)
        self._names.add(self._name)
        self._calls: dict[int, Expression] = {}
        self.classes: list[Class] = []
        for label, scopes in _in_order(root):
            self._add(label, scopes)
        self._add_root()

    def _add(self, label: str, scopes: list[Scope]) -> None:
        """Make the classes for modules that are called the same."""
        templates = [self._template(scope) for scope in scopes]
        for group in shared(scopes, templates):
            name = unused(label, self._names)
            self._names.add(name)
            solution = solve(group, HELPERS | RESERVED)
            self.classes.append(Class(name, group.base, solution))
            for number, scope in enumerate(group.scopes):
                self._calls[id(scope)] = _call(name, solution.parameters, number)

    def _add_root(self) -> None:
        whole = self._template(self._root)
        solution = solve(Shared(whole, [self._root], [whole], [frozenset()]), HELPERS | RESERVED)
        self.classes.append(Class(self._name, whole, solution))

    def _template(self, scope: Scope) -> ModuleTemplate:
        attributes = tuple(
            Attribute(held.name, held.kind, self._expression(held.value), held.aside)
            for held in scope.held
        )
        is_row = scope is not self._root and _is_sequential(scope)
        return template(scope, attributes, is_row)

    def _expression(self, value: Expression | Scope) -> Expression:
        if not isinstance(value, Scope):
            return value
        if id(value) in self._calls:
            return self._calls[id(value)]
        items = tuple(self._expression(held.value) for held in value.held)
        names = tuple(held.name for held in value.held)
        return ModuleRow(names, items)


def _call(name: str, parameters: list[ConstructorArgument], number: int) -> FunctionCall:
    """Return the call that makes one module of a class."""
    return FunctionCall(
        Raw(name),
        tuple(
            CallArgument(
                parameter.name,
                Literal(
                    parameter.values[number],
                    parameter.name if parameter.role == "flag" else parameter.role,
                ),
                parameter.default,
                parameter.name in _CHANNELS,
            )
            for parameter in parameters
        ),
    )


def _is_sequential(scope: Scope) -> bool:
    """Whether a module is a torch.nn.Sequential: what it holds, in a row, each once."""
    names = [held.name for held in scope.held]
    called = [step.path[0] for step in scope.steps]
    only_modules = all(step.expression is None for step in scope.steps)
    if not names or names != called or not only_modules or not scope.is_chain():
        return False
    if _OF_SEQUENTIAL & set(names):
        return False
    numbered = names == [str(n) for n in range(len(names))]
    return numbered or scope.block in ("", "Sequential")


def _is_inline(scope: Scope) -> bool:
    """Whether a module needs no class of its own: a row without a name, or of other classes."""
    is_stage = all(isinstance(held.value, Scope) for held in scope.held)
    return _is_sequential(scope) and (is_stage or scope.block in ("", "Sequential"))


def _label(scope: Scope) -> str:
    """Return what a class for the module is called: by its block, or by where it is."""
    words = next((name for name in reversed(scope.path) if not name.isdigit()), "")
    found = class_name(scope.block) or class_name(words) or "Block"
    return f"{found}Block" if found in HELPERS | RESERVED else found


def _in_order(root: Scope) -> Iterator[tuple[str, list[Scope]]]:
    """Yield the modules that need a class by what they are called, each behind what it uses."""
    height: dict[int, int] = {}
    found: list[tuple[Scope, set[str]]] = []
    _collect(root, height, found)
    found.pop()  # the network itself
    labels: dict[str, list[Scope]] = {}
    needs: dict[str, set[str]] = {}
    for scope, used in found:
        label = _label(scope)
        labels.setdefault(label, []).append(scope)
        needs.setdefault(label, set()).update(used)
    yield from _sorted(labels, needs, height)


def _collect(scope: Scope, height: dict[int, int], found: list[tuple[Scope, set[str]]]) -> set[str]:
    """Note a module's height and what it uses; returns the names of the classes that it needs."""
    used: set[str] = set()
    tallest = 0
    for held in scope.held:
        if isinstance(held.value, Scope):
            used |= _collect(held.value, height, found)
            tallest = max(tallest, height[id(held.value)])
    height[id(scope)] = tallest + 1
    if scope.path and _is_inline(scope):
        return used
    found.append((scope, used))
    return {_label(scope)}


def _sorted(
    labels: dict[str, list[Scope]], needs: dict[str, set[str]], height: dict[int, int]
) -> Iterator[tuple[str, list[Scope]]]:
    """Yield the names in an order in which each comes behind those it needs.

    Where they need each other, as blocks do that contain their own kind, the lowest come first.
    """
    left = dict(labels)
    while left:
        ready = [label for label in left if not needs[label] & left.keys()]
        if ready:
            for label in ready:
                yield label, left.pop(label)
            continue
        lowest = min(height[id(scope)] for scopes in left.values() for scope in scopes)
        for label in list(left):
            low = [scope for scope in left[label] if height[id(scope)] == lowest]
            if low:
                yield label, low
            left[label] = [scope for scope in left[label] if height[id(scope)] != lowest]
            if not left[label]:
                del left[label]
