"""Receptive fields against Araujo, Norris, Sim 2019 (tests/data/published/receptive_fields.csv)
and the values the papers' layouts give.
"""

import csv
from pathlib import Path

import pytest

import archprof
from archprof.analysis.analysis import LayerAnalysis
from archprof.analysis.field import Field

PUBLISHED = Path(__file__).parent.parent / "data" / "published" / "receptive_fields.csv"
LAYERS = ("conv2d", "max_pool2d")

# The networks of the table that have the same layout here: same windows, strides and paddings.
# TF-slim's AlexNet v2
# pads conv1 as the lecture's AlexNet does: not at all.
SAME_LAYOUT = {"alexnet_v2": "alexnet", "vgg_a": "vgg11", "vgg_16": "vgg16"}


def rows(network: str) -> list[dict[str, str]]:
    with PUBLISHED.open(encoding="utf-8") as file:
        return [
            row
            for row in csv.DictReader(file)
            if row["network"] == network and not row["end_point"].startswith("summary")
        ]


def numbered(layers: list[LayerAnalysis]) -> dict[str, LayerAnalysis]:
    """Convolutions and pools under TF-slim's names: VGG's convS_I (stage and number), AlexNet's
    own.
    """
    named: dict[str, LayerAnalysis] = {}
    stage, number = 1, 0
    for layer in layers:
        if layer.node.kind == "conv2d":
            number += 1
            named[f"conv{stage}/conv{stage}_{number}"] = layer
        elif layer.node.kind == "max_pool2d":
            named[f"pool{stage}"] = layer
            stage, number = stage + 1, 0
    return named


@pytest.mark.parametrize("published", SAME_LAYOUT)
def test_every_row_of_the_table(published: str) -> None:
    layers = [
        layer
        for layer in archprof.load(SAME_LAYOUT[published]).analyze().layers
        if layer.node.kind in LAYERS
    ]
    end_points = ("conv1", "pool1", "conv2", "pool2", "conv3", "conv4", "conv5", "pool5")
    named = (
        numbered(layers)
        if published.startswith("vgg")
        else dict(zip(end_points, layers, strict=True))
    )
    table = rows(published)
    assert len(table) >= 14
    for row in table:
        field = named[row["end_point"].partition("/")[2]].sight.axes[0]
        assert isinstance(field, Field)
        assert (field.size, field.jump, -field.start) == (
            int(row["rf"]),
            int(row["eff_stride"]),
            int(row["eff_padding"]),
        ), row["end_point"]


@pytest.mark.parametrize(
    ("published", "network"),
    [("resnet_v1_50", "resnet50"), ("resnet_v1_101", "resnet101"), ("resnet_v1_152", "resnet152")],
)
def test_resnet_with_the_stride_in_the_1x1(published: str, network: str) -> None:
    """TF-slim strides in a stage's last unit, the paper in its first: sizes at the ends of
    stages agree, the jump only at the last.
    """
    graph = archprof.load(network, stride_in_1x1=True).analyze()
    ends = {
        f"block{n}": (
            [r for r in graph.layers if r.node.path.startswith(f"layer{n}.")][-1].sight.axes[0]
        )
        for n in (1, 2, 3, 4)
    }
    for row in rows(published):
        field = ends[row["end_point"].partition("/")[2]]
        assert isinstance(field, Field)
        assert field.size == int(row["rf"])
    last = ends["block4"]
    assert isinstance(last, Field)
    assert last.jump == 32


@pytest.mark.parametrize(
    ("network", "layer", "size"),
    [
        # 1 + 10 -> 11, pool1 19, conv2 51, pool2 67, conv3 99, conv4 131, conv5 131 + 2*16
        ("alexnet", "conv5", 163),
        ("alexnet", "pool3", 195),  # 163 + 2*16
        ("vgg16", "features.28", 196),  # conv5_3: 164 + 2*16
        ("vgg16", "features.30", 212),  # pool5: 196 + 16
        ("resnet18", "layer4.1.relu2", 435),
        ("resnet50", "layer4.2.relu3", 427),  # 7, 11, 35, 91, 267, 427: the stride in the 3x3
        # the stride in the 1x1: three 3x3 see 8, 16 and 32 pixels more apiece
        ("resnet50_v1", "layer4.2.relu3", 483),
        # as Araujo et al. 2019 print for their ResNets of this depth
        ("resnet101_v1", "layer4.2.relu3", 1027),  # 483 + 17*2*16
        ("resnet152_v1", "layer4.2.relu3", 1507),  # 483 + 4*2*8 + 30*2*16
        ("googlenet_bn", "inception5b.concat", 379),  # every branch at most 3x3
        ("googlenet", "inception5b.concat", 715),  # 5x5 branches, and maxpool4 3x3
        ("convnext_tiny", "features.7.2.add", 1688),  # 4 + 3*24, +4, +3*48, +8, +9*96, +16, +3*192
    ],
)
def test_known_values(network: str, layer: str, size: int) -> None:
    found = next(r for r in archprof.load(network).analyze().layers if r.node.path == layer)
    assert [axis.size if isinstance(axis, Field) else axis for axis in found.sight.axes] == [
        size,
        size,
    ]


def test_a_bottleneck_block_moves_the_field_by_its_3x3_alone() -> None:
    """layer1 of ResNet-50 at jump 4: 11, then three 3x3 of 2*4 pixels each."""
    paths = ("maxpool", "layer1.0.relu3", "layer1.1.relu3", "layer1.2.relu3")
    ends = [
        r.sight.axes[0] for r in archprof.load("resnet50").analyze().layers if r.node.path in paths
    ]
    assert [f.size for f in ends if isinstance(f, Field)] == [11, 11 + 8, 11 + 16, 11 + 24]


def test_the_least_field_of_a_residual_network_is_the_path_of_its_shortcuts() -> None:
    """ResNet-50's shortcuts skip every 3x3: only the stem is left, 11 pixels."""
    last = next(
        r for r in archprof.load("resnet50").analyze().layers if r.node.path == "layer4.2.relu3"
    )
    assert [f.size for f in last.sight.least if isinstance(f, Field)] == [11, 11]
