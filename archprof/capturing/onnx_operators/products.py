"""Convolutions, matrix products, attention and recurrent layers of ONNX."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from archprof.autograd.layout import permuted, viewed
from archprof.capturing.onnx_operators.given import Given, OnnxOperator
from archprof.capturing.onnx_operators.windows import padded, window
from archprof.capturing.tape import TensorRef

# --- convolutions ---


def _conv(given: Given) -> None:
    write_convolution(given, 0, 1, 2)


def write_convolution(given: Given, source: int, weight: int, bias: int, **more: Any) -> None:
    """Write a convolution whose input, weight and bias are the node's inputs of these numbers."""
    given.inputs = [
        given.inputs[source],
        given.inputs[weight],
        given.inputs[bias] if given.has(bias) else None,
    ]
    shape = given.shape(1)
    slides = window(given, shape[2:])
    arriving, padding = padded(given, slides)
    arguments = {
        "input": arriving,
        "weight": given.weight(1, "weight"),
        "bias": given.weight(2, "bias"),
        "stride": slides.stride,
        "padding": padding,
        "dilation": slides.dilation,
        "groups": given.attribute("group", 1),
    }
    given.emit(f"aten.conv{len(shape) - 2}d.default", arguments | more)


def _conv_transpose(given: Given) -> None:
    shape = given.shape(1)
    slides = window(given, shape[2:])
    arguments = {
        "input": given.value(0),
        "weight": given.weight(1, "weight"),
        "bias": given.weight(2, "bias"),
        "stride": slides.stride,
        "padding": slides.before,
        "output_padding": given.attribute("output_padding") or [0] * (len(shape) - 2),
        "groups": given.attribute("group", 1),
        "dilation": slides.dilation,
    }
    overload = "input" if len(shape) > 3 else "default"
    given.emit(f"aten.conv_transpose{len(shape) - 2}d.{overload}", arguments)


def _deform_conv(given: Given) -> None:
    slides = window(given, given.shape(1)[2:])
    arguments = {
        "input": given.value(0),
        "weight": given.weight(1, "weight"),
        "offset": given.value(2),
        "mask": given.value(4),
        "bias": given.weight(3, "bias"),
        **_by_axis("stride", slides.stride),
        **_by_axis("pad", slides.before),
        **_by_axis("dilation", slides.dilation),
        "groups": given.attribute("group", 1),
        "offset_groups": given.attribute("offset_group", 1),
        "use_mask": given.has(4),
    }
    given.emit("torchvision.deform_conv2d.default", arguments)


def _by_axis(name: str, sides: Sequence[int]) -> dict[str, int]:
    """Return one argument for each axis of an image, as torchvision names them."""
    return {f"{name}_{axis}": n for axis, n in zip("hw", sides, strict=True)}


# --- matrix products ---


def _turned(given: Given, i: int) -> TensorRef | None:
    """Return a matrix with rows and columns exchanged: a weight stated so, or a view."""
    known = given.known(i)
    rows, columns = given.shape(i)
    if known.constant:
        return given.weight(i, "weight", (columns, rows))
    source = given.value(i)
    if source is None:
        return None
    layout = permuted(given.layout(source), (1, 0))
    return given.view("aten.t.default", {"self": source}, source, layout, last=False)


def _gemm(given: Given) -> None:
    transposed, across = given.attribute("transB", 0), given.attribute("transA", 0)
    plain = given.attribute("alpha", 1.0) == 1.0 and not across
    known_bias = not given.has(2) or (
        given.known(2).constant and len(_without_ones(given.shape(2))) <= 1
    )
    if plain and given.known(1).constant and known_bias:
        weight = given.weight(1, "weight") if transposed else _turned(given, 1)
        bias = given.weight(2, "bias", (given.output[-1],)) if given.has(2) else None
        arguments = {"input": given.value(0), "weight": weight, "bias": bias}
        given.emit("aten.linear.default", arguments)
        return
    first = _turned(given, 0) if across else given.value(0)
    second = _turned(given, 1) if transposed else given.value(1)
    if not given.has(2):
        given.emit("aten.mm.default", {"self": first, "mat2": second})
        return
    arguments = {"self": given.value(2), "mat1": first, "mat2": second}
    numbers = {"beta": given.attribute("beta"), "alpha": given.attribute("alpha")}
    given.emit("aten.addmm.default", arguments | numbers)


def _without_ones(shape: tuple[int, ...]) -> list[int]:
    return [n for n in shape if n != 1]


def _matmul(given: Given) -> None:
    """Write a matrix product: a linear layer where the second factor is a constant matrix."""
    write_product(given, 0, 1, 2)


def write_product(given: Given, first: int, second: int, bias: int, **more: Any) -> None:
    """Write a product of the node's inputs of these numbers, which may have a bias."""
    factor = given.known(second)
    if factor.constant and len(given.shape(second)) == 2:
        columns = given.shape(second)[1]
        arguments = {
            "input": given.value(first),
            "weight": _turned(given, second),
            "bias": given.weight(bias, "bias", (columns,)) if given.has(bias) else None,
        }
        given.emit("aten.linear.default", arguments | more)
        return
    arguments = {"self": _factor(given, first), "other": _factor(given, second)}
    given.emit("aten.matmul.default", arguments | more)


