"""Scaled dot-product attention: the fused kernel, and the algorithm in single products."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import NamedTuple

from archprof.autograd.casting import NARROW, WIDE, cast, copied
from archprof.autograd.layout import Layout, contiguous
from archprof.autograd.norms import softmax
from archprof.autograd.pointwise import add, scaled
from archprof.autograd.products import linear, matmul
from archprof.autograd.run import Run
from archprof.autograd.tensor import FakeTensor, attach, new
from archprof.autograd.views import clone, contiguously, expand, parted, permute, transpose, view


def fused(
    run: Run,
    query: FakeTensor,
    key: FakeTensor,
    value: FakeTensor,
    bias: FakeTensor | None,
) -> FakeTensor:
    """Return attention of N×H×T×D by torch's flash kernel, which keeps its inputs, its output and
    the logarithm of each row's sum; the backward pass computes the scores again: 5/2 of the forward
    multiply-accumulates.
    """
    bias = cast(run, "scaled_dot_product_attention", bias)
    value = cast(run, "scaled_dot_product_attention", value)
    key = cast(run, "scaled_dot_product_attention", key)
    query = cast(run, "scaled_dot_product_attention", query)
    batch, heads, tokens, depth = query.shape
    size = query.itemsize
    made = FakeTensor(run, laid_as_tokens(query.shape), size)
    rows = FakeTensor(run, contiguous((batch, heads, tokens)), WIDE)
    run.note("sdpa")
    shapes = [each.shape for each in (query, key, value)]
    macs = 2 * batch * heads * tokens * key.shape[2] * depth
    run.count(macs)

    def back(gradient: FakeTensor) -> list[FakeTensor]:
        found = [FakeTensor(run, laid_as_tokens(shape), size) for shape in shapes]
        run.note("sdpa_backward")
        run.count(macs * 5 // 2)
        return found

    kept = [query, key, value, bias, made, rows]
    return attach(run, "sdpa", made, [query, key, value], kept, back)


def laid_as_tokens(shape: tuple[int, ...]) -> Layout:
    """Return how fused attention lays out N×H×T×D: the heads of a token lie together."""
    _, heads, tokens, depth = shape
    return Layout(shape, (tokens * heads * depth, depth, heads * depth, 1))


def composed(
    run: Run,
    query: FakeTensor,
    key: FakeTensor,
    value: FakeTensor,
    bias: FakeTensor | None,
    causal: bool = False,
) -> FakeTensor:
    """Return attention by torch's `math` algorithm: queries and keys scaled, their product, the
    bias added, softmax, and the product with the values.

    Under autocast its inputs become narrow; inside, narrow ones are float32.
    """
    autocast = run.autocast
    narrow = autocast or query.itemsize == NARROW
    if narrow:
        bias = cast(run, "scaled_dot_product_attention", bias)
        value = cast(run, "scaled_dot_product_attention", value)
        key = cast(run, "scaled_dot_product_attention", key)
        query = cast(run, "scaled_dot_product_attention", query)
        cast_ones = (query, key, value)  # autocast's, which holds them until the end
        run.autocast = False
        query, key, value = wide = tuple(copied(run, each, WIDE) for each in (query, key, value))
    rank = len(query.shape)
    query = scaled(run, query)
    if causal:
        bias = _causal_mask(run, query.shape[-2], key.shape[-2], query.itemsize)
    turned = scaled(run, transpose(run, key, rank - 1, rank - 2))
    scores = matmul(run, query, turned)
    del turned
    if bias is not None:
        scores = add(run, scores, bias)
    scores = softmax(run, scores, "_safe_softmax")
    if narrow:
        # the probabilities, which it returns too
        handed = new(run, scores.layout, NARROW, "_to_copy")
    made = matmul(run, scores, value)
    if narrow:
        run.autocast = autocast
        made = copied(run, made, NARROW)
        del handed, wide, cast_ones
    return made


def _causal_mask(run: Run, queries: int, keys: int, size: int) -> FakeTensor:
    """Return zeros, and minus infinity for later keys, made of a triangle of truth values."""
    ones = new(run, contiguous((queries, keys)), 1, "ones")
    triangle = new(run, contiguous((queries, keys)), 1, "tril")
    del ones
    numbers = [new(run, contiguous(()), size, "scalar_tensor") for _ in range(2)]
    made = new(run, contiguous((queries, keys)), size, "where")
    del triangle, numbers
    return made


class AttentionKind(NamedTuple):
    """How attention is computed: in how many heads, by which of its algorithms, masked or not."""

    heads: int
    is_fused: bool
    causal: bool = False


def attention(
    run: Run,
    query: FakeTensor,
    key: FakeTensor,
    value: FakeTensor,
    bias: FakeTensor | None,
    how: AttentionKind,
) -> FakeTensor:
    """Return attention over tokens, …×N×C split into heads and joined again, as
    archprof/model/functions.py computes it: windows are folded into the batch.
    """
    outer = query.shape[:-2]
    if len(outer) == 1:
        return _attended(run, query, key, value, bias, how)
    if outer == key.shape[:-2] == value.shape[:-2]:
        query, key, value = (_folded(run, each) for each in (query, key, value))
        if bias is not None:
            bias = _bias_by_window(run, bias, outer)
        made = _attended(run, query, key, value, bias, how)
        del query, key, value
        return view(run, made, (*outer, *made.shape[1:]))
    if bias is not None and len(bias.shape) == 4:
        bias = _beside_windows(run, bias, outer)
    return _attended(run, query, key, value, bias, how)


def _folded(run: Run, tokens: FakeTensor) -> FakeTensor:
    return view(run, tokens, (math.prod(tokens.shape[:-2]), *tokens.shape[-2:]))


def _bias_by_window(run: Run, bias: FakeTensor, outer: tuple[int, ...]) -> FakeTensor:
    """Return a bias for windows that are folded into the batch: one for all as it is, any other
    expanded to every window of every sample.
    """
    if len(bias.shape) == 4 and bias.shape[0] == 1:
        return bias
    if len(bias.shape) == 4:
        bias = _beside_windows(run, bias, outer)
    last = bias.shape[-3:]
    missing = len(outer) + 3 - len(bias.shape)
    if missing:
        bias = view(run, bias, (*[1] * missing, *bias.shape))
    return view(run, expand(run, bias, (*outer, *last)), (math.prod(outer), *last))


def _beside_windows(run: Run, bias: FakeTensor, outer: tuple[int, ...]) -> FakeTensor:
    ones = [1] * (len(outer) - 1)
    return view(run, bias, (bias.shape[0], *ones, *bias.shape[1:]))


def _attended(
    run: Run,
    query: FakeTensor,
    key: FakeTensor,
    value: FakeTensor,
    bias: FakeTensor | None,
    how: AttentionKind,
) -> FakeTensor:
    query, key, value = (_by_head(run, each, how.heads) for each in (query, key, value))
    rank = len(query.shape)
    if how.is_fused:
        made = fused(run, query, key, value, bias)
    else:
        made = composed(run, query, key, value, bias, how.causal)
    made = transpose(run, made, rank - 2, rank - 3)
    return view(run, made, (*made.shape[:-2], made.shape[-2] * made.shape[-1]))


def _by_head(run: Run, tokens: FakeTensor, heads: int) -> FakeTensor:
    split = view(run, tokens, (*tokens.shape[:-1], heads, tokens.shape[-1] // heads))
    rank = len(split.shape)
    return transpose(run, split, rank - 2, rank - 3)


def multihead(run: Run, x: FakeTensor, weights: Mapping[str, FakeTensor], heads: int) -> FakeTensor:
    """Return self-attention with its projections: Q, K and V side by side in one product, put
    beside each other in a copy, and the fused kernel.
    """
    samples, tokens, channels = x.shape
    width = channels // heads
    projected = linear(run, x, weights["in_proj_weight"], weights["in_proj_bias"])
    split = view(run, projected, (samples, tokens, 3, heads, width))
    beside = contiguously(run, permute(run, split, (2, 0, 3, 1, 4)))
    del split
    laid = contiguous((samples, heads, tokens, width))
    query, key, value = parted(run, "unbind", beside, [laid] * 3, "stack")
    del beside
    mixed = fused(run, query, key, value, None)
    mixed.layout = contiguous(mixed.shape)
    joined = view(run, contiguously(run, transpose(run, mixed, 1, 2)), (samples, tokens, channels))
    return linear(run, joined, weights["out_proj.weight"], weights["out_proj.bias"])


def window_mask(
    run: Run, windows: FakeTensor, height: int, width: int, shape: tuple[int, ...]
) -> FakeTensor:
    """Return the mask of shifted windows, made anew from a map of regions, which is cut into
    windows: in a copy where they do not lie one below the other.
    """
    size = windows.itemsize
    region = new(run, contiguous((height, width)), size, "new_zeros")
    cut = math.isqrt(windows.shape[2]) != width
    tokens = clone(run, region) if cut else region
    apart = new(run, contiguous(shape), 1, "ne")
    mask = new(run, contiguous(shape), size, "new_zeros")
    del region, tokens, apart
    return mask
