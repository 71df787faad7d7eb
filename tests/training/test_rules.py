"""The rules of torch's autograd that a simulated step follows, one small network for each.

Where another version of torch changes one, the test that fails says which. Every network is run on
real tensors, as a tracker sees it, and as torch takes it when nobody looks.
"""

from __future__ import annotations

import pytest
import torch
from torch import nn

from archprof.graph.graph import Graph
from archprof.language.expand import expand
from archprof.language.loader import load_text
from archprof.language.network import networks
from archprof.model.compile import assemble
from archprof.model.step_tracker import track_step
from tests.training.tracked import differences, simulated

IMAGE, TOKENS = "3x8x8", "6x8"

RULES: dict[str, tuple[str, str]] = {
    "a relu keeps its output, and in place makes nothing": (
        IMAGE,
        "[{op: conv2d, out: 4, kernel: 3}, {op: relu, inplace: true}, {op: relu}]",
    ),
    "relu6 in place copies what it overwrites": (
        IMAGE,
        "[{op: conv2d, out: 4, kernel: 3}, {op: relu6, inplace: true}, {op: flatten}]",
    ),
    "the first layer makes no gradient of the image": (IMAGE, "[{op: conv2d, out: 4, kernel: 3}]"),
    "a batch norm keeps two statistics of each channel": (
        IMAGE,
        "[{op: conv2d, out: 4, kernel: 3}, {op: batch_norm2d}, {op: relu}]",
    ),
    "a residual sum hands both branches the same gradient": (
        IMAGE,
        "{a: {op: conv2d, out: 3, kernel: 1}, b: {op: conv2d, out: 3, kernel: 1},"
        " c: {op: add, from: [b, a]}, d: {op: relu}}",
    ),
    "a second gradient is added to the first": (
        IMAGE,
        "{a: {op: conv2d, out: 3, kernel: 1}, b: {op: sigmoid}, c: {op: tanh, from: a},"
        " d: {op: multiply, from: [b, c]}}",
    ),
    "nothing is added to a gradient that another branch still waits with": (
        IMAGE,
        "{a: {op: conv2d, out: 3, kernel: 1}, b: {op: conv2d, out: 3, kernel: 1, from: input},"
        " t: {op: tanh, from: a}, s: {op: add, from: [a, b]}, u: {op: add, from: [s, t]}}",
    ),
    "a parameter copies a gradient that another one still waits with": (
        "8",
        "{p: {op: parameter, size: [8], batched: true},"
        " q: {op: parameter, size: [8], batched: true}, s: {op: add, from: [p, q]},"
        " x: {op: linear, out: 8, from: input}, y: {op: add, from: [x, s]}}",
    ),
    "slices of one gradient are views, to which nothing is added in place": (
        IMAGE,
        "{a: {op: conv2d, out: 3, kernel: 1}, b: {op: sigmoid, from: a},"
        " c: {op: concat, from: [a, b]}, d: {op: conv2d, out: 2, kernel: 1}}",
    ),
    "addmm: the input's gradient, the weight's, the bias's": (
        "12",
        "[{op: linear, out: 8}, {op: relu}, {op: linear, out: 4}]",
    ),
    "mm: the weight's gradient before the input's": (
        "12",
        "[{op: linear, out: 8, bias: false}, {op: relu}, {op: linear, out: 4, bias: false}]",
    ),
    "a linear layer of tokens is a product of matrices": (
        TOKENS,
        "[{op: linear, out: 8}, {op: gelu}, {op: linear, out: 5}]",
    ),
    "a bias is added to the product of what is not contiguous": (
        TOKENS,
        "[{op: linear, out: 8}, {op: permute, order: [1, 0]}, {op: linear, out: 5}]",
    ),
    "in place on a view the base's gradient is copied": (
        TOKENS,
        "[{op: linear, out: 8}, {op: relu, inplace: true}, {op: linear, out: 5}]",
    ),
    "a layer norm's gradient is contiguous": (
        IMAGE,
        "[{op: conv2d, out: 4, kernel: 3}, {op: layer_norm2d}, {op: conv2d, out: 2, kernel: 2}]",
    ),
    "the weight's gradient of a channels-last convolution is copied": (
        IMAGE,
        "[{op: layer_norm2d}, {op: conv2d, out: 6, kernel: 2}]",
    ),
    "a group norm copies a gradient that is not contiguous": (
        IMAGE,
        "{a: {op: conv2d, out: 4, kernel: 1}, b: {op: group_norm, groups: 2},"
        " c: {op: concat, from: [b, a]}, d: {op: relu}}",
    ),
    "an rms norm is composed of single kernels": (TOKENS, "[{op: linear, out: 8}, {op: rms_norm}]"),
    "a max pooling keeps int64 indices": (
        IMAGE,
        "[{op: conv2d, out: 4, kernel: 3}, {op: max_pool2d, kernel: 2}]",
    ),
    "the mean over all pixels is divided out over them": (
        IMAGE,
        "[{op: conv2d, out: 4, kernel: 3}, {op: adaptive_avg_pool2d, size: [1, 1]}, {op: flatten}]",
    ),
    "of a channels-last image it is seen by as_strided": (
        IMAGE,
        "[{op: layer_norm2d}, {op: adaptive_avg_pool2d, size: [1, 1]}, {op: flatten}]",
    ),
    "dropout makes a mask and multiplies": (
        "12",
        "[{op: linear, out: 8}, {op: dropout, p: 0.5}, {op: linear, out: 4}]",
    ),
    "drop path has one random number for each sample": (
        IMAGE,
        "[{op: conv2d, out: 3, kernel: 1}, {op: drop_path, p: 0.5}, {op: relu}]",
    ),
    "a learned scale is summed over what it was broadcast to": (
        IMAGE,
        "[{op: conv2d, out: 4, kernel: 1}, {op: scale, size: [4], dim: 0}, {op: relu}]",
    ),
    "a slice's gradient is a whole tensor": (
        TOKENS,
        "[{op: linear, out: 8}, {op: slice, dim: 1, start: 2, stop: 6}, {op: relu}]",
    ),
    "fused attention keeps its output and a number for each row": (
        TOKENS,
        "[{op: linear, out: 8}, {op: multihead_attention, heads: 2}]",
    ),
    "attention with a bias that trains is composed of products": (
        TOKENS,
        "{q: {op: linear, out: 8}, b: {op: parameter, size: [2, 6, 6]},"
        " a: {op: attention, heads: 2, from: [q, q, q, b]}}",
    ),
    "the loss of an output that is not class scores is its mean": (
        IMAGE,
        "[{op: conv2d, out: 4, kernel: 3}, {op: sigmoid}]",
    ),
    "an upsampling's gradient has the old size": (
        IMAGE,
        "[{op: conv2d, out: 2, kernel: 3}, {op: interpolate, factor: 2, mode: bilinear}]",
    ),
}