def _factor(given: Given, i: int) -> TensorRef | None:
    known = given.known(i)
    if known.constant and known.is_float and len(given.shape(i)) >= 2:
        return given.weight(i, "weight")
    return given.value(i)


def _einsum(given: Given) -> None:
    factors = [_factor(given, i) for i in range(len(given.inputs))]
    arguments = {"equation": given.attribute("equation", ""), "tensors": factors}
    given.emit("aten.einsum.default", arguments)


# --- attention ---


def _attention(given: Given) -> None:
    """Write ONNX's Attention: of three dimensions the heads lie side by side in the last.

    With keys and values of earlier calls its cost is not known.
    """
    if given.has(4):
        raise LookupError("the keys of earlier calls")
    heads = [given.attribute("q_num_heads"), given.attribute("kv_num_heads")]
    if len(given.shape(0)) == 4:
        write_attention(given, given.value(0), given.value(1), given.value(2), given.value(3))
        return
    query = split_heads(given, 0, heads[0])
    key, value = split_heads(given, 1, heads[1]), split_heads(given, 2, heads[1])
    write_attention(given, query, key, value, given.value(3))


def split_heads(given: Given, i: int, heads: int) -> TensorRef:
    """Return N×L×D as the view N×heads×L×D/heads."""
    found = given.value(i)
    if found is None:
        raise LookupError(f"{given.op} has no input {i}")
    return heads_of(given, found, heads)


def heads_of(given: Given, source: TensorRef, heads: int) -> TensorRef:
    """Return N×L×D as the view N×heads×L×D/heads."""
    layout = given.layout(source)
    n, length, width = layout.shape
    shape = (n, length, heads, width // heads)
    split = viewed(layout, shape)
    if split is None or width % heads:
        raise ValueError("the heads do not divide it")
    arguments: dict[str, Any] = {"self": source, "size": list(shape)}
    apart = given.view("aten.view.default", arguments, source, split, last=False)
    arguments = {"self": apart, "dim0": 1, "dim1": 2}
    turned = permuted(split, (0, 2, 1, 3))
    return given.view("aten.transpose.int", arguments, apart, turned, last=False)


def write_attention(
    given: Given,
    query: TensorRef | None,
    key: TensorRef | None,
    value: TensorRef | None,
    mask: TensorRef | None = None,
) -> None:
    """Write attention over heads, and bring the heads together again where the output has them
    side by side.
    """
    arguments: dict[str, Any] = {"query": query, "key": key, "value": value, "attn_mask": mask}
    operator = "aten.scaled_dot_product_attention.default"
    if query is None or value is None or len(given.output) == 4:
        given.emit(operator, arguments)
        return
    rows = given.tape.tensors[query.number].shape
    width = given.tape.tensors[value.number].shape[-1]
    found = given.between(operator, arguments, (*rows[:-1], width))
    turned = permuted(given.layout(found), (0, 2, 1, 3))
    arguments = {"self": found, "dim0": 1, "dim1": 2}
    back = given.view("aten.transpose.int", arguments, found, turned, last=False)
    arguments = {"self": back, "shape": list(given.output)}
    given.view("aten.reshape.default", arguments, back, viewed(turned, given.output))


# --- recurrent layers ---


def _recurrent(operator: str) -> OnnxOperator:
    """Return the row of a recurrent layer: the weights of both directions lie in one tensor each,
    the biases of the input and of the state side by side.
    """

    def write(given: Given) -> None:
        name = operator
        activations = given.attribute("activations") or []
        if operator == "aten.rnn_tanh.input" and "Relu" in activations:
            name = "aten.rnn_relu.input"
        directions, gates, width = given.shape(1)
        state = given.shape(2)[2]
        rows = directions * gates
        params = [
            given.weight(1, "weight_ih", (rows, width)),
            given.weight(2, "weight_hh", (rows, state)),
        ]
        if given.has(3):
            params.append(given.weight(3, "bias", (2 * rows,)))
        states = [given.value(i) for i in (5, 6) if given.has(i)]
        arguments = {"input": given.value(0), "hx": states or None, "params": params}
        given.emit(name, arguments | {"bidirectional": directions == 2})

    return OnnxOperator(write)


PRODUCTS = {
    "Conv": OnnxOperator(_conv),
    "ConvTranspose": OnnxOperator(_conv_transpose),
    "DeformConv": OnnxOperator(_deform_conv),
    "Gemm": OnnxOperator(_gemm),
    "MatMul": OnnxOperator(_matmul, like=("MatMul", 2)),
    "Einsum": OnnxOperator(_einsum),
    "Attention": OnnxOperator(_attention),
    "LSTM": _recurrent("aten.lstm.input"),
    "GRU": _recurrent("aten.gru.input"),
    "RNN": _recurrent("aten.rnn_tanh.input"),
}
"""Products: what has multiply-accumulates."""
