"""The skeleton shows what the network itself shows, and the witness keeps silent where it cannot
know.
"""

from __future__ import annotations

import pytest
import torch
from torch import nn

from archprof.analysis.field import Field
from archprof.analysis.receptive import sights
from archprof.commands.verify.gradient_targets import central, targets
from archprof.commands.verify.gradient_witness import receptive_fields
from archprof.model.compile import build
from tests.small import graph_of

BLOCK = {
    "stem": "op: conv2d, out: 6, kernel: 5, stride: 2, padding: 2",
    "pool": "op: max_pool2d, kernel: 3, stride: 2, padding: 1",
    "a": "op: conv2d, out: 6, kernel: 3, padding: 2, dilation: 2, groups: 3",
    "b": "op: conv2d, out: 6, kernel: [1, 7], padding: [0, 3], from: pool",
    "x": "op: add, from: [a, b]",
    "up": "op: interpolate, factor: 2, mode: bilinear",
    "c": "op: conv2d, out: 4, kernel: 3, padding: 1",
}


@pytest.mark.parametrize(
    "layers",
    [BLOCK, {**BLOCK, "up": "op: conv_transpose2d, out: 6, kernel: 4, stride: 2, padding: 1"}],
)
def test_the_network_itself_with_all_channels(layers: dict[str, str]) -> None:
    """The same extent through the real modules with positive weights, max pooling averaged."""
    graph = graph_of(layers, (3, 96, 96))
    module = build(graph, dtype=torch.float64)
    for parameter in module.parameters():
        nn.init.uniform_(parameter, 0.5, 1)
    pool = module.get_submodule("pool")
    pool.forward = lambda x: nn.functional.avg_pool2d(
        x, pool.kernel_size, pool.stride, pool.padding
    )  # type: ignore[method-assign]
    image = torch.zeros(1, 3, 96, 96, dtype=torch.float64, requires_grad=True)
    output = module(image)
    middle = output.shape[2] // 2
    for unit in (middle, middle + 1):
        (gradient,) = torch.autograd.grad(output[0, :, unit, unit].sum(), image, retain_graph=True)
        for axis, field in enumerate(sights(graph)[-1].axes):
            reached = gradient[0].sum((0, 2 - axis)).nonzero().flatten()
            assert isinstance(field, Field)
            assert (int(reached[0]), int(reached[-1])) == field.of(unit)
    checks, notes = receptive_fields(graph)
    assert checks[-1].ours == checks[-1].theirs
    assert not notes


def test_targets_are_the_layers_whose_field_changes() -> None:
    graph = graph_of(
        BLOCK | {"r": "op: relu", "gap": "op: adaptive_avg_pool2d, size: 1"}, (3, 96, 96)
    )
    elastic, rigid = targets(graph, sights(graph))
    # r: the last of its jump
    assert [graph.nodes[i].path for i in elastic] == ["stem", "pool", "a", "b", "x", "up", "c", "r"]
    assert rigid == []


@pytest.mark.parametrize("sized", ["adaptive_avg_pool2d, size: 8", "interpolate, size: 64"])
def test_behind_windows_of_the_inputs_own_size_only_that_size_will_do(sized: str) -> None:
    layers = {
        "a": "op: conv2d, out: 4, kernel: 3, stride: 2, padding: 1",
        "p": f"op: {sized}",
        "b": "op: conv2d, out: 4, kernel: 3, padding: 1",
    }
    graph = graph_of(layers, (3, 64, 64))
    elastic, rigid = targets(graph, sights(graph))
    assert ([graph.nodes[i].path for i in elastic], [graph.nodes[i].path for i in rigid]) == (
        ["a"],
        ["b"],
    )
    checks, notes = receptive_fields(graph)
    assert {check.path for check in checks} == {"a", "b", ""}
    assert all(check.holds for check in checks)
    assert not notes


def test_a_field_that_the_input_cuts_off_is_not_judged() -> None:
    # five windows of a quarter each
    layers = {
        "p": "op: adaptive_avg_pool2d, size: 4",
        "b": "op: conv2d, out: 4, kernel: 5, padding: 2",
    }
    checks, notes = receptive_fields(graph_of(layers, (3, 64, 64)))
    assert "b" not in {check.path for check in checks}
    assert notes == [
        (
            "receptive field: no gradient for b, its field is cut off or a layer before it has no"
            " positive stand-in"
        ),
        # five of 16
        (
            "receptive field: no gradient for the largest, 80: no unit that sees so much lies clear"
            " of the edges"
        ),
    ]


def test_deep_networks_neither_underflow_nor_overflow() -> None:
    layers = {f"l{i}": "op: conv2d, out: 2, kernel: 3, padding: 1" for i in range(60)}
    (total,) = [
        check for check in receptive_fields(graph_of(layers, (3, 32, 32)))[0] if not check.path
    ]
    assert total.ours == total.theirs == (121, 121)  # 1 + 60*2


def test_the_central_unit_is_one_that_sees() -> None:
    assert central(Field(9), 9) == 4
    assert central(Field(9, (None, (0, 2)), 2), 9) == 3  # every second unit sees nothing
    assert central(Field(9, (None, None, (0, 0)), 1), 2) in (0, 1)


def test_a_crop_moves_the_border_and_the_witness_stays_clear_of_it() -> None:
    layers = {"crop": "op: pad, sides: [-9, -9, -9, -9]"} | {
        f"l{i}": "op: conv2d, out: 2, kernel: 5, padding: 2" for i in range(8)
    }
    # 22 pixels are left, the field is 1 + 8*4 = 33 wide
    checks, notes = receptive_fields(graph_of(layers, (3, 40, 40)))
    assert all(check.holds for check in checks)
    assert [check.ours for check in checks if not check.path] == [(33, 33)]
    assert not notes


@pytest.mark.parametrize("factor", [3, 7])
def test_an_upsampling_that_hits_a_pixel_reads_that_pixel_alone(factor: int) -> None:
    layers = {
        "down": f"op: conv2d, out: 2, kernel: 1, stride: {factor}",
        "up": f"op: interpolate, factor: {factor}, mode: bilinear",
    }
    # far from 0 its place is only nearly a whole number
    checks, _ = receptive_fields(graph_of(layers, (3, 701, 701)))
    assert checks
    assert all(check.holds for check in checks)


def test_units_at_an_edge_are_looked_at_where_no_others_are_left() -> None:
    """A transposed 3x3 of one pixel, cut back to one unit: in a longer row it would see three
    pixels.
    """
    layers = {
        "crop": "op: slice, dim: 1, stop: 1",
        "crops": "op: slice, dim: 2, stop: 1",
        "t": "op: conv_transpose2d, out: 1, kernel: 3, padding: 1",
    }
    checks, _ = receptive_fields(graph_of(layers, (1, 4, 4)))
    assert [(check.ours, check.theirs) for check in checks if check.path == "t"] == [
        ((0, 0), (0, 0)),
        ((0, 0), (0, 0)),
    ]


def test_a_longer_input_is_not_asked_about_units_that_do_not_repeat() -> None:
    """`wide` needs an input of more than 5 pixels, in which `a` would have more than the one
    unit that is tripled.
    """
    layers = {
        "wide": "op: conv2d, out: 1, kernel: 9, padding: 4",
        "a": "op: conv2d, out: 1, kernel: 5, from: input",
        "up": "op: interpolate, factor: 3",
        "c": "op: conv2d, out: 1, kernel: 3",
    }
    checks, _ = receptive_fields(graph_of(layers, (1, 5, 5), "[wide, c]"))
    assert all(check.holds for check in checks)
    assert {check.path for check in checks} >= {"wide", "c"}
