"""How a person writes the ops that are not modules: `x + y`, `x[:, :1]`, `torch.cat([x, y], 1)`.

What is not listed here is called by its name, and exported code brings the function along.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple, cast

from archprof.commands.export.code_expressions import (
    Cut,
    Display,
    Expression,
    Input,
    Literal,
    Own,
    Raw,
    Text,
)
from archprof.commands.export.code_recorder import Name, called, written
from archprof.graph.graph import Node
from archprof.ops.answers import Function


class Form(NamedTuple):
    """A layer as an expression over its inputs. `inplace`: written over the first of them."""

    expression: Expression
    inplace: bool = False


class FormOperands(NamedTuple):
    """What a function is called with: inputs and weights, then arguments by position and by name.

    `dimensions`: of each input, the batch counted.
    """

    tensors: tuple[Expression, ...]
    values: tuple[Expression, ...]
    named: dict[str, Expression]
    dimensions: tuple[int, ...]


def form(function: Function, node: Node, weights: tuple[Own, ...], repeated: set[int]) -> Form:
    """Return how a function is written.

    `repeated`: the inputs that are the same for every sample and come with a batch of 1, where the
    others have more.
    """
    name = cast(Name, function.target).text
    operands = FormOperands(
        (*map(Input, range(len(node.inputs))), *weights),
        tuple(written(value, _role(name)) for value in function.args),
        {name: written(value, name) for name, value in function.kwargs.items()},
        tuple(len(shape) + 1 for shape in node.facts.inputs),
    )
    if function.listed:
        return Form(_listed(name, operands, repeated))
    if name == "add_" and len(node.inputs) == 2:
        return Form(Input(1), inplace=True)
    if name in _FORMS:
        return Form(_FORMS[name](operands))
    return Form(called(name, (*operands.tensors, *operands.values), operands.named))


class TensorCut(NamedTuple):
    """The elements of a slice along a dimension, the batch counted."""

    dim: int
    start: int
    stop: int | None
    step: int


def slice_of(function: object) -> TensorCut | None:
    """Return the slice that a function takes, None for any other function."""
    if not isinstance(function, Function) or getattr(function.target, "text", "") != "slice_":
        return None
    return TensorCut(**function.kwargs)


def taken_apart(sizes: tuple[int, ...], dim: int) -> Expression:
    """Return an input cut into parts of these sizes, one behind the other."""
    if len(set(sizes)) == 1:
        return Text((Input(0), Raw(f".chunk({len(sizes)}, dim={dim})")))
    listed = Display(tuple(Literal(size, "channels") for size in sizes))
    return Text((Input(0), Raw(".split("), listed, Raw(f", dim={dim})")))


def start(function: Function, name: str, shape: tuple[int, ...], trainable: bool) -> Expression:
    """Return what a weight of a function starts from."""
    if not trainable:
        return written(function.buffers[name](), "")
    size = tuple(Literal(number, "channels") for number in shape)
    together = Display(size, "()")
    match function.start:
        case 0.0:
            value = called("torch.zeros", size or (together,), {})
        case 1.0:
            value = called("torch.ones", size or (together,), {})
        case number:
            value = called("torch.full", (together, Literal(number, "value")), {})
    return called("nn.Parameter", (value,), {})


def _role(name: str) -> str:
    return {"torch.permute": "dims", "reshape": "size", "torch.mul": "factor"}.get(name, "")


def _listed(name: str, operands: FormOperands, repeated: set[int]) -> Expression:
    """Return a call that takes its inputs as one list, those that come once for all repeated."""
    count = len(operands.tensors)
    first = next((n for n in range(count) if n not in repeated), None)
    items: list[Expression] = []
    for number, tensor in enumerate(operands.tensors):
        if number in repeated and first is not None:
            same = ", -1" * (operands.dimensions[number] - 1)
            tensor = Text((tensor, Raw(".expand("), Input(first), Raw(f".shape[0]{same})")))
        items.append(tensor)
    return called(name, (Display(tuple(items)), *operands.values), operands.named)


def _between(sign: str) -> Callable[[FormOperands], Expression]:
    """Return the form of an operator, `sign`, between its operands, tensors before numbers."""

    def written_between(operands: FormOperands) -> Expression:
        pieces: list[Expression] = []
        for operand in (*operands.tensors, *operands.values):
            pieces += [Raw(sign), operand]
        return Text(tuple(pieces[1:]))

    return written_between


def _scaled_in_place(operands: FormOperands) -> Expression:
    return Text((operands.tensors[0], Raw(".mul_("), operands.values[0], Raw(")")))


def _permuted(operands: FormOperands) -> Expression:
    return Text((operands.tensors[0], Raw(".permute("), _spread(operands.values[0]), Raw(")")))


def _reshaped(operands: FormOperands) -> Expression:
    x = operands.tensors[0]
    size = _spread(operands.values[0])
    return Text((x, Raw(".reshape("), x, Raw(".shape[0], "), size, Raw(")")))


def _scaled_along(operands: FormOperands) -> Expression:
    x, scale = operands.tensors
    trailing = cast(Literal, operands.named["trailing"])
    return Text((x, Raw(" * "), scale, Raw(f"[...{', None' * trailing.value}]")))


def _sliced(operands: FormOperands) -> Expression:
    values = {
        name: value.value for name, value in operands.named.items() if isinstance(value, Literal)
    }
    dim, start, stop = values["dim"], values["start"], values["stop"]
    cut = Cut(
        Literal(start, "channels") if start else None,
        None if stop is None else Literal(stop, "channels"),
        values["step"],
    )
    return _along(operands.tensors[0], dim, cut)


def _selected(operands: FormOperands) -> Expression:
    dim = cast(Literal, operands.named["dim"]).value
    return _along(operands.tensors[0], dim, operands.named["index"])


def _along(x: Expression, dim: int, index: Expression) -> Expression:
    """Return a tensor with an index along one dimension, and all of the others."""
    if dim < 0:
        return Text((x, Raw("[..., "), index, Raw(", :" * (-dim - 1) + "]")))
    return Text((x, Raw("[" + ":, " * dim), index, Raw("]")))


def _reduced(method: str) -> Callable[[FormOperands], Expression]:
    """Return how a reduction is written as a tensor's method: `x.mean(dim=1)`."""

    def written_out(operands: FormOperands) -> Expression:
        stays = cast(Literal, operands.named["keepdim"]).value
        end = ", keepdim=True)" if stays else ")"
        x, dim = operands.tensors[0], operands.named["dim"]
        return Text((x, Raw(f".{method}(dim="), dim, Raw(end)))

    return written_out


