"""The cases by which the onnx library tests runtimes: one or more for each operator and form of it.

Each states the shapes of what it gives, which are those of the tape; what is not known is said.
"""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import pytest

from archprof.capturing.onnx.file import read_onnx
from archprof.problem import ProblemError
from tests.capturing.onnx.models import analysis
from tests.effort import NIGHTLY

# every tenth, beginning somewhere else than where the operators' names do
STEP = 1 if NIGHTLY else 10


def cases() -> list[Any]:
    node = pytest.importorskip("onnx.backend.test.case.node")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = [case for case in node.collect_testcases(None) if case.model is not None]
    return found[3::STEP]


def sizes(values: Any) -> dict[str, tuple[int, ...]]:
    """The shapes of values that are wholly stated."""
    found = {}
    for value in values:
        kind = value.type.tensor_type
        if value.type.HasField("tensor_type") and kind.HasField("shape"):
            shape = tuple(dim.dim_value for dim in kind.shape.dim)
            if all(shape):
                found[value.name] = shape
    return found


@pytest.mark.slow
def test_shapes_are_those_that_each_case_states(tmp_path: Path) -> None:
    path = tmp_path / "net.onnx"
    compared = 0
    for case in cases():
        path.write_bytes(case.model.SerializeToString())
        stated, given = sizes(case.model.graph.output), sizes(case.model.graph.input)
        try:
            tape = read_onnx(path, given)
        except ProblemError:
            continue
        if not tape.inputs:
            continue
        analysis(tape)
        names = [value.name for value in case.model.graph.output]
        # what is worked out from shapes alone is not a tensor of the tape
        if tape.stopped or len(tape.outputs) != len(names) or "shape" in case.name:
            continue
        shapes = [tape.tensors[number].shape for number in tape.outputs]
        for name, shape in zip(names, shapes, strict=True):
            if name in stated and not case.name.startswith("test_size"):
                assert shape == stated[name], case.name
                compared += 1
    assert compared > 1_000 / STEP
