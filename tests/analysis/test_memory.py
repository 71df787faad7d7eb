"""Peak and saved memory: by hand on small graphs, and against the storages that torch really
allocates.
"""

from __future__ import annotations

import pytest
import torch
from hypothesis import HealthCheck, given, settings

from archprof.analysis.memory import Peak, peak_inference, saved_for_backward
from archprof.commands.measure.running.measured_memory import trace
from archprof.graph.graph import Graph
from archprof.model.compile import assemble
from tests.small import graph_of, small_networks, whatever

MAP = 4 * 6 * 8 * 4  # bytes of a 4x6x8 map in float32


def peak(layers: dict[str, str], size: tuple[int, ...] = (4, 6, 8), output: str = "") -> Peak:
    return peak_inference(graph_of(layers, size, output), 0, 1, 4)


def test_a_chain_holds_two_tensors_and_the_callers_input() -> None:
    conv = "op: conv2d, out: 4, kernel: 1"
    # at the second convolution: the input, which the caller holds, what it reads and what it writes
    assert peak({"a": conv, "b": conv, "c": conv}) == Peak(
        1, 3 * MAP, ((-1, MAP), (0, MAP), (1, MAP))
    )


def test_in_place_needs_no_second_tensor() -> None:
    assert peak({"a": "op: conv2d, out: 4, kernel: 1", "r": "op: relu, inplace: true"}) == Peak(
        0, 2 * MAP, ((-1, MAP), (0, MAP))
    )
    assert peak({"a": "op: conv2d, out: 4, kernel: 1", "r": "op: relu"}).bytes == 3 * MAP


def test_a_residual_holds_its_shortcut() -> None:
    block = {
        "stem": "op: conv2d, out: 4, kernel: 1",
        "a": "op: conv2d, out: 4, kernel: 1",
        "b": "op: conv2d, out: 4, kernel: 1",
    }
    # at b: input, stem for the shortcut, a, b; the sum written over b comes with a gone
    assert peak(block | {"x": "op: add, from: [b, stem], inplace: true"}) == Peak(
        2, 4 * MAP, ((-1, MAP), (0, MAP), (1, MAP), (2, MAP))
    )
    # a sum of its own beside stem and b is as large, but not the first
    assert peak(block | {"x": "op: add, from: [b, stem]"}).node == 2
    assert peak({"stem": block["stem"], "a": block["a"], "x": "op: add, from: [a, stem]"}) == Peak(
        2, 4 * MAP, ((-1, MAP), (0, MAP), (1, MAP), (2, MAP))
    )


def test_a_first_layer_that_turns_its_input_is_read_as_it_lies() -> None:
    """A linear layer over what is not in one piece adds its bias to a result of its own, as large
    as its output: 6*4*8 elements. A permute itself is a view.
    """
    turned = {"p": "op: permute, order: [1, 0, 2]", "l": "op: linear, out: 8"}
    assert peak(turned) == Peak(1, 3 * MAP, ((-1, MAP), (1, MAP)), MAP)
    assert peak({"l": "op: linear, out: 8"}) == Peak(0, 2 * MAP, ((-1, MAP), (0, MAP)))


def test_what_a_layer_makes_for_itself() -> None:
    """Max pooling: an int64 index for each of its 4*3*4 outputs, 8 bytes beside 4."""
    layers = {"c": "op: conv2d, out: 4, kernel: 1", "m": "op: max_pool2d, kernel: 2"}
    assert peak(layers) == Peak(
        1, 2 * MAP + 3 * MAP // 4, ((-1, MAP), (0, MAP), (1, MAP // 4)), MAP // 2
    )
    # group norm: mean and deviation of two groups
    assert peak({"c": "op: conv2d, out: 4, kernel: 1", "g": "op: group_norm, groups: 2"}) == Peak(
        1, 3 * MAP + 16, ((-1, MAP), (0, MAP), (1, MAP)), 16
    )


def test_views_own_nothing_and_copies_do() -> None:
    layers = {
        "a": "op: conv2d, out: 4, kernel: 1",
        "p": "op: permute, order: [1, 2, 0]",
        "f": "op: flatten",
        "l": "op: linear, out: 1",
    }
    # flattened out of order it is a copy
    assert peak(layers) == Peak(2, 3 * MAP, ((-1, MAP), (0, MAP), (2, MAP)))
    layers["p"] = "op: identity"
    assert peak(layers) == Peak(3, 2 * MAP + 4, ((-1, MAP), (0, MAP), (3, 4)))


