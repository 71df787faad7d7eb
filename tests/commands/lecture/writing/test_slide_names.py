"""The names that slides have for layers: those of VGG's paper, of AlexNet's, and nobody's."""

from __future__ import annotations

import pytest

from archprof.commands.lecture.writing.slide_names import slide_names, with_slide_names
from archprof.targets import graph_of, source


def names(network: str) -> dict[str, str]:
    return slide_names(graph_of(source(network)).nodes)


def test_stages_of_one_size() -> None:
    """VGG-16 has 2, 2, 3, 3 and 3 convolutions before its five poolings, then fc6 to fc8."""
    found = names("vgg16")
    convolutions = [name for name in found.values() if name.startswith("conv")]
    sizes = [2, 2, 3, 3, 3]
    assert convolutions == [f"conv{i + 1}_{k + 1}" for i, n in enumerate(sizes) for k in range(n)]
    assert found["features.14"] == "conv3_3"
    assert found["features.16"] == "pool3"
    assert [found[f"classifier.{i}"] for i in range(7)] == [
        *("fc6", "relu6", "drop6"),
        *("fc7", "relu7", "drop7"),
        "fc8",
    ]


def test_counted_through() -> None:
    """torch's AlexNet has windows of 11, 5 and 3: conv1 to conv5, and fc6 to fc8."""
    found = names("alexnet_owt")
    assert [name for name in found.values() if name.startswith(("conv", "fc"))] == [
        *(f"conv{i}" for i in range(1, 6)),
        *("fc6", "fc7", "fc8"),
    ]
    assert found["features.12"] == "pool5"


@pytest.mark.parametrize("network", ["alexnet", "resnet18", "googlenet"])
def test_names_of_their_own_are_kept(network: str) -> None:
    assert names(network) == {}


def test_in_a_text() -> None:
    found = {"features.1": "relu1_1", "features.10": "conv3_1", "features.2": "conv1_2"}
    text = "features.1..features.10, one of features.2, features.2.x and (features.20)"
    assert with_slide_names(text, found) == (
        "relu1_1..conv3_1, one of conv1_2, features.2.x and (features.20)"
    )
    assert with_slide_names(text, {}) == text