def _matrix_product(operands: FormOperands) -> Expression:
    first, second = operands.tensors
    return Text((first, Raw(" @ "), second))


def _einsum(operands: FormOperands) -> Expression:
    return called("torch.einsum", (operands.named["equation"], *operands.tensors), {})


def _as_it_is(operands: FormOperands) -> Expression:
    return operands.tensors[-1]


def _with_a_batch(operands: FormOperands) -> Expression:
    return Text((operands.tensors[-1], Raw(".unsqueeze(0)")))


def _spread(value: Expression) -> Expression:
    return value._replace(spread=True) if isinstance(value, Literal) else value


_FORMS: dict[str, Callable[[FormOperands], Expression]] = {
    "add": _between(" + "),
    "torch.mul": _between(" * "),
    "multiply": _between(" * "),
    "torch.sub": _between(" - "),
    "torch.div": _between(" / "),
    "torch.pow": _between("**"),
    "mul_": _scaled_in_place,
    "torch.permute": _permuted,
    "reshape": _reshaped,
    "scale_along": _scaled_along,
    "slice_": _sliced,
    "torch.select": _selected,
    "torch.matmul": _matrix_product,
    "einsum": _einsum,
    "torch.mean": _reduced("mean"),
    "torch.sum": _reduced("sum"),
    "torch.amax": _reduced("amax"),
    "torch.amin": _reduced("amin"),
    "itself": _as_it_is,
    "per_sample": _with_a_batch,
    "kept": _with_a_batch,
}
"""By the name that the recorder gives the function."""
