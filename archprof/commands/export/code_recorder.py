"""The `torch` that an op gets to build itself as source: calls of it give expressions."""

from __future__ import annotations

from typing import Any

from archprof.commands.export.code_expressions import (
    Display,
    Expression,
    FunctionCall,
    Literal,
    ModuleRow,
    Raw,
    Text,
)
from archprof.commands.export.code_helpers import by_name_in_nn
from archprof.commands.export.code_signatures import arguments
from archprof.graph.graph import Node
from archprof.ops.answers import Function
from archprof.ops.base import Shape
from archprof.problem import ProblemError

_ACTIVATIONS = {"nn.ReLU", "nn.ReLU6", "nn.SiLU", "nn.Hardswish", "nn.Hardsigmoid"}
_ACTIVATIONS |= {"nn.SELU", "nn.Mish"}
"""Modules with the same arguments, of which a block may be given one or the other."""


class Made:
    """What a call of the recorded torch gives."""

    def __init__(self, expression: Expression):
        self.expression = expression

    def __getitem__(self, index: int) -> Made:
        return Made(Text((self.expression, Raw(f"[{index}]"))))


class Name:
    """Something in torch, under the name that exported code has for it."""

    def __init__(self, text: str):
        self.text = text

    def __getattr__(self, name: str) -> Name:
        return Name(f"{self.text}.{name}")

    def __call__(self, *values: Any, **named: Any) -> Made:
        return Made(
            called(
                self.text,
                tuple(written(value, "") for value in values),
                {name: written(value, name) for name, value in named.items()},
            )
        )


class _Layers:
    """torch.nn, with archprof's own modules and functions beside torch's."""

    functional = Name("functional")

    def __getattr__(self, name: str) -> Name:
        own = by_name_in_nn().get(name)
        return Name(own if own else f"nn.{name}")


class _Torch:
    """torch."""

    nn = _Layers()

    def __getattr__(self, name: str) -> Name:
        return Name(f"torch.{name}")


def built(node: Node, inputs: tuple[Shape, ...]) -> Expression | Function:
    """Return how torch makes the layer's module, or the function that computes it.

    Raises ProblemError for an op that archprof does not know how to build.
    """
    try:
        made = node.op.build(_Torch(), inputs)
    except NotImplementedError:
        raise ProblemError.of(
            node.mark,
            "export",
            f"the layer `{node.path}` is the operator `{node.op.name}`, which archprof cannot"
            " write as a torch module",
            "export to another format, or only a part of the network that does without it",
        ) from None
    if isinstance(made, Made):
        return _shorter(made.expression, inputs)
    return made  # type: ignore[no-any-return]


def called(
    function: str, values: tuple[Expression, ...], named: dict[str, Expression]
) -> FunctionCall:
    """Return a call of a function or class by the name that exported code has for it."""
    head: Expression = Raw(function)
    if function in _ACTIVATIONS:
        head = Literal(head, "activation")
    return FunctionCall(head, arguments(function, values, named))


def written(value: Any, role: str) -> Expression:
    """Return an argument as an expression."""
    if isinstance(value, Made):
        return value.expression
    if isinstance(value, Raw | Literal | FunctionCall | Display | Text | ModuleRow):
        return value
    return Literal(value, role)


def _shorter(expression: Expression, inputs: tuple[Shape, ...]) -> Expression:
    """Return a flattening to the last dimension as it is usually written."""
    if not isinstance(expression, FunctionCall) or expression.head != Raw("nn.Flatten"):
        return expression
    last = Literal(len(inputs[0]), "end_dim")
    return FunctionCall(
        expression.head,
        tuple(
            argument._replace(value=Literal(-1, "end_dim")) if argument.value == last else argument
            for argument in expression.arguments
        ),
    )
