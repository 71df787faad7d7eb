"""A module as an ONNX file: run by ONNX Runtime it gives what torch gives, and holds what it says.

Skipped where the packages of `archprof[export]` are not installed.
"""

from __future__ import annotations

from importlib import metadata
from pathlib import Path
from typing import Any

import pytest
import torch
from packaging.version import Version
from torch import nn

from archprof.model.compile import build
from archprof.model.onnx_export import Exported, of_graph, on_meta, program, written
from archprof.model.weights import fill
from tests.effort import NIGHTLY
from tests.networks import shared
from tests.small import graph_of

onnx = pytest.importorskip("onnx")
pytest.importorskip("onnxscript")
ort = pytest.importorskip("onnxruntime")
if Version(metadata.version("torch")) < Version("2.13"):
    pytest.skip("an older exporter writes other operators", allow_module_level=True)

NETWORKS = ["resnet18", "mobilenet_v2", "swin_t"]
WITHOUT_WEIGHTS = ["resnet18"]
if NIGHTLY:
    NETWORKS += ["convnext_tiny", "googlenet", "densenet121", "vit_b_16", "swin_b"]
    WITHOUT_WEIGHTS = NETWORKS


def module_of(name: str) -> Exported:
    """A network whose numbers a mistake would change."""
    graph = shared.graph(name)
    module = build(graph).eval()
    module.load_state_dict(fill(module.state_dict()))
    image = torch.rand(1, *graph.input, generator=torch.Generator().manual_seed(1))
    return Exported(module, (image,))


def parsed(content: bytes) -> Any:
    return onnx.ModelProto.FromString(content)


def run(model: bytes | str, image: torch.Tensor) -> torch.Tensor:
    session = ort.InferenceSession(model, providers=["CPUExecutionProvider"])
    (result,) = session.run(None, {session.get_inputs()[0].name: image.numpy()})
    return torch.from_numpy(result)


def weights(module: nn.Module) -> dict[str, tuple[int, ...]]:
    """Parameters and buffers without the counters of batch norms."""
    return {
        key: tuple(value.shape)
        for key, value in module.state_dict().items()
        if not key.endswith("num_batches_tracked")
    }


@pytest.mark.slow
@pytest.mark.parametrize("name", NETWORKS)
def test_it_gives_what_torch_gives_and_holds_what_the_module_holds(
    name: str, tmp_path: Path
) -> None:
    exported = module_of(name)
    with torch.inference_mode():
        expected = exported.module(*exported.inputs)
    assert expected.std() > 1e-3
    content = written(exported, name, True, False, "archprof 1")
    initializers = {i.name: tuple(i.dims) for i in parsed(content).graph.initializer}
    on_path = dict.fromkeys(weights(exported.module))
    for key in list(on_path):  # an auxiliary head is not part of what is exported
        if key.startswith("aux"):
            del on_path[key]
    assert initializers == {key: weights(exported.module)[key] for key in on_path}
    found = run(content, *exported.inputs)
    assert torch.allclose(found, expected, rtol=1e-3, atol=1e-4 * float(expected.abs().max()))
    if name in WITHOUT_WEIGHTS:
        assert_same_without_weights(name, content, exported, tmp_path)


def assert_same_without_weights(
    name: str, content: bytes, exported: Exported, folder: Path
) -> None:
    """The file without weights has the same nodes, and gives the same to the byte where the
    weights are put where it says.
    """
    without = written(of_graph(shared.graph(name), False), name, False, False, "archprof 1")
    state = exported.module.state_dict()
    model, whole = parsed(without), parsed(content)
    nodes = [[(n.op_type, *n.input, *n.output) for n in m.graph.node] for m in (model, whole)]
    assert nodes[0] == nodes[1]
    assert sum(len(i.raw_data) for i in model.graph.initializer) == 0
    assert len(without) < 2_000_000
    data = bytearray()
    for initializer in model.graph.initializer:
        about = {entry.key: entry.value for entry in initializer.external_data}
        assert about["location"] == f"{name}.onnx.data"
        assert int(about["offset"]) == len(data)
        data += state[initializer.name].numpy().tobytes()
        assert int(about["length"]) == len(data) - int(about["offset"])
    (folder / f"{name}.onnx.data").write_bytes(data)
    (folder / "network.onnx").write_bytes(without)
    assert torch.equal(
        run(str(folder / "network.onnx"), *exported.inputs), run(content, *exported.inputs)
    )


