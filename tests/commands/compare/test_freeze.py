"""`compare --freeze`: each pattern in the networks that have what it names."""

from __future__ import annotations

import json

from tests.command_line import Run


def test_each_network_is_frozen_by_its_own(run: Run) -> None:
    done = run(
        "compare", "vgg16", "resnet18", "--freeze", "features.*", "--freeze", "layer*", "-f", "json"
    )
    assert done.code == 0
    first, second = json.loads(done.out)["networks"]
    assert (first["freeze"], second["freeze"]) == (["features.*"], ["layer*"])
    # VGG-16's classifier; ResNet-18's first convolution of 7x7x3, its norm, and its last layer
    classifier = 512 * 7 * 7 * 4096 + 4096 + 4096 * 4096 + 4096 + 4096 * 1000 + 1000
    assert first["totals"]["trainable_params"] == classifier
    assert second["totals"]["trainable_params"] == 7 * 7 * 3 * 64 + 2 * 64 + 512 * 1000 + 1000


def test_the_row_is_there_where_something_is_frozen(run: Run) -> None:
    assert "trainable" in run("compare", "vgg11", "vgg16", "--freeze", "features.*").out
    assert "trainable" not in run("compare", "vgg11", "vgg16").out


def test_a_pattern_that_names_nothing_of_any(run: Run) -> None:
    done = run("compare", "vgg11", "vgg16", "--freeze", "layer1")
    assert done.code == 2
    assert "`layer1` names no parameter of vgg11" in done.err


def test_nothing_is_frozen_in_an_inference_that_is_measured(run: Run) -> None:
    done = run("compare", "vgg11", "vgg16", "--freeze", "features.*", "--device", "cpu")
    assert done.code == 2
    assert "--freeze: error: an inference trains nothing" in done.err
