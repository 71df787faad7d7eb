"""Names that lectures use for layers, where a network calls them otherwise."""

from __future__ import annotations

import pytest

from archprof.commands.lecture.deciding.layer_names import layer_hint
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


def test_a_network_without_such_layers_lists_what_it_has() -> None:
    nodes = [node for node in expand(find("vgg16")).nodes if node.kind == "max_pool2d"][:2]
    paths = [node.path for node in nodes]
    assert layer_hint("fc6", nodes, paths) == f"known: {', '.join(sorted(paths))}"