def test_not_optimised_it_has_a_node_for_each_layer() -> None:
    """resnet18 has 20 convolutions, each with its norm, 17 activations, 8 additions."""
    exported = module_of("resnet18")
    kinds = [n.op_type for n in parsed(written(exported, "n", True, False, "p 1")).graph.node]
    counts = {kind: kinds.count(kind) for kind in set(kinds) - {"Constant"}}
    assert counts == {
        "Conv": 20,
        "BatchNormalization": 20,
        "Relu": 17,
        "Add": 8,
        "MaxPool": 1,
        "ReduceMean": 1,  # the global pooling
        "Reshape": 1,
        "Gemm": 1,
    }
    optimised = parsed(written(exported, "n", True, True, "p 1"))
    assert "BatchNormalization" not in {n.op_type for n in optimised.graph.node}
    found = run(optimised.SerializeToString(), *exported.inputs)
    with torch.inference_mode():
        assert torch.allclose(found, exported.module(*exported.inputs), rtol=1e-3, atol=1e-3)


def test_convolutions_without_a_bias_have_none() -> None:
    graph = graph_of(
        {
            "a": "op: conv2d, out: 3, kernel: 1, bias: false",
            "b": "op: conv2d, out: 3, kernel: 1, init: {bias: 0}",
        },
        (3, 4, 4),
    )
    model = parsed(written(of_graph(graph, True), "small", True, False, "p 1"))
    inputs = {tuple(n.input[1:]) for n in model.graph.node if n.op_type == "Conv"}
    assert inputs == {("a.weight",), ("b.weight", "b.bias")}  # zeros that are a weight stay


def test_it_says_who_wrote_it_and_nothing_of_this_machine() -> None:
    graph = graph_of({"a": "op: conv2d, out: 3, kernel: 1"}, (3, 4, 4))
    content = written(of_graph(graph, False), "../a:b", False, False, "archprof 1.2")
    model = parsed(content)
    assert (model.producer_name, model.producer_version) == ("archprof", "1.2")
    assert model.graph.name == "../a:b"
    assert model.graph.initializer[0].external_data[0].value == "___a_b.onnx.data"
    assert b"site-packages" not in content
    assert str(Path.home()).encode() not in content
    assert {p.key for n in model.graph.node for p in n.metadata_props} == {
        "pkg.torch.onnx.name_scopes",
        "pkg.torch.onnx.class_hierarchy",
    }


def test_the_same_network_gives_the_same_bytes() -> None:
    graph = graph_of({"a": "op: conv2d, out: 3, kernel: 1", "b": "op: relu"}, (3, 4, 4))
    first, second = (written(of_graph(graph, True), "small", True, False, "p 1") for _ in range(2))
    assert first == second


def test_a_module_on_meta_is_a_copy() -> None:
    module = nn.Sequential(nn.Linear(2, 2), nn.BatchNorm1d(2))
    module[0].weight.requires_grad_(False)
    copied = on_meta(module)
    assert all(tensor.is_meta for tensor in copied.state_dict().values())
    assert [p.requires_grad for p in copied.parameters()] == [False, True, True, True]
    assert not any(tensor.is_meta for tensor in module.state_dict().values())


class Strange(nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        if x.sum() > 0:  # depends on values
            return x
        return -x


def test_what_torch_cannot_export_is_said_in_a_line() -> None:
    with pytest.raises(RuntimeError) as error:
        written(Exported(Strange(), torch.zeros(1, 3)), "strange", True, False, "p 1")
    assert len(str(error.value).splitlines()) == 1


def test_it_is_written_where_a_path_is_given(tmp_path: Path) -> None:
    path = tmp_path / "small.onnx"
    program(nn.ReLU(), torch.zeros(1, 3), path)
    assert [n.op_type for n in onnx.load(path).graph.node] == ["Relu"]
