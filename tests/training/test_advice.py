"""Changes that may help: those that are not made yet."""

import archprof
from archprof.training.advice import backbone, blocks, changes, head
from archprof.training.training_conditions import TrainingWords

RESNET = archprof.load("resnet18").analyze().graph
VGG = archprof.load("vgg11").analyze().graph


def typed(words: TrainingWords) -> list[str]:
    return [change.typed for change in changes(RESNET, words)]


def test_the_head_is_the_outermost_part_with_the_last_parameters() -> None:
    assert (head(RESNET), head(VGG)) == ("fc", "classifier")
    assert backbone(VGG) == ("features",)
    assert backbone(RESNET) == ("conv1", "bn1", "layer1", "layer2", "layer3", "layer4")


def test_what_is_on_already_is_no_advice() -> None:
    everything = typed(TrainingWords("adamw"))
    assert everything == [
        "--amp bfloat16",
        "--checkpoint basic",
        "--optimizer adam8bit",
        "--optimizer sgd",
        "--freeze conv1 --freeze bn1 --freeze layer1 --freeze layer2 --freeze layer3"
        " --freeze layer4",
    ]
    assert "--amp bfloat16" not in typed(TrainingWords("adamw", amp="float16"))
    assert "--amp bfloat16" not in typed(TrainingWords("adamw", itemsize=2))
    assert typed(TrainingWords("sgd", "bfloat16", freeze=("layer1",), checkpoint="auto")) == []


def test_a_change_keeps_all_else() -> None:
    words = TrainingWords("adamw", accumulate=4, device="cuda")
    found = {change.typed: change.words for change in changes(VGG, words)}
    assert found["--amp bfloat16"] == words.replaced(amp="bfloat16")
    assert found["--optimizer sgd"] == words.replaced(optimizer="sgd")
    assert found["--freeze features"] == words.replaced(freeze=("features",))


def test_what_goes_with_any_optimizer_stays() -> None:
    assert "--optimizer sgd,clip" in typed(TrainingWords("adamw,fused,clip"))


def test_blocks_are_those_that_make_up_most_of_the_network() -> None:
    """Of ResNet-50 the projections are 4 of 16 shortcuts; NASNet's cells read two outputs before
    them, and are not parts; of MobileNetV2 a bottleneck has three convolutions.
    """
    assert blocks(archprof.load("resnet50").analyze().graph) == ["bottleneck"]
    assert "normal_cell" not in blocks(archprof.load("nasnetalarge").analyze().graph)
    assert blocks(archprof.load("mobilenet_v2").analyze().graph) == ["bottleneck", "conv_norm_act"]
    assert blocks(archprof.load("alexnet").analyze().graph) == []
