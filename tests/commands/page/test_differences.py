"""How the layers of two networks stand to each other."""

from __future__ import annotations

from archprof.commands.page.differences import difference_marks, stage_of_layers
from tests.commands.page.pages import analysed


def test_the_stage_of_each_layer() -> None:
    """ResNet-50's stem halves twice, its stages halve once each, and what is pooled has no pixels
    left.
    """
    analysis = analysed("resnet50")
    stages = dict(
        zip([row.node.path for row in analysis.layers], stage_of_layers(analysis), strict=True)
    )
    found = [stages[f"layer{n}.0.conv1"] for n in (1, 2, 3, 4)]
    assert found == [4, 8, 16, 32]
    assert (stages["conv1"], stages["fc"]) == (2, None)


def test_an_auxiliary_head_is_in_no_stage() -> None:
    analysis = analysed("googlenet")
    stages = stage_of_layers(analysis)
    heads = [row.place for row in analysis.layers if row.node.aux]
    assert heads
    assert {stages[place] for place in heads} == {None}


def test_changed_settings_are_marked() -> None:
    """ResNeXt-50 has 32 groups in the middle convolution of each of its 16 blocks, and the same
    layers otherwise.
    """
    analyses = [analysed("resnet50"), analysed("resnext50_32x4d")]
    for analysis, marks in zip(analyses, difference_marks(analyses), strict=True):
        changed = [analysis.layers[index].node.path for index in marks["changed"]]
        assert len(changed) == 16
        assert all(path.endswith(".conv2") for path in changed)
        assert marks["only"] == []


def test_layers_of_one_alone_are_marked() -> None:
    """ResNet-101 has 17 blocks more than ResNet-50, of ten layers each."""
    analyses = [analysed("resnet50"), analysed("resnet101")]
    first, second = difference_marks(analyses)
    assert first == {"changed": [], "only": []}
    assert len(second["only"]) == 17 * 10
    assert analyses[1].layers[second["only"][0]].node.path == "layer3.6.conv1"


def test_networks_with_little_in_common_are_not_marked() -> None:
    analyses = [analysed("resnet50"), analysed("convnext_t")]
    assert difference_marks(analyses) == [{"changed": [], "only": []}] * 2


def test_one_network_has_no_marks() -> None:
    assert difference_marks([analysed("alexnet")]) == []
