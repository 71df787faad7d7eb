"""ONNX files of exporters: numbers, names and layers are those of the network they are of."""

from __future__ import annotations

import warnings
from functools import cache
from pathlib import Path
from typing import Any

import pytest

import archprof
from archprof.analysis.analysis import Analysis, analyze
from archprof.capturing.onnx.file import read_onnx
from tests.capturing.onnx.models import analysis, graph_of, node, onnx, read
from tests.capturing.onnx.models import model as made_of
from tests.capturing.onnx.models import weight as held
from tests.effort import NIGHTLY

NETWORKS = [
    "resnet18",
    pytest.param("convnext_tiny", marks=pytest.mark.slow),
]
WITH_ATTENTION = [pytest.param("vit_b_16", marks=pytest.mark.slow)] if NIGHTLY else []

# BatchNorms of resnet18: 4800 channels, of which each has two parameters
CHANNELS = 64 * 5 + 128 * 5 + 256 * 5 + 512 * 5


@cache
def module(name: str) -> Any:
    """A network of archprof's with weights of which no two are equal: an exporter keeps equal
    ones once, and leaves out a bias of zeros.
    """
    torch = pytest.importorskip("torch")
    found = archprof.load(name).build().eval()
    torch.manual_seed(0)
    with torch.no_grad():
        for tensor in [*found.parameters(), *found.buffers()]:
            if tensor.is_floating_point():
                tensor.uniform_(0.1, 1)
    return found


@cache
def spec(name: str) -> Analysis:
    return archprof.load(name).analyze()


def exported(folder: Path, name: str, **how: Any) -> Analysis:
    """What archprof says of a network that torch exported."""
    torch = pytest.importorskip("torch")
    if how["dynamo"]:
        pytest.importorskip("onnxscript")
    path = folder / f"{name}.onnx"
    image = torch.zeros(1, *archprof.load(name).graph.input)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.onnx.export(module(name), (image,), path, verbose=False, **how)
    tape = read_onnx(path)
    assert tape.made_by.startswith("pytorch")
    return analyze(graph_of(tape))


@pytest.mark.parametrize("name", NETWORKS + WITH_ATTENTION)
@pytest.mark.parametrize("dynamo", [True, False], ids=["torch.export", "torchscript"])
def test_both_of_torchs_exporters(tmp_path: Path, name: str, dynamo: bool) -> None:
    """They fold each BatchNorm into the convolution before it, whose bias is then the only thing
    that is left of its two parameters.
    """
    how = {"external_data": False} if dynamo else {}
    found, expected = exported(tmp_path, name, dynamo=dynamo, **how), spec(name)
    folded = CHANNELS if name == "resnet18" else 0
    assert found.totals.params == expected.totals.params - folded
    assert found.totals.macs == expected.totals.macs
    assert found.totals.buffers == 0
    assert not found.totals.unknown.cost
    # the same layers with weights, as deep
    assert found.totals.depth == expected.totals.depth
    if dynamo:
        wanted = {node.path for node in expected.graph.nodes if node.facts.known_cost.macs}
        paths = {node.path for node in found.graph.nodes}
        whole = {path for path in wanted if not path.endswith(("self_attention", "attention"))}
        assert whole <= paths


@pytest.mark.parametrize("name", NETWORKS)
def test_a_file_that_nobody_optimised(tmp_path: Path, name: str) -> None:
    """It has the BatchNorms, and computes shapes by operators that are not layers.

    ONNX has no counters of batches: one for each of resnet18's 20 BatchNorms.
    """
    found = exported(tmp_path, name, dynamo=True, optimize=False, external_data=False)
    expected = spec(name)
    counters = 20 if name == "resnet18" else 0
    assert found.totals.params == expected.totals.params
    assert found.totals.buffers == expected.totals.buffers - counters
    assert found.totals.macs == expected.totals.macs


