"""A family's name stands for its networks."""

from __future__ import annotations

from archprof.commands.plot.families import with_families


def test_families() -> None:
    assert with_families(["swin"])[:2] == ["swin_t", "swin_s"]
    assert len(with_families(["VGG"])) == 8


def test_a_network_of_that_name_comes_first_and_nothing_twice() -> None:
    assert with_families(["alexnet"]) == ["alexnet"]
    assert with_families(["vgg11", "VGG"]).count("vgg11") == 1
    assert with_families(["what.yaml"]) == ["what.yaml"]
