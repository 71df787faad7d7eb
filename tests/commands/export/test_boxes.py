"""Which boxes a picture has: blocks down to a depth, and the edges between them."""

from __future__ import annotations

from torch import Tensor, nn

from archprof.commands.export.boxes import Drawing
from archprof.language.expand import expand
from archprof.language.find import find
from tests.captured import captured
from tests.language.writing.graphs import Step, made, op


def boxes(drawing: Drawing) -> list[str]:
    return [box.path for box in drawing.drawn(drawing.root, 0)]


def test_the_outermost_level_with_more_than_one() -> None:
    assert boxes(Drawing(expand(find("resnet18")), None)) == [
        "conv1",
        "bn1",
        "relu",
        "maxpool",
        "layer1",
        "layer2",
        "layer3",
        "layer4",
        "avgpool",
        "flatten",
        "fc",
    ]


def test_a_network_that_is_one_block_is_opened() -> None:
    """As a Hugging Face model is, where all is in one attribute."""
    steps = [Step("vit.embed.conv", op("relu")), Step("vit.layer.0", op("relu"))]
    assert boxes(Drawing(made((3, 8, 8), steps), None)) == ["vit.embed", "vit.layer"]


def test_depth_opens_blocks() -> None:
    drawing = Drawing(expand(find("resnet18")), 2)
    assert boxes(drawing)[4:6] == ["layer1.0", "layer1.1"]
    assert len(boxes(Drawing(expand(find("resnet18")), 50))) == len(expand(find("resnet18")).nodes)


def test_edges_are_those_between_boxes() -> None:
    """Of a residual block drawn whole no edge shows but those in and out, each once."""
    steps = [
        Step("stem", op("relu")),
        Step("block.a", op("relu")),
        Step("block.b", op("relu")),
        Step("block.add", op("add"), (0, 2)),
        Step("last", op("relu")),
    ]
    drawing = Drawing(made((3, 8, 8), steps), None)
    assert boxes(drawing) == ["stem", "block", "last"]
    assert list(drawing.edges) == [("input", "n0"), ("n0", "n1"), ("n1", "n2"), ("n2", "output")]


def test_what_a_box_says() -> None:
    graph = expand(find("resnet18"))
    drawing = Drawing(graph, 2)
    said = {box.path: box.lines(graph) for box in drawing.drawn(drawing.root, 0)}
    assert said["conv1"] == ("conv1", "conv2d", "64x112x112")
    # two convolutions, norms and activations, and the addition
    assert said["layer1.0"] == ("0", "basic, 7 layers", "64x56x56")


def test_a_layer_whose_path_has_others_inside_has_a_box_of_its_own() -> None:
    steps = [Step("bn", op("batch_norm2d")), Step("bn.act", op("relu")), Step("out", op("relu"))]
    assert boxes(Drawing(made((3, 8, 8), steps), 5)) == ["bn", "bn.act", "out"]


def test_each_call_of_a_module_has_a_box() -> None:
    """One box for both would be before and behind itself."""

    class Twice(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.cell = nn.Sequential(nn.Conv2d(8, 8, 1), nn.BatchNorm2d(8))

        def forward(self, x: Tensor) -> Tensor:
            return self.cell(self.cell(x).relu())

    graph = captured(Twice(), (1, 8, 4, 4))
    drawing = Drawing(graph, None)
    assert boxes(drawing) == ["cell", "relu", "cell (call 2)"]
    assert list(drawing.edges) == [("input", "n0"), ("n0", "n1"), ("n1", "n2"), ("n2", "output")]
    assert boxes(Drawing(graph, 2))[-2:] == ["cell (call 2).0_1", "cell (call 2).1_1"]
