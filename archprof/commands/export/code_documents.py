"""Expressions as source."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from archprof.commands.export import code_loops
from archprof.commands.export.code_expressions import (
    CallArgument,
    Cut,
    Display,
    Expression,
    FunctionCall,
    Input,
    Literal,
    ModuleRow,
    Own,
    Raw,
    Text,
)
from archprof.commands.export.code_layout import Document, Group, flat, prefixed
from archprof.commands.export.code_names import quoted, weight_access


def document(expression: Expression, inputs: Sequence[str] = ()) -> Document:
    """Return an expression as source. `inputs`: what the layer's inputs are called."""
    match expression:
        case Raw(text):
            return text
        case Literal(value, _, spread):
            return ", ".join(map(spelled, value)) if spread else _value(value)
        case Input(number):
            return inputs[number]
        case Own(path, trainable):
            return weight_access(path, trainable)
        case Text(pieces):
            return "".join(flat(document(piece, inputs)) for piece in pieces)
        case Cut(start, stop, step):
            bounds = ["" if b is None else flat(document(b, inputs)) for b in (start, stop)]
            return _cut(bounds, step)
        case Display(items, brackets):
            return _display(tuple(document(item, inputs) for item in items), brackets)
        case FunctionCall(head, arguments):
            return _call(flat(document(head, inputs)), arguments, inputs)
        case ModuleRow(names, items):
            return chain("nn.Sequential(", names, items)


def chain(opening: str, names: tuple[str, ...], items: tuple[Expression, ...]) -> Group:
    """Return modules in a row as the arguments of torch.nn.Sequential's constructor."""
    if names == tuple(map(str, range(len(names)))):
        return Group(opening, code_loops.numbered(items, document), ")")
    return Group(opening, (code_loops.named(names, items, document),), ")")


def spelled(value: Any) -> str:
    """Return a value as Python writes it."""
    if isinstance(value, Raw):
        return value.text
    if isinstance(value, str):
        return quoted(value)
    if isinstance(value, float) and not math.isfinite(value):
        return f'float("{value}")'
    if isinstance(value, tuple):
        items = ", ".join(map(spelled, value))
        return f"({items},)" if len(value) == 1 else f"({items})"
    return repr(value)


def _display(items: tuple[Document, ...], brackets: str) -> Document:
    if brackets == "()" and len(items) == 1:
        return f"({flat(items[0])},)"
    return Group(brackets[0], items, brackets[1], "display")


def _cut(bounds: list[str], step: int) -> str:
    """Return a slice, with spaces around the colon where a bound is more than a name."""
    start, stop = bounds
    if all(bound.removeprefix("-").isalnum() for bound in bounds if bound):
        text = f"{start}:{stop}"
    else:
        text = f"{start} : {stop}".strip()
    return text if step == 1 else f"{text}:{step}"


def _value(value: Any) -> Document:
    if isinstance(value, tuple) and len(value) > 1:
        return Group("(", tuple(map(_value, value)), ")", "display")
    return spelled(value)


def _call(head: str, arguments: tuple[CallArgument, ...], inputs: Sequence[str]) -> Document:
    written: list[Document] = []
    by_position = True
    for argument in arguments:
        value = argument.value
        if isinstance(value, Literal) and _is_default(value.value, argument.default):
            by_position = False
            continue
        by_position = by_position and argument.positional
        text = document(value, inputs)
        written.append(text if by_position else prefixed(f"{argument.name}=", text))
    if not written:
        return f"{head}()"
    return Group(f"{head}(", tuple(written), ")")


def _is_default(value: Any, default: Any) -> bool:
    return type(value) is type(default) and bool(value == default)
