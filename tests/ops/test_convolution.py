"""Convolutions: hand numbers, random settings against torch, refusals."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archprof.commands.verify.oracle import verify
from archprof.graph.graph import Graph
from archprof.ops.answers import Saved
from archprof.ops.convolution import Conv2d
from archprof.ops.reading import Taps
from archprof.ops.transposed_convolution import ConvTranspose2d
from tests.small import conv2d, graph_of, whatever

images = st.tuples(st.integers(1, 6), st.integers(1, 9), st.integers(1, 9))


def agree(graph: Graph) -> None:
    differing = verify(graph).differing
    assert not differing, "\n".join(map(str, differing))


def test_alexnets_first_layer_by_hand() -> None:
    node = graph_of({"conv1": "op: conv2d, out: 96, kernel: 11, stride: 4"}, (3, 227, 227)).nodes[0]
    assert node.output == (96, 55, 55)  # (227 - 11)/4 + 1 = 55
    assert node.params == (11 * 11 * 3 + 1) * 96 == 34_944
    assert node.facts.cost.macs == 11 * 11 * 3 * 96 * 55 * 55 == 105_415_200
    assert node.facts.cost.flops == 2 * 105_415_200 + 96 * 55 * 55  # and a bias per output
    assert node.facts.notes == ()


def test_depthwise_separable_by_hand() -> None:
    depthwise, pointwise = graph_of(
        {
            "dw": "op: conv2d, out: 32, kernel: 3, padding: 1, groups: 32, bias: false",
            "pw": "op: conv2d, out: 64, kernel: 1, bias: false",
        },
        (32, 112, 112),
    ).nodes
    assert depthwise.params == 9 * 32  # one 3x3 filter per channel
    assert depthwise.facts.cost.macs == 9 * 32 * 112 * 112
    assert pointwise.params == 32 * 64
    assert pointwise.facts.cost.macs == 32 * 64 * 112 * 112


@pytest.mark.parametrize(
    ("kernel", "dilation", "first", "last"),
    [(4, 1, -1, 2), (2, 1, 0, 1), (4, 3, -4, 5), (4, 2, -3, 3), (3, 1, -1, 1)],
)
def test_padding_same_is_uneven_for_even_kernels(
    kernel: int, dilation: int, first: int, last: int
) -> None:
    """torch pads dilation*(kernel - 1) in all, half of it rounded down before the input, the
    rest behind.
    """
    graph = graph_of(
        {
            "start": "op: scale, size: []",
            "x": f"op: conv2d, out: 8, kernel: {kernel}, dilation: {dilation}, padding: same",
        },
        (3, 32, 32),
    )
    node = graph.nodes[1]
    assert node.output == (8, 32, 32)
    assert node.params == (kernel * kernel * 3 + 1) * 8
    assert node.facts.cost.macs == kernel * kernel * 3 * 8 * 32 * 32
    (reading,) = node.facts.reads
    assert reading is not None
    assert reading[1] == Taps(1, ((first, last),), 1, dilation)
    odd = (last + first) != 0
    # the copy with a row and a column more
    assert node.facts.saved == ((Saved("own", elements=3 * 33 * 33),) if odd else (Saved("input"),))
    assert not verify(graph).differing


def test_padding_same_with_a_stride_names_the_way_out() -> None:
    (problem,) = whatever(
        {"x": "op: conv2d, out: 6, kernel: 3, stride: 2, padding: same"}, (3, 224, 224)
    ).problems
    assert "a `pad_same` layer of the same kernel and stride before it" in problem.hint
    way_out = graph_of(
        {
            "pad": "op: pad_same, kernel: 3, stride: 2",
            "x": "op: conv2d, out: 6, kernel: 3, stride: 2",
        },
        (3, 224, 224),
    )
    assert way_out.nodes[1].output == (6, 112, 112)  # ceil(224/2), as TensorFlow's SAME


def test_the_working_of_uneven_padding() -> None:
    node = graph_of({"x": "op: conv2d, out: 8, kernel: [4, 3], padding: same"}, (3, 32, 32)).nodes[
        0
    ]
    lines = node.op.working(node.facts.inputs, node.output)
    assert lines["height"].formula == "floor((H + P + Q - K)/S) + 1"
    assert lines["height"].substituted() == "floor((32 + 1 + 2 - 4)/1) + 1"
    assert lines["width"].substituted() == "floor((32 + 2*1 - 3)/1) + 1"


@settings(max_examples=40)
@given(st.data(), images)
def test_any_convolution(data: st.DataObject, size: tuple[int, int, int]) -> None:
    agree(graph_of({"start": "op: scale, size: []", "x": conv2d(data.draw, size)}, size))


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        (
            "out: 6, kernel: 3, groups: 3",
            "input channels 4 is not a multiple of groups 3: 4/3 = 1.333",
        ),
        ("out: 5, kernel: 3, groups: 2", "out 5 is not a multiple of groups 2: 5/2 = 2.5"),
        ("out: 6, kernel: 9", "a window of 9 does not fit into 6 + 2*0 = 6"),
        (
            "out: 6, kernel: 3, stride: 2, padding: same",
            "padding `same` needs stride 1 in torch, found stride 2x2",
        ),
    ],
)
def test_refusals_show_the_arithmetic(settings: str, message: str) -> None:
    (problem,) = whatever({"x": f"op: conv2d, {settings}"}, (4, 6, 8)).problems
    assert message in problem.message


def test_vectors_have_no_windows() -> None:
    (problem,) = whatever(
        {"flat": "op: flatten", "x": "op: conv2d, out: 6, kernel: 3"}, (3, 2, 2)
    ).problems
    assert "conv2d needs an input of channels x height x width, found 12" in problem.message
    assert "a flatten" in problem.hint


def test_settings_take_one_number_or_two() -> None:
    assert Conv2d(out=8, kernel=3) == Conv2d(out=8, kernel=[3, 3])
    assert Conv2d(out=8, kernel=3, padding="same", dilation=2).pads() == (2, 2)
    assert ConvTranspose2d(out=8, kernel=2).kernel == (2, 2)


@pytest.mark.parametrize(
    ("settings", "formula", "numbers"),
    [
        ("groups: 4, bias: false", "Kh*Kw*(Cin/g)*Cout", "3*3*(4/4)*8"),
        ("groups: 2", "(Kh*Kw*(Cin/g) + 1)*Cout", "(3*3*(4/2) + 1)*8"),
        ("bias: false", "Kh*Kw*Cin*Cout", "3*3*4*8"),
    ],
)
def test_the_working_of_groups(settings: str, formula: str, numbers: str) -> None:
    """A filter sees Cin/g channels, in brackets, so that no order of operations must be known."""
    graph = graph_of({"x": f"op: conv2d, out: 8, kernel: 3, {settings}"}, (4, 5, 5))
    node = graph.nodes[0]
    lines = node.op.working(node.facts.inputs, node.output)
    assert lines["params"].formula == formula
    assert lines["params"].substituted() == numbers