@pytest.mark.parametrize(("layers", "listed"), [(4095, 4096), (4096, 0)])
def test_of_more_than_4096_tensors_alive_only_the_sum_is_kept(layers: int, listed: int) -> None:
    """The input and as many outputs of 4 bytes: a list for each of them would be the square."""
    names = [f"r{i}" for i in range(layers)]
    found = peak(dict.fromkeys(names, "op: relu, from: input"), (1, 1, 1), f"[{', '.join(names)}]")
    assert found.bytes == 4 * (layers + 1)
    assert len(found.alive) == listed


def test_an_output_lives_to_the_end() -> None:
    conv = "op: conv2d, out: 4, kernel: 1"
    assert peak({"a": conv, "b": conv, "c": conv}, output="[a, c]").bytes == 4 * MAP


def test_weights_batch_and_dtype() -> None:
    graph = graph_of({"a": "op: conv2d, out: 4, kernel: 1"}, (4, 6, 8))
    assert peak_inference(graph, 1000, 5, 2).bytes == 1000 + 5 * 2 * MAP // 2


def test_learned_tensors_are_weights() -> None:
    assert (
        peak({"p": "op: parameter, size: [4, 6, 8]", "x": "op: add, from: [input, p]"}).bytes
        == 2 * MAP
    )


def measured(graph: Graph, batch: int, dtype: torch.dtype = torch.float32) -> int:
    """The most bytes of tensors alive at once in a real run, weights left out."""
    module = assemble(graph).to(dtype).eval().requires_grad_(False)
    images = torch.zeros(batch, *graph.input, dtype=dtype)
    weights = {
        tensor.untyped_storage()._cdata: tensor.untyped_storage().nbytes()
        for tensor in (*module.parameters(), *module.buffers())
    }
    return trace([("forward", lambda: module(images))], module, images).peak.bytes - sum(
        weights.values()
    )


@settings(max_examples=150, suppress_health_check=[HealthCheck.too_slow])
@given(small_networks())
def test_peak_against_torchs_storages(network: tuple[dict[str, str], tuple[int, ...], str]) -> None:
    graph = whatever(*network)
    for batch in (1, 2):
        assert peak_inference(graph, 0, batch, 4).bytes == measured(graph, batch)


@pytest.mark.parametrize(
    ("layers", "kept"),
    [
        # a block as ResNet has it: the convolutions their inputs; batch norm its input and two
        # numbers
        # per channel; relu its output
        (
            {
                "c": "op: conv2d, out: 4, kernel: 1",
                "b": "op: batch_norm2d",
                "r": "op: relu, inplace: true",
                "d": "op: conv2d, out: 4, kernel: 1",
            },
            [MAP, MAP + 2 * 4 * 4, MAP, 0],
        ),
        # ConvNeXt's: the depthwise convolution its input, layer norm its input and two numbers per
        # pixel, both linear layers and GELU theirs
        (
            {
                "c": "op: conv2d, out: 4, kernel: 7, padding: 3, groups: 4",
                "p": "op: permute, order: [1, 2, 0]",
                "n": "op: layer_norm",
                "l": "op: linear, out: 16",
                "g": "op: gelu",
                "m": "op: linear, out: 4",
                "q": "op: permute, order: [2, 0, 1]",
                "s": "op: scale, size: [4, 1, 1]",
                "x": "op: add, from: [s, input]",
            },
            [MAP, 0, MAP + 2 * 6 * 8 * 4, MAP, 4 * MAP, 4 * MAP, 0, MAP, 0],
        ),
        # squeeze and excitation: global pooling keeps nothing, the product both factors
        (
            {
                "c": "op: conv2d, out: 4, kernel: 1",
                "p": "op: adaptive_avg_pool2d, size: 1",
                "f": "op: conv2d, out: 4, kernel: 1",
                "s": "op: sigmoid",
                "x": "op: multiply, from: [c, s]",
            },
            [MAP, 0, 16, 16, MAP],
        ),
        # what needs no gradient keeps nothing
        (
            {
                "r": "op: relu",
                "m": "op: max_pool2d, kernel: 2",
                "c": "op: conv2d, out: 4, kernel: 1",
            },
            [0, 0, MAP // 4],
        ),
        # max pooling: its input and an int64 index per output; a second reader of the input adds
        # nothing
        (
            {
                "c": "op: conv2d, out: 4, kernel: 1",
                "m": "op: max_pool2d, kernel: 2",
                "a": "op: avg_pool2d, kernel: 2, from: c",
                "x": "op: concat, from: [m, a]",
            },
            [MAP, MAP + 8 * MAP // 16, 0, 0],
        ),
    ],
)
def test_saved_by_hand(layers: dict[str, str], kept: list[int]) -> None:
    assert saved_for_backward(graph_of(layers, (4, 6, 8)), 1, 4) == kept