# https://github.com/onnx/models, as the onnx library has them: Caffe2's files of 2018, each weight
# replaced by an operator that makes it
ZOO = {
    # torchvision's resnet50: the same layers
    "resnet50": (25_557_032, 4_089_184_256),
    # torchvision's densenet121
    "densenet121": (7_978_856, 2_834_161_664),
    # torchvision's vgg19
    "vgg19": (143_667_240, 19_632_062_464),
    # Caffe's own, with groups of 2:
    #   params 11*11*3*96+96 + 5*5*48*256+256 + 3*3*256*384+384 + 3*3*192*384+384 + 3*3*192*256+256
    #   + 9216*4096+4096 + 4096*4096+4096 + 4096*1000+1000
    #   MACs   54*54*96*363 + 26*26*256*1200 + 144*384*2304 + 144*384*1728 + 144*256*1728
    #   + 9216*4096 + 4096*4096 + 4096*1000
    "bvlc_alexnet": (60_965_224, 654_560_384),
    # Caffe's GoogLeNet without its auxiliary heads: 6,998,552 as its authors' model has
    "inception_v1": (6_998_552, None),
    # SqueezeNet 1.1: 1,235,496 as torchvision's squeezenet1_1
    "squeezenet": (1_235_496, None),
}


@pytest.mark.parametrize("name", ZOO)
def test_the_onnx_model_zoo(tmp_path: Path, name: str) -> None:
    data = Path(onnx.__file__).parent / "backend" / "test" / "data" / "light"
    path = data / f"light_{name}.onnx"
    if not path.exists():
        pytest.skip("this version of onnx comes without it")
    # a copy, since a project may end above the library
    copied = tmp_path / "net.onnx"
    copied.write_bytes(path.read_bytes())
    tape = read_onnx(copied)
    found = analyze(graph_of(tape)).totals
    params, macs = ZOO[name]
    assert tape.stopped is None
    assert found.params == params
    assert macs is None or found.macs == macs
    assert not found.unknown.cost


def test_the_arithmetic_of_alexnet() -> None:
    """A test of the test: the numbers above are their sums."""
    convolutions = [(11 * 11 * 3, 96), (1200, 256), (2304, 384), (1728, 384), (1728, 256)]
    layers = [*convolutions, (9216, 4096), (4096, 4096), (4096, 1000)]
    places = [54 * 54, 26 * 26, 144, 144, 144, 1, 1, 1]
    params = sum(fan * out + out for fan, out in layers)
    macs = sum(n * fan * out for n, (fan, out) in zip(places, layers, strict=True))
    assert (params, macs) == ZOO["bvlc_alexnet"]


def test_tensorflows_pictures_are_turned(tmp_path: Path) -> None:
    """tf2onnx puts a Transpose before and behind what it converts, here of a picture 8x8x3."""
    nodes = [
        node("Transpose", "input_1:0", "t", name="model/conv/Conv2D__6", perm=[0, 3, 1, 2]),
        node("Conv", "t w b", "c", name="StatefulPartitionedCall/model/conv/Conv2D"),
        node("Relu", "c", "r", name="StatefulPartitionedCall/model/relu/Relu"),
        node("Transpose", "r", "y", name="model/relu/Relu__9", perm=[0, 2, 3, 1]),
    ]
    made = made_of(
        nodes,
        {"input_1:0": ["unk__12", 8, 8, 3]},
        weights=[held("w", 4, 3, 3, 3), held("b", 4)],
        version=9,
        producer_name="tf2onnx",
    )
    tape = read(tmp_path, made)
    layers = graph_of(tape).nodes
    assert [layer.kind for layer in layers] == ["permute", "conv2d", "relu", "permute"]
    assert [layer.entry.hidden for layer in layers] == [True, False, False, True]
    assert layers[1].path == "model.conv"
    assert analysis(tape).totals.macs == 36 * 4 * 27


def test_who_made_it(tmp_path: Path) -> None:
    made = made_of([node("Relu", "x", "y")], {"x": [1, 4]}, producer_name="tf2onnx")
    made.producer_version = "1.16"
    tape = read(tmp_path, made)
    assert (tape.made_by, tape.heading) == ("tf2onnx 1.16", "net")
    made.producer_name = made.producer_version = made.graph.name = ""
    assert (read(tmp_path, made).made_by, read(tmp_path, made).heading) == ("", "net")
