"""Names that lectures use for layers, where a network calls them otherwise."""

from __future__ import annotations

import pytest

from archprof.commands.lecture.deciding.layer_names import layer_hint, path_of
from archprof.language.expand import expand
from archprof.language.find import find


@pytest.mark.parametrize(
    ("network", "name", "hint"),
    [
        (
            "vgg16",
            "fc6",
            "`fc6` is a lecture's name; the linear layers here are classifier.0, classifier.3,"
            " classifier.6",
        ),
        (  # thirteen of them
            "vgg16",
            "Conv3_1",
            "`Conv3_1` is a lecture's name; the convolutions here are features.0, features.2,"
            " features.5, features.7, features.10, features.12, features.14, features.17 and 5"
            " more",
        ),
        ("alexnet", "conv9", "did you mean `conv5`?"),  # a slip comes first
        ("vgg16", "fully", ""),
    ],
)
def test_hint(network: str, name: str, hint: str) -> None:
    nodes = expand(find(network)).nodes
    assert layer_hint(name, nodes, [node.path for node in nodes]) == hint


@pytest.mark.parametrize(
    ("network", "name", "path"),
    [
        # two, two, three, three and three convolutions, each with its ReLU, then a pooling
        ("vgg16", "conv1_1", "features.0"),
        ("vgg16", "Conv3-2", "features.12"),
        ("vgg16", "conv5_3", "features.28"),
        ("vgg16", "pool5", "features.30"),
        ("vgg16", "fc6", "classifier.0"),  # behind five stages
        ("vgg16", "fc8", "classifier.6"),
        ("vgg16", "FC_2", "classifier.3"),  # counted from one
        ("vgg16", "conv3_4", "conv3_4"),
        ("vgg16", "conv6_1", "conv6_1"),
        ("vgg16", "conv0_1", "conv0_1"),
        ("vgg16", "pool6", "pool6"),
        ("vgg16", "fc9", "fc9"),
        ("vgg16", "features", "features"),
        ("vgg16", "features.0", "features.0"),
        ("alexnet_owt", "fc6", "classifier.1"),  # behind five convolutions
        ("alexnet_owt", "fc8", "classifier.6"),
        ("alexnet", "fc6", "fc6"),  # its own
        ("resnet18", "conv2_1", "conv2_1"),  # its stages are not a chain
    ],
)
def test_names_of_lectures(network: str, name: str, path: str) -> None:
    assert path_of(name, expand(find(network)).nodes) == path


def test_a_network_without_such_layers_lists_what_it_has() -> None:
    nodes = [node for node in expand(find("vgg16")).nodes if node.kind == "max_pool2d"][:2]
    paths = [node.path for node in nodes]
    assert layer_hint("fc6", nodes, paths) == f"known: {', '.join(sorted(paths))}"
