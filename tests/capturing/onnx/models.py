"""ONNX files made by hand, and what archprof says of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from archprof.analysis.analysis import Analysis, analyze
from archprof.capturing.assemble import assemble, network
from archprof.capturing.onnx.file import read_onnx
from archprof.capturing.tape import Operation, Tape
from archprof.graph.graph import Graph
from archprof.problem import ProblemError

onnx = pytest.importorskip("onnx")

FLOAT, UINT8, INT8, INT32, INT64, BOOL = 1, 2, 3, 6, 7, 9
"""Of `onnx.TensorProto.DataType`."""

Sizes = Mapping[str, Sequence[int | str | None]]


def weight(name: str, *sizes: int, dtype: int = FLOAT) -> Any:
    """A weight whose elements are left out: only its size is read."""
    return onnx.TensorProto(name=name, dims=sizes, data_type=dtype)


def numbers(name: str, values: Any, dtype: int = INT64) -> Any:
    """A small constant: a list, or one number."""
    sizes = [len(values)] if isinstance(values, list) else []
    flat = values if isinstance(values, list) else [values]
    return onnx.helper.make_tensor(name, dtype, sizes, flat)


def node(op: str, inputs: str, outputs: str, **attributes: Any) -> Any:
    """A node; its inputs and outputs as words, `-` for one that is left out."""
    given = ["" if name == "-" else name for name in inputs.split()]
    return onnx.helper.make_node(op, given, outputs.split(), **attributes)


def model(
    nodes: Sequence[Any],
    inputs: Sizes,
    outputs: str = "y",
    weights: Sequence[Any] = (),
    version: int = 17,
    **more: Any,
) -> Any:
    """A model of these nodes; all inputs are float32."""
    helper = onnx.helper
    graph = helper.make_graph(
        list(nodes),
        "net",
        [helper.make_tensor_value_info(name, FLOAT, size) for name, size in inputs.items()],
        [helper.make_empty_tensor_value_info(name) for name in outputs.split()],
        list(weights),
    )
    opsets = [helper.make_opsetid("", version), helper.make_opsetid("com.microsoft", 1)]
    return helper.make_model(graph, opset_imports=opsets, **more)


def read(folder: Path, made: Any, **sizes: tuple[int, ...]) -> Tape:
    """The tape of a model's file."""
    path = folder / "net.onnx"
    path.write_bytes(made.SerializeToString())
    return read_onnx(path, sizes)


def graph_of(tape: Tape) -> Graph:
    return assemble(network(tape))


def analysis(tape: Tape) -> Analysis:
    return analyze(graph_of(tape))


def operators(tape: Tape) -> list[str]:
    """The operators of a tape, without namespace and overload."""
    return [operation.operator.split(".")[1] for operation in tape.operations]


def only(tape: Tape) -> Operation:
    """The one operation of a tape."""
    assert len(tape.operations) == 1
    return tape.operations[0]


def output_of(tape: Tape) -> tuple[int, ...]:
    """The shape of the first output."""
    return tape.tensors[tape.outputs[0]].shape


def refused(folder: Path, made: Any, **sizes: tuple[int, ...]) -> ProblemError:
    """The problem of a model that is not read."""
    with pytest.raises(ProblemError) as found:
        read(folder, made, **sizes)
    return found.value
