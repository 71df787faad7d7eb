"""Expressions of exported code, whose literals can be replaced by arguments of a constructor."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

MISSING: Any = object()
"""The default of an argument that has none."""


class Raw(NamedTuple):
    """Source as it stands."""

    text: str


class Literal(NamedTuple):
    """A value; `role` is the name of the argument that it is given for.

    `spread`: a tuple whose items are arguments of their own.
    """

    value: Any
    role: str
    spread: bool = False


class Input(NamedTuple):
    """An input of the layer, by its number."""

    number: int


class Own(NamedTuple):
    """A parameter or buffer of the layer, by its path from the module whose forward uses it."""

    path: tuple[str, ...]
    trainable: bool


class CallArgument(NamedTuple):
    """An argument of a call. `positional`: written without its name where nothing before it is
    left out.
    """

    name: str
    value: Expression
    default: Any = MISSING
    positional: bool = False


class FunctionCall(NamedTuple):
    """A call of a function or a class."""

    head: Expression
    arguments: tuple[CallArgument, ...] = ()


class Display(NamedTuple):
    """A list, or a tuple."""

    items: tuple[Expression, ...]
    brackets: str = "[]"


class Text(NamedTuple):
    """Pieces of source, one directly behind the other."""

    pieces: tuple[Expression, ...]


class Cut(NamedTuple):
    """Where a slice begins and ends; None: at the tensor's own ends."""

    start: Expression | None
    stop: Expression | None
    step: int


class ModuleRow(NamedTuple):
    """Modules one after the other, by name: torch.nn.Sequential."""

    names: tuple[str, ...]
    items: tuple[Expression, ...]


Expression = Raw | Literal | Input | Own | FunctionCall | Display | Text | Cut | ModuleRow


def parts(expression: Expression) -> tuple[Expression, ...]:
    """Return the expressions that it is made of."""
    match expression:
        case FunctionCall(head, arguments):
            return (head, *(argument.value for argument in arguments))
        case Display(items, _) | Text(items) | ModuleRow(_, items):
            return items
        case Cut(start, stop, _):
            return tuple(bound for bound in (start, stop) if bound is not None)
    return ()


def _with_parts(expression: Expression, new: tuple[Expression, ...]) -> Expression:
    match expression:
        case FunctionCall(_, arguments):
            pairs = zip(arguments, new[1:], strict=True)
            return FunctionCall(
                new[0], tuple(argument._replace(value=value) for argument, value in pairs)
            )
        case Display(_, brackets):
            return Display(new, brackets)
        case Text():
            return Text(new)
        case ModuleRow(names, _):
            return ModuleRow(names, new)
        case Cut(start, stop, step):
            bounds = list(new)
            begin = None if start is None else bounds.pop(0)
            return Cut(begin, None if stop is None else bounds.pop(0), step)
    return expression


def literals(expression: Expression) -> Iterator[Literal]:
    """Yield every literal, from left to right."""
    if isinstance(expression, Literal):
        yield expression
    for part in parts(expression):
        yield from literals(part)


def mapped(expression: Expression, function: Callable[[Literal], Expression]) -> Expression:
    """Return the expression with every literal replaced, from left to right."""
    if isinstance(expression, Literal):
        return function(expression)
    return _with_parts(expression, tuple(mapped(part, function) for part in parts(expression)))


def skeleton(expression: Expression) -> Any:
    """Return what two expressions share that differ in the values of their literals alone."""
    names: tuple[Any, ...]
    match expression:
        case Literal(_, role, spread):
            return ("literal", role, spread)
        case FunctionCall(_, arguments):
            names = tuple(argument.name for argument in arguments)
        case ModuleRow(names, _):
            pass
        case Cut(start, stop, step):
            names = (start is None, stop is None, step)
        case Display() | Text():
            names = ()
        case _:
            return (type(expression).__name__, expression)
    kind = type(expression).__name__
    return (kind, names, *(skeleton(part) for part in parts(expression)))
