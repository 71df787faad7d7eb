"""Small networks for tests: from a few lines of YAML, and at random."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from hypothesis import strategies as st

from archprof.graph.graph import Graph
from archprof.language.expand import expand
from archprof.language.loader import load_text
from archprof.language.network import networks
from archprof.ops import OPS
from archprof.ops.base import Shape
from archprof.units import shape as written

Draw = Callable[[Any], Any]


class Tokens(tuple[int, ...]):
    """The shape of an input of whole numbers, all of them below `below`."""

    below: int

    def __new__(cls, *shape: int, below: int) -> Tokens:
        made = super().__new__(cls, shape)
        made.below = below
        return made


def stated(size: Shape) -> str:
    """An input of this size as a spec states it."""
    if isinstance(size, Tokens):
        return f"{{shape: {written(size)}, dtype: int64, below: {size.below}}}"
    return written(size)


def graph_of(layers: dict[str, str], size: Shape, output: str = "", **keys: str) -> Graph:
    """A network of these layers, each as `op: conv2d, out: 8`, on an input of this size; it must
    have no problems.
    """
    found = whatever(layers, size, output, **keys)
    assert not found.problems, "\n".join(map(str, found.problems))
    return found


def whatever(layers: dict[str, str], size: Shape, output: str = "", **keys: str) -> Graph:
    """The same, with whatever problems it has."""
    lines = [
        "name: small",
        f"input: {stated(size)}",
        *(f"{key}: {value}" for key, value in keys.items()),
    ]
    lines += ["layers:", *(f"  {name}: {{{layer}}}" for name, layer in layers.items())]
    if output:
        lines.append(f"output: {output}")
    return expand(next(networks(load_text("\n".join(lines) + "\n"))))


def divisors(n: int) -> list[int]:
    return [d for d in range(1, n + 1) if n % d == 0]


# --- random networks ---

ACTIVATIONS = tuple(
    name for name, op in OPS.items() if op.family == "activation" and "inplace" in op.settings
)
SAME_SHAPE = ("sigmoid", "tanh", "gelu", "identity", "layer_norm", "rms_norm")


def conv2d(draw: Draw, shape: Shape) -> str:
    """Settings of a convolution that fits on this shape."""
    channels, height, width = shape
    kernel = [draw(st.integers(1, 4)) for _ in range(2)]
    dilation = [draw(st.integers(1, 2)) for _ in range(2)]
    padding = [
        max(draw(st.integers(0, 2)), -(-(d * (k - 1) + 1 - n) // 2))
        for n, k, d in zip((height, width), kernel, dilation, strict=True)
    ]
    groups = draw(st.sampled_from(divisors(channels)))
    stride = [draw(st.integers(1, 3)) for _ in range(2)]
    return (
        f"op: conv2d, out: {groups * draw(st.integers(1, 3))}, kernel: {kernel}, stride: {stride},"
        f" padding: {padding}, dilation: {dilation}, groups: {groups}, bias:"
        f" {draw(st.sampled_from(['true', 'false']))}"
    )


def conv_transpose2d(draw: Draw, shape: Shape) -> str:
    """Settings of a transposed convolution that fits on this shape."""
    kernel, stride, dilation = ([draw(st.integers(1, 3)) for _ in range(2)] for _ in range(3))
    extra = [draw(st.integers(0, max(s, d) - 1)) for s, d in zip(stride, dilation, strict=True)]
    room = [
        (n - 1) * s + d * (k - 1) + e
        for n, k, s, d, e in zip(shape[1:], kernel, stride, dilation, extra, strict=True)
    ]
    padding = [draw(st.integers(0, min(2, r // 2))) for r in room]
    groups = draw(st.sampled_from(divisors(shape[0])))
    return (
        f"op: conv_transpose2d, out: {groups * draw(st.integers(1, 3))}, kernel: {kernel}, stride:"
        f" {stride}, padding: {padding}, output_padding: {extra}, dilation: {dilation}, groups:"
        f" {groups}, bias: {draw(st.sampled_from(['true', 'false']))}"
    )


def pool2d(draw: Draw, shape: Shape) -> str:
    """Settings of a pooling that fits on this shape."""
    kind = draw(st.sampled_from(["max_pool2d", "avg_pool2d"]))
    kernel = [draw(st.integers(1, min(4, n))) for n in shape[1:]]
    padding = [draw(st.integers(0, k // 2)) for k in kernel]
    more = (
        f", count_include_pad: {draw(st.sampled_from(['true', 'false']))}"
        if kind == "avg_pool2d"
        else ""
    )
    if kind == "max_pool2d" and all(
        2 * (k - 1) + 1 <= n for k, n in zip(kernel, shape[1:], strict=True)
    ):
        more = f", dilation: {draw(st.integers(1, 2))}"
    return (
        f"op: {kind}, kernel: {kernel}, stride: {[draw(st.integers(1, 3)) for _ in kernel]},"
        f" padding: {padding}, ceil_mode: {draw(st.sampled_from(['true', 'false']))}{more}"
    )


def sides(length: int) -> st.SearchStrategy[int]:
    """How far a side of that length is padded, or cut where it is long enough."""
    return st.integers(-1 if length > 2 else 0, 2)


def of_image(draw: Draw, shape: Shape) -> str:
    """A layer for a C×H×W tensor."""
    channels, height, width = shape
    options: list[Callable[[], str]] = [
        lambda: conv2d(draw, shape),
        lambda: conv2d(draw, shape),
        lambda: conv_transpose2d(draw, shape),
        lambda: pool2d(draw, shape),
        lambda: f"op: adaptive_avg_pool2d, size: {[draw(st.integers(1, 4)) for _ in range(2)]}",
        lambda: f"op: batch_norm2d, affine: {draw(st.sampled_from(['true', 'false']))}",
        lambda: "op: layer_norm2d",
        lambda: f"op: local_response_norm, size: {draw(st.integers(1, 5))}",
        lambda: "op: global_response_norm",
        lambda: f"op: scale, size: [{channels}, 1, 1]",
        lambda: (
            f"op: pad, sides: {[draw(sides(n)) for n in (width, width, height, height)]},"
            f" channels: {[draw(st.integers(0, 1)) for _ in range(2)]}"
        ),
        lambda: (
            f"op: interpolate, factor: {[draw(st.integers(1, 3)) for _ in range(2)]}, mode:"
            f" {draw(st.sampled_from(['nearest', 'bilinear']))}"
        ),
        lambda: f"op: roll, shifts: {[draw(st.integers(-2, 2)) for _ in range(2)]}, dims: [1, 2]",
        lambda: f"op: flatten, start: {draw(st.integers(0, 1))}, end: {draw(st.integers(1, 2))}",
    ]
    # where nothing moves, torch's tensors without memory sometimes make a view, its real ones a
    # copy
    if len(divisors(channels)) > 2:
        options.append(
            lambda: (
                f"op: channel_shuffle, groups: {draw(st.sampled_from(divisors(channels)[1:-1]))}"
            )
        )
    if channels % 4 == 0:
        options.append(lambda: "op: pixel_shuffle, factor: 2")
    if height % 2 == 0 and width % 2 == 0:
        options += [lambda: "op: pixel_unshuffle, factor: 2"]
    if channels % 2 == 0 and height % 2 == 0:
        options.append(lambda: "op: window_partition, window: 2")
    if height * width > 1:
        options.append(
            lambda: (
                f"op: group_norm, groups: {draw(st.sampled_from(divisors(channels)))}, affine:"
                f" {draw(st.sampled_from(['true', 'false']))}"
            )
        )
    return draw(st.sampled_from(options))()


def of_any(draw: Draw, shape: Shape, fresh: bool) -> str:
    """A layer for a tensor of any rank; in place only on a fresh one, which nobody else has
    read.
    """
    rank = len(shape)
    inplace = f", inplace: {draw(st.sampled_from(['true', 'false']))}" if fresh else ""
    options: list[Callable[[], str]] = [
        lambda: f"op: {draw(st.sampled_from(ACTIVATIONS))}{inplace}",
        lambda: f"op: {draw(st.sampled_from(ACTIVATIONS))}{inplace}",
        lambda: f"op: {draw(st.sampled_from(SAME_SHAPE))}",
        lambda: (
            f"op: linear, out: {draw(st.integers(1, 8))}, bias:"
            f" {draw(st.sampled_from(['true', 'false']))}"
        ),
        lambda: f"op: softmax, dim: {draw(st.integers(-rank, rank - 1))}",
        lambda: f"op: permute, order: {draw(st.permutations(range(rank)))}",
        lambda: f"op: permute, order: {draw(st.permutations(range(rank)))}",
        lambda: (
            f"op: slice, dim: {(d := draw(st.integers(0, rank - 1)))}, start:"
            f" {draw(st.integers(0, shape[d] - 1))}, step: {draw(st.integers(1, 2))}"
        ),
        lambda: "op: flatten",
        lambda: (
            "op: reshape, size:"
            f" {draw(st.sampled_from([[-1], [math.prod(shape[:-1]), -1], [shape[0], 1, -1]]))}"
        ),
        lambda: (
            f"op: {draw(st.sampled_from(['dropout', 'drop_path']))}, p:"
            f" {draw(st.sampled_from([0, 0.5, 1]))}"
        ),
        lambda: f"op: scale, size: {draw(st.sampled_from([[], [shape[-1]]]))}",
    ]
    return draw(st.sampled_from(options))()


@st.composite
def small_networks(draw: Draw, most: int = 8) -> tuple[dict[str, str], Shape, str]:
    """The layers, the input's size and the outputs of a random network, for `whatever`: every
    layer is used or an output.
    """
    size: Shape = draw(st.tuples(st.integers(1, 6), st.integers(1, 9), st.integers(1, 9)))
    layers: dict[str, str] = {}
    shapes = {"input": size}
    fresh = {"input": False}
    learned: set[str] = set()
    unused: list[str] = []
    previous = "input"
    for number in range(draw(st.integers(1, most))):
        name = f"l{number}"
        source = draw(st.sampled_from([previous, previous, previous, *shapes]))
        shape = shapes[source]
        same = [n for n, s in shapes.items() if s == shape]
        joinable = [n for n, s in shapes.items() if len(s) == len(shape) and s[1:] == shape[1:]]
        options: list[Callable[[], tuple[str, list[str]]]] = [
            lambda s=shape, f=fresh[source], o=source: (of_any(draw, s, f), [o])
        ]  # type: ignore[misc]
        if len(shape) == 3:
            options += [lambda s=shape, o=source: (of_image(draw, s), [o])] * 2  # type: ignore[misc]
        if len(shape) >= 2:
            heads = draw(st.sampled_from([h for h in divisors(shape[-1]) if h <= 4]))
            # torch copies a learned one for every sample, which saved bytes do not follow
            tokens = [n for n in same if n not in learned] or ["input"]
            if shapes[tokens[0]] == shape:
                options.append(
                    lambda s=tokens, h=heads: (
                        f"op: attention, heads: {h}",
                        [draw(st.sampled_from(s)) for _ in range(3)],
                    )
                )  # type: ignore[misc]
        options += [
            lambda s=same: (
                "op: add",
                [draw(st.sampled_from(s)) for _ in range(draw(st.integers(2, 3)))],
            ),  # type: ignore[misc]
            lambda s=same: ("op: multiply", [draw(st.sampled_from(s)) for _ in range(2)]),  # type: ignore[misc]
            lambda s=joinable: (
                "op: concat",
                [draw(st.sampled_from(s)) for _ in range(draw(st.integers(1, 3)))],
            ),  # type: ignore[misc]
            lambda s=shape: (f"op: parameter, size: {list(s)}", []),  # type: ignore[misc]
        ]
        text, sources = draw(st.sampled_from([*options[:3], *options]))()
        tried = {**layers, name: f"{text}, from: [{', '.join(sources)}]" if sources else text}
        graph = whatever(
            tried, size, f"[{', '.join([*(u for u in unused if u not in sources), name])}]"
        )
        if graph.problems:
            continue
        output = graph.nodes[-1].output
        if math.prod(output) > 2**14:
            continue
        layers, shapes[name] = tried, output
        unused = [*(u for u in unused if u not in sources), name]
        for used in sources:
            fresh[used] = False
        if all(s in learned for s in sources):
            learned.add(name)
        fresh[name] = text.split()[1].rstrip(",") not in (
            "parameter",
            "identity",
            "permute",
            "slice",
            "flatten",
            "reshape",
            "dropout",
            "drop_path",
        )
        previous = name
    if not layers:
        layers, unused = {"l0": "op: relu"}, ["l0"]
    return layers, size, f"[{', '.join(unused)}]"
