"""Layers by what their times depend on."""

from pathlib import Path

import archprof
from archprof.sweeping.latency.layers import distinct_nodes, layers_of

SPEC = """
name: small
input: 3x8x8
params: {p: 0.1}
layers:
  - {name: a, op: conv2d, out: 4, kernel: 3, padding: 1, bias: false}
  - {name: b, op: conv2d, out: 4, kernel: 3, padding: 1, bias: false}
  - {name: c, op: conv2d, out: 4, kernel: 3, padding: 1, groups: 4, bias: false}
  - {name: d, op: conv2d, out: 4, kernel: 3, padding: 1, bias: false}
  - {name: e, op: dropout, p: $p}
  - {name: f, op: dropout, p: 0.5}
"""


def loaded(folder: Path, **values: object) -> archprof.Loaded:
    path = folder / "small.yaml"
    path.write_text(SPEC)
    return archprof.load(path, **values)


def test_layers_of_one_op_settings_and_inputs_are_one(tmp_path: Path) -> None:
    first, second, third, fourth, fifth, sixth = layers_of(loaded(tmp_path).analyze())
    assert first.key == "conv2d(out=4, kernel=(3, 3), padding=(1, 1), bias=False) of 3x8x8"
    assert second == fourth
    assert len({first.key, second.key, third.key}) == 3  # other channels, other groups
    assert fifth.key == sixth.key == "dropout() of 4x8x8"  # it does nothing, whatever its p


def test_kinds_and_work(tmp_path: Path) -> None:
    first, _, third, *_ = layers_of(loaded(tmp_path).analyze(batch=2))
    assert (first.kind, third.kind) == ("conv2d 3x3", "conv2d 3x3 depthwise")
    # 64 places, 4 channels of 27 products each, 2 images
    assert first.macs == 64 * 4 * 27 * 2
    # images of 192 and 256 floats, 2 of each, and 108 weights
    assert first.bytes_moved == 4 * (2 * 192 + 2 * 256 + 108)


def test_each_distinct_layer_has_a_node(tmp_path: Path) -> None:
    network = loaded(tmp_path)
    nodes = distinct_nodes([network.graph, network.graph])
    assert list(nodes) == list(dict.fromkeys(layer.key for layer in layers_of(network.analyze())))
    assert [node.path for node in nodes.values()] == ["a", "b", "c", "e"]


def test_auxiliary_heads_do_not_run() -> None:
    network = archprof.load("googlenet")
    main = [node for node in network.graph.nodes if not node.aux]
    assert len(layers_of(network.analyze())) == len(main) < len(network.graph.nodes)
