"""What layers are called: by what each exporter leaves of the modules."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from archprof.capturing.onnx.names import is_made_up, is_state_name, where
from tests.capturing.onnx.models import graph_of, model, node, read, weight

IMAGE = {"x": [1, 3, 8, 8]}


def conv(name: str, weights: str = "w", **metadata: str) -> Any:
    made = node("Conv", f"x {weights}", "y", name=name)
    for key, value in metadata.items():
        made.metadata_props.add(key=f"pkg.torch.onnx.{key}", value=value)
    return made


@pytest.mark.parametrize(
    ("name", "weights", "path"),
    [
        # torch's older exporter: a module of a Sequential has the Sequential's name once more
        ("/conv1/Conv", "onnx::Conv_193", "conv1"),
        ("/layer1/layer1.0/conv1/Conv", "onnx::Conv_196", "layer1.0.conv1"),
        ("/features/features.0/features.0.0/Conv", "onnx::Conv_1", "features.0.0"),
        (
            "/encoder/layers/layer_0/mlp/mlp.3/MatMul",
            "onnx::MatMul_1",
            "encoder.layers.layer_0.mlp.3",
        ),
        # the same of a network that torch.fx wrote: the weights tell the rest
        ("/conv1_4/Conv", "layer2.1.conv1.weight", "layer2.1.conv1"),
        ("/mlp.0/Conv", "encoder.layers.0.mlp.0.weight", "encoder.layers.0.mlp.0"),
        # before torch 1.13: only the weights tell
        ("Conv_0", "layer1.0.conv1.weight", "layer1.0.conv1"),
        ("", "layer1.0.conv1.weight", "layer1.0.conv1"),
        # tf2onnx and keras2onnx
        (
            "StatefulPartitionedCall/resnet50/conv1_conv/Conv2D",
            "StatefulPartitionedCall/resnet50/conv1_conv/Conv2D/ReadVariableOp:0",
            "resnet50.conv1_conv",
        ),
        ("model/dense/Conv2D__45", "const_fold_opt__12", "model.dense"),
        # Gluon, PaddlePaddle, CNTK, Caffe2
        ("resnetv17_conv0_fwd", "resnetv17_conv0_weight", "resnetv17_conv0_fwd"),
        ("p2o.Conv.0", "conv2d_0.w_0", "conv2d_0"),
        ("Convolution28", "Parameter5", "Convolution28"),
        ("", "gpu_0/res2_0_branch2a_w_0", "res2_0_branch2a"),
        ("n0", "conv3_12/x2_w_0", "conv3_12.x2"),
        # nothing tells: what it gives, or its number
        ("", "17", "y"),
    ],
)
def test_the_path_of_a_layer_with_weights(
    tmp_path: Path, name: str, weights: str, path: str
) -> None:
    made = model([conv(name, weights)], IMAGE, weights=[weight(weights, 4, 3, 3, 3)])
    (layer,) = graph_of(read(tmp_path, made)).nodes
    assert layer.path == path


def test_a_layer_that_nothing_tells_has_its_number(tmp_path: Path) -> None:
    made = model([node("Conv", "x 1", "2")], IMAGE, "2", [weight("1", 4, 3, 3, 3)])
    (layer,) = graph_of(read(tmp_path, made)).nodes
    assert (layer.path, layer.kind) == ("conv_1", "conv2d")


def test_torchs_exporter_writes_modules_down() -> None:
    found = where(
        conv(
            "node_conv2d",
            name_scopes="['', 'layer1', 'layer1.0', 'layer1.0.conv1', 'conv2d_1']",
            class_hierarchy="['Net', 'torch.nn.modules.container.Sequential', 'models.Block',"
            " 'torch.nn.modules.conv.Conv2d', 'aten.conv2d.default']",
            stack_trace='File "/home/me/models.py", line 7, in forward\n    return self.conv1(x)\n'
            'File "/usr/lib/torch/nn/modules/conv.py", line 565, in forward\n    return F.conv2d(',
        ),
        [],
        "net.onnx",
    )
    assert found.stack == (
        ("layer1", "Sequential"),
        ("layer1.0", "Block"),
        ("layer1.0.conv1", "Conv2d"),
    )
    assert (found.file, found.line) == ("/home/me/models.py", 7)


def test_a_file_of_a_package_is_named_from_there() -> None:
    trace = 'File "/opt/env/lib/python3.11/site-packages/timm/models/vit.py", line 9, in forward'
    found = where(conv("c", name_scopes="['', 'conv']", stack_trace=trace), [], "net.onnx")
    assert (found.file, found.line) == ("timm/models/vit.py", 9)


def test_a_node_without_a_line_is_named() -> None:
    assert where(conv("/conv1/Conv"), [], "net.onnx").file == "net.onnx#/conv1/Conv"
    assert where(conv(""), [], "net.onnx").file == "net.onnx"


def test_a_folded_norm_does_not_name_the_convolution(tmp_path: Path) -> None:
    """torch's optimizer leaves the norm's metadata at the convolution that it was folded into."""
    made = model(
        [
            conv(
                "node_Conv_292",
                "layer1.0.conv1.weight",
                name_scopes="['', 'layer1.0.bn1', '_native_batch_norm']",
                fx_node="%x = call_function[target=torch.ops.aten._native_batch_norm_legit](…)",
            )
        ],
        IMAGE,
        weights=[weight("layer1.0.conv1.weight", 4, 3, 3, 3)],
    )
    (layer,) = graph_of(read(tmp_path, made)).nodes
    assert (layer.path, layer.kind) == ("layer1.0.conv1", "conv2d")


def test_blocks_are_the_modules_around(tmp_path: Path) -> None:
    nodes = [
        node("Conv", "x layer1.0.conv1.weight", "a"),
        node("Relu", "a", "b", name="/layer1/layer1.0/relu/Relu"),
        node("Add", "a b", "y", name="/layer1/layer1.0/Add"),
    ]
    made = model(nodes, IMAGE, weights=[weight("layer1.0.conv1.weight", 4, 3, 3, 3)])
    layers = graph_of(read(tmp_path, made)).nodes
    assert [layer.path for layer in layers] == [
        "layer1.0.conv1",
        "layer1.0.relu",
        "layer1.0.add",
    ]
    blocks = [layer.instance.path if layer.instance else None for layer in layers]
    assert blocks == ["layer1.0"] * 3
    assert layers[0].instance is not None
    assert layers[0].instance.index == 0


@pytest.mark.parametrize("name", ["layer1.0.conv1.weight", "encoder.pos_embedding", "a.b"])
def test_names_of_a_state_dict(name: str) -> None:
    assert is_state_name(name)


@pytest.mark.parametrize(
    "name", ["onnx::Conv_193", "val_12", "17", "const_fold_opt__12", "weight", "a/b.c", "p2o.x", ""]
)
def test_names_of_no_state_dict(name: str) -> None:
    assert not is_state_name(name)


@pytest.mark.parametrize("name", ["17", "onnx::Add_5", "val_3", "Constant_12", "_tensor_constant0"])
def test_names_that_exporters_make_up(name: str) -> None:
    assert is_made_up(name)


def test_a_name_without_an_end_bounds_how_deep_blocks_lie(tmp_path: Path) -> None:
    made = model([node("Relu", "x", "y", name="/" + "a/" * 5_000 + "Relu")], IMAGE)
    tape = read(tmp_path, made)
    assert len(tape.modules) <= 101
    graph_of(tape)


def test_metadata_that_is_no_list(tmp_path: Path) -> None:
    made = model([node("Relu", "x", "y")], IMAGE)
    for text in ("[" * 100_000, "{}", "['", "['', '', '']"):
        del made.graph.node[0].metadata_props[:]
        made.graph.node[0].metadata_props.add(key="pkg.torch.onnx.name_scopes", value=text)
        assert [layer.path for layer in graph_of(read(tmp_path, made)).nodes] == ["relu"]
