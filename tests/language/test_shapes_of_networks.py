"""The language can say the networks of the field: five small but whole ones, their shapes and
parameters worked out by hand beside them.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from archprof.graph.graph import Graph
from archprof.language.expand import expand
from archprof.language.find import find
from archprof.language.loader import load_file
from archprof.language.network import networks

FOLDER = Path(__file__).parent / "networks"


def graph(name: str) -> Graph:
    """The graph of `file` or `file:variant`; it must have no problems."""
    file, _, variant = name.partition(":")
    found = expand(find(f"{FOLDER / file}.yaml" + (f":{variant}" if variant else "")))
    assert not found.problems, "\n".join(map(str, found.problems))
    return found


def params(found: Graph) -> int:
    return sum(node.params for node in found.nodes)


def below(found: Graph, path: str) -> int:
    """Parameters of everything under a path."""
    return sum(
        node.params for node in found.nodes if node.path == path or node.path.startswith(f"{path}.")
    )


def shape(found: Graph, path: str) -> tuple[int, ...]:
    return next(node.output for node in found.nodes if node.path == path)


def last(found: Graph, path: str) -> tuple[int, ...]:
    """What comes out of a group: its last layer."""
    return [node.output for node in found.nodes if node.path.startswith(f"{path}.")][-1]


def conv(c: int, out: int, k: int, bias: bool = True) -> int:
    return k * k * c * out + bias * out


def norm(c: int) -> int:
    return 2 * c


def linear(c: int, out: int) -> int:
    return c * out + out


# --- every word of the language ---


def test_words() -> None:
    found = graph("words")
    # stem 3*8*9 + 16; two cells of two convolutions 8*8*9 + 16; the head 8*4 + 4; group.b 8*16 +
    # 16, and c shares it;
    # list: 16*8 + 8, 8*8 + 8, 8*4*9 + 8, and the gate's 4*2 + 2 and 2*4 + 4
    assert params(found) == 232 + 4 * 592 + 36 + 144 + 136 + 72 + 296 + 10 + 12 == 3306
    assert [found.nodes[i].path for i in found.outputs] == ["both", "flatten"]
    assert [found.nodes[i].path for i in found.aux_outputs] == ["head1.fc"]
    assert found.input == (3, 32, 32)
    assert graph("words:words_wide").input == (3, 64, 64)


# --- DenseNet: concatenations that grow, names that count from 1 ---


def dense_block(c: int, layers: int, growth: int) -> int:
    """Each layer: norm of what arrived, 1x1 to 4*growth, norm, 3x3 to growth; then growth
    channels more arrive.
    """
    return sum(
        norm(c + i * growth)
        + conv(c + i * growth, 4 * growth, 1, False)
        + norm(4 * growth)
        + conv(4 * growth, growth, 3, False)
        for i in range(layers)
    )


@pytest.mark.parametrize(
    ("name", "start", "growth", "depths", "published"),
    [
        # https://docs.pytorch.org/vision/stable/models/densenet.html states the published numbers
        ("densenet121", 64, 32, (6, 12, 24, 16), 7_978_856),
        ("densenet169", 64, 32, (6, 12, 32, 32), 14_149_480),
        ("densenet161", 96, 48, (6, 12, 36, 24), 28_681_000),
    ],
)
def test_densenet(
    name: str, start: int, growth: int, depths: tuple[int, ...], published: int
) -> None:
    found = graph(f"densenet:{name}" if name != "densenet121" else "densenet")
    total, c = conv(3, start, 7, False) + norm(start), start
    for i, layers in enumerate(depths):
        total += dense_block(c, layers, growth)
        c += layers * growth
        if i < 3:  # a transition halves the channels
            total += norm(c) + conv(c, c // 2, 1, False)
            c //= 2
    assert params(found) == total + norm(c) + linear(c, 1000) == published
    assert shape(found, "features.norm5") == (c, 7, 7)
    # 224/4 = 56, halved by each transition
    assert [shape(found, f"features.transition{i}.pool")[1:] for i in (1, 2, 3)] == [
        (28, 28),
        (14, 14),
        (7, 7),
    ]
    assert shape(found, f"features.denseblock1.denselayer{depths[0]}.concat") == (
        start + depths[0] * growth,
        56,
        56,
    )
    names = {node.path for node in found.nodes}
    assert {
        "features.conv0",
        "features.denseblock1.denselayer1.norm1",
        f"features.denseblock4.denselayer{depths[3]}.conv2",
        "classifier",
    } <= names
    assert "features.denseblock1.denselayer0.norm1" not in names


# --- U-Net: long skips, crops, transposed convolutions ---


def test_unet() -> None:
    found = graph("unet")
    # unpadded 3x3 twice: -4; pooling: /2; transposed 2x2: *2. 188 -> 184 -> 92 -> 88 -> 44 -> 40 ->
    # 20 -> 16 -> 8 -> 4
    assert [last(found, f"down{i}") for i in (1, 2, 3, 4)] == [
        (64, 184, 184),
        (128, 88, 88),
        (256, 40, 40),
        (512, 16, 16),
    ]
    assert last(found, "bottom") == (1024, 4, 4)
    # each step up: 4 * 2 = 8, the skip cropped to 8 and laid on, - 4
    assert [shape(found, f"up{i}.conv") for i in (4, 3, 2, 1)] == [
        (512, 8, 8),
        (256, 8, 8),
        (128, 8, 8),
        (64, 8, 8),
    ]
    assert [shape(found, f"up{i}.crop.0") for i in (4, 3, 2, 1)] == [
        (512, 8, 8),
        (256, 8, 8),
        (128, 8, 8),
        (64, 8, 8),
    ]
    assert [shape(found, f"up{i}.concat")[0] for i in (4, 3, 2, 1)] == [1024, 512, 256, 128]
    assert found.nodes[-1].output == (2, 4, 4)
    down = sum(
        conv(a, b, 3) + conv(b, b, 3)
        for a, b in ((1, 64), (64, 128), (128, 256), (256, 512), (512, 1024))
    )
    up = sum(conv(2 * b, b, 2) + conv(2 * b, b, 3) + conv(b, b, 3) for b in (512, 256, 128, 64))
    assert down == 37_568 + 221_440 + 885_248 + 3_539_968 + 14_157_824
    assert up == 9_176_576 + 2_294_528 + 573_824 + 143_552
    assert params(found) == down + up + conv(64, 2, 1) == 31_030_658


# --- NASNet: cells of two inputs, states threaded through repeats, names that count on ---


def branch(f: int, k: int) -> int:
    """Twice: a depthwise kxk, a 1x1, a norm."""
    return 2 * (k * k * f + f * f + norm(f))


def fitted(c: int, f: int) -> int:
    """A 1x1 and a norm; the factorized reduction has as many: two 1x1 of half the channels and a
    norm.
    """
    return c * f + norm(f)


def test_nasnet() -> None:
    found = graph("nasnet")
    # what a cell reads, x and prev, and its width f; a normal cell gives 6f channels, a reduction
    # 4f
    cells = {
        "cell_0": (16, 16, 8),
        "cell_1": (48, 16, 8),
        "reduction_cell_0": (48, 48, 16),
        "cell_2": (64, 48, 16),
        "cell_3": (96, 64, 16),
        "reduction_cell_1": (96, 96, 32),
        "cell_4": (128, 96, 32),
        "cell_5": (192, 128, 32),
    }
    hand = {
        "cell_0": 2_320,
        "cell_1": 2_576,
        "reduction_cell_0": 9_504,
        "cell_2": 7_200,
        "cell_3": 7_968,
        "reduction_cell_1": 27_200,
        "cell_4": 23_104,
        "cell_5": 26_176,
    }
    for name, (x, prev, f) in cells.items():
        branches = (
            2 * branch(f, 5) + 3 * branch(f, 3)
            if name.startswith("cell")
            else 2 * branch(f, 5) + 2 * branch(f, 7) + branch(f, 3)
        )
        assert below(found, name) == fitted(x, f) + fitted(prev, f) + branches == hand[name]
    assert (
        params(found)
        == conv(3, 16, 3, False) + norm(16) + sum(hand.values()) + linear(192, 10)
        == 108_442
    )
    # 32/2 = 16, halved by each reduction
    assert [shape(found, f"{name}.concat") for name in cells] == [
        (48, 16, 16),
        (48, 16, 16),
        (64, 8, 8),
        (96, 8, 8),
        (96, 8, 8),
        (128, 4, 4),
        (192, 4, 4),
        (192, 4, 4),
    ]
    # the first cell behind a reduction halves what came before it; the others need no more than a
    # 1x1
    names = {node.path for node in found.nodes}
    assert {name for name in cells if f"{name}.path.final_path_bn" in names} == {"cell_2", "cell_4"}
    assert {name for name in cells if f"{name}.conv_prev_1x1.conv" in names} == set(cells) - {
        "cell_2",
        "cell_4",
    }
    assert shape(found, "cell_2.path.path_2.pad") == (48, 16, 16)


# --- Swin: windows, attention with a bias, a shift in every second block ---


def swin_block(c: int, heads: int, tokens: int) -> int:
    return (
        2 * norm(c)
        + linear(c, 3 * c)
        + heads * tokens * tokens
        + linear(c, c)
        + linear(c, 4 * c)
        + linear(4 * c, c)
    )


def test_swin() -> None:
    found = graph("swin")
    # windows of 4x4 = 16 tokens
    stages = 2 * swin_block(32, 2, 16), 2 * swin_block(64, 4, 16)
    assert stages == (26_432, 102_016)
    assert (below(found, "features.1"), below(found, "features.3")) == stages
    patches, merging = conv(3, 32, 4) + norm(32), norm(4 * 32) + 4 * 32 * 64
    assert (
        params(found)
        == patches + stages[0] + merging + stages[1] + norm(64) + linear(64, 10)
        == 139_306
    )
    # 64/4 = 16 tokens a side in 16 windows of 16; merged to 8 a side in 4 windows
    assert shape(found, "features.1.0.attn.windows") == (16, 16, 32)
    assert shape(found, "features.3.1.attn.windows") == (4, 16, 64)
    assert shape(found, "features.2.concat") == (8, 8, 128)
    shifts = [node.path for node in found.nodes if node.kind == "roll"]
    assert shifts == [
        "features.1.1.attn.shifted",
        "features.1.1.attn.back",
        "features.3.1.attn.shifted",
        "features.3.1.attn.back",
    ]
    # block i of 4 drops its branches with 0.1 * i/3
    rates = [node.op.p for node in found.nodes if node.path.endswith("stochastic_depth1")]  # type: ignore[attr-defined]
    assert rates == pytest.approx([0, 0.1 / 3, 0.2 / 3, 0.1])


# --- EfficientNet: compound scaling, expansions that drop out, squeeze-and-excitation inside ---

STAGES = (
    (1, 3, 1, 16, 1),
    (6, 3, 2, 24, 2),
    (6, 5, 2, 40, 2),
    (6, 3, 2, 80, 3),
    (6, 5, 1, 112, 3),
    (6, 5, 2, 192, 4),
    (6, 3, 1, 320, 1),
)
"""Table 1 of the paper: expansion, kernel, stride, channels, layers."""


def mbconv(c: int, ratio: int, k: int, out: int) -> int:
    wide, squeeze = c * ratio, max(1, c // 4)
    expansion = conv(c, wide, 1, False) + norm(wide) if ratio > 1 else 0
    return (
        expansion
        + k * k * wide
        + norm(wide)
        + conv(wide, squeeze, 1)
        + conv(squeeze, wide, 1)
        + conv(wide, out, 1, False)
        + norm(out)
    )


def rounded(c: float) -> int:
    """The multiple of 8 nearest to c, and 8 more where that is less than nine tenths of it; a
    tie goes up.
    """
    down, up = int(c // 8 * 8), int(c // 8 * 8) + 8
    near = up if c - down >= up - c else down
    return near if near >= 0.9 * c else near + 8


@pytest.mark.parametrize(
    ("name", "width", "depth", "size", "published"),
    [
        # https://docs.pytorch.org/vision/stable/models/efficientnet.html states the published
        # numbers
        ("efficientnet", 1.0, 1.0, 224, 5_288_548),
        ("efficientnet:efficientnet_b3", 1.2, 1.4, 300, 12_233_232),
        ("efficientnet:efficientnet_b7", 2.0, 3.1, 600, 66_347_960),
    ],
)
def test_efficientnet(name: str, width: float, depth: float, size: int, published: int) -> None:
    found = graph(name)
    c = rounded(32 * width)
    total, blocks = conv(3, c, 3, False) + norm(c), 0
    for ratio, k, _, channels, layers in STAGES:
        times = -int(-layers * depth // 1)  # rounded up
        blocks += times
        for _ in range(times):
            total += mbconv(c, ratio, k, rounded(channels * width))
            c = rounded(channels * width)
    total += conv(c, 4 * c, 1, False) + norm(4 * c) + linear(4 * c, 1000)
    assert params(found) == total == published
    # five strides of 2, the stem's among them, each rounded up
    side = size
    for _ in range(5):
        side = -(-side // 2)
    assert last(found, "features.8") == (4 * c, side, side)
    # no expansion at ratio 1: the depthwise convolution comes first there and second elsewhere, as
    # torchvision counts
    ops = {node.path: node.op for node in found.nodes}
    assert ops["features.1.0.block.0.0"].groups > 1  # type: ignore[attr-defined]
    assert ops["features.2.0.block.0.0"].groups == 1  # type: ignore[attr-defined]
    assert ops["features.2.0.block.1.0"].groups > 1  # type: ignore[attr-defined]
    assert shape(found, "features.2.0.block.2.fc1") == (rounded(16 * width) // 4, 1, 1)
    # the last block of all, which keeps its shape where there are two of them, drops with 0.2 * (n
    # - 1)/n
    rates = [node.op.p for node in found.nodes if node.kind == "drop_path"]  # type: ignore[attr-defined]
    assert rates == sorted(rates)
    assert max(rates) <= 0.2 * (blocks - 1) / blocks + 1e-12


def test_every_file_here_is_tested() -> None:
    assert {path.stem for path in FOLDER.glob("*.yaml")} == {
        "words",
        "parts",
        "densenet",
        "unet",
        "nasnet",
        "swin",
        "efficientnet",
    }
    assert not [
        problem
        for path in FOLDER.glob("*.yaml")
        for network in networks(load_file(path))
        for problem in expand(network).problems
    ]