def graph_of(rule: str) -> Graph:
    image, layers = RULES[rule]
    text = f"name: rule\ninput: {image}\nlayers: {layers}\n"
    (network,) = networks(load_text(text, "rule.yaml"))
    graph = expand(network)
    assert not graph.problems, graph.problems
    return graph


LOOKED_AT = "a bias is added to the product of what is not contiguous"
CASES = [(rule, looks) for rule in RULES for looks in (True, False) if looks or rule != LOOKED_AT]
"""Rules, and whether a tracker looks: it cannot see what torch adds in place where none does."""


@pytest.mark.parametrize("dtype", ["float32", "autocast", "bfloat16"])
@pytest.mark.parametrize(("rule", "looks"), CASES)
def test_torch_follows(rule: str, looks: bool, dtype: str) -> None:
    graph = graph_of(rule)
    model = assemble(graph).train()
    image, target = torch.randn(2, *graph.input), torch.zeros(2, dtype=torch.int64)
    narrow = torch.bfloat16 if dtype == "autocast" else None
    itemsize = 2 if dtype == "bfloat16" else 4
    if dtype == "bfloat16":
        model, image = model.to(torch.bfloat16), image.to(torch.bfloat16)
    tracked = track_step(model, model, image, target, autocast=narrow, unobserved=not looks)
    timeline = simulated(
        graph, batch=2, itemsize=itemsize, autocast=narrow is not None, observed=looks
    )
    assert not differences(tracked, timeline), rule


def test_a_bias_is_added_in_place_where_nobody_looks() -> None:
    """By the profiler, which is not a dispatch mode: the product of 2*8 rows with 6x5 weights is
    the only tensor but for the copy of its input.
    """
    layer, tokens = nn.Linear(6, 5), torch.randn(2, 6, 8).transpose(1, 2)
    with torch.profiler.profile() as seen:
        layer(tokens)
    names = [event.name for event in seen.events()]
    assert "aten::add_" in names
    assert "aten::add" not in names
    graph = graph_of(LOOKED_AT)
    kernels = [birth.kernel for birth in simulated(graph, batch=2).births]
    assert "add" not in kernels
    assert "add" in [birth.kernel for birth in simulated(graph, batch=2, observed=True).births]
