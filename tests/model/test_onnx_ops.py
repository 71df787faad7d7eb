"""Every op as an ONNX file: run by ONNX Runtime it gives what torch gives.

Skipped where the packages of `archprof[export]` are not installed.
"""

from __future__ import annotations

from importlib import metadata

import pytest
import torch
from packaging.version import Version
from torch import Tensor

from archprof.commands.export.onnx_file import onnx_bytes
from archprof.model.inputs import drawn
from archprof.model.onnx_export import of_graph
from archprof.ops import OPS
from tests.effort import NIGHTLY
from tests.ops.cases import networks
from tests.ops.test_every_op import built

pytest.importorskip("onnx")
pytest.importorskip("onnxscript")
ort = pytest.importorskip("onnxruntime")
if Version(metadata.version("torch")) < Version("2.13"):
    pytest.skip("an older exporter writes other operators", allow_module_level=True)

SOME = ("conv2d", "deform_conv2d", "scaled_std_conv2d", "divide", "split", "interpolate", "lstm")
TRIED = tuple(OPS) if NIGHTLY else SOME


def run(content: bytes, inputs: tuple[Tensor, ...]) -> list[Tensor]:
    session = ort.InferenceSession(content, providers=["CPUExecutionProvider"])
    names = [given.name for given in session.get_inputs()]
    given = {name: each.numpy() for name, each in zip(names, inputs, strict=True)}
    return [torch.from_numpy(result) for result in session.run(None, given)]


@pytest.mark.slow
@pytest.mark.parametrize("op", TRIED)
def test_it_gives_what_torch_gives(op: str) -> None:
    """The first case of the op, with the weights that torch starts from and seed 0."""
    layers, size = networks(op)[0]
    graph = built(layers, size)
    content = onnx_bytes(graph)
    module = of_graph(graph, weights=True).module
    with torch.random.fork_rng(), torch.inference_mode():
        torch.manual_seed(1)
        inputs = drawn(graph, 1, "cpu", torch.float32)
        expected = module(*(each.clone() for each in inputs))
    (found,) = run(content, inputs)
    torch.testing.assert_close(found, expected, rtol=1e-4, atol=1e-5, equal_nan=True)
