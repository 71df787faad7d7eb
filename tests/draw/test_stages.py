"""The parts of a network that charts have rows for."""

from __future__ import annotations

import archprof
from archprof.draw.stages import layer_parts, stages


def test_stages_of_a_residual_network() -> None:
    """Stem: conv1, bn1, relu, maxpool; head: avgpool, flatten, fc."""
    found = stages(archprof.load("resnet50").analyze())
    assert [(part.label, len(part.layers)) for part in found] == [
        ("stem", 4),
        ("layer1", 32),
        ("layer2", 42),
        ("layer3", 62),
        ("layer4", 32),
        ("head", 3),
    ]


def test_a_wrapper_is_looked_into() -> None:
    """torchvision has nearly all of Swin in `features`."""
    labels = [part.label for part in stages(archprof.load("swin_t").analyze())]
    assert labels[:3] == ["features.0", "features.1", "features.2"]


def test_auxiliary_heads_count_parameters_alone() -> None:
    analysis = archprof.load("googlenet").analyze()
    (head,) = [part for part in stages(analysis) if part.label == "aux1"]
    assert head.total(analysis, "macs").known == 0
    # 512*128 + 128, 2048*1024 + 1024, 1024*1000 + 1000
    assert head.total(analysis, "params").known == 65_664 + 2_098_176 + 1_025_000


def test_layers_that_compute_have_rows() -> None:
    """AlexNet: 5 convolutions, 3 poolings and 3 linear layers; activations have no MACs."""
    paths = [part.label for part in layer_parts(archprof.load("alexnet").analyze())]
    assert [path for path in paths if "relu" in path or "drop" in path] == []
    assert sum(path.startswith(("conv", "pool", "fc")) for path in paths) == 11
