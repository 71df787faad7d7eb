"""One row per setting worth testing of every op: what the rest of tests/ops proves for each of
them.
"""

from __future__ import annotations

from archprof.ops.base import Shape
from tests.small import Tokens

Layers = dict[str, str]

IMAGE, SQUARE, TOKENS, VECTOR = (4, 6, 8), (8, 4, 4), (6, 8), (12,)
SEQUENCE, VOLUME = (4, 9), (4, 5, 4, 6)

SINGLE: dict[str, list[tuple[str, Shape]]] = {
    "conv2d": [
        ("out: 6, kernel: 3", IMAGE),
        ("out: 6, kernel: 1, bias: false", IMAGE),
        ("out: 6, kernel: 3, padding: same", IMAGE),
        ("out: 6, kernel: 3, padding: 1, padding_mode: reflect", IMAGE),
        ("out: 6, kernel: [4, 3], padding: same, padding_mode: replicate, bias: false", IMAGE),
        ("out: 6, kernel: [4, 3], padding: same, padding_mode: circular", IMAGE),
        ("out: 6, kernel: 5, stride: 2, padding: [1, 2], padding_mode: replicate", IMAGE),
        ("out: 6, kernel: 4, padding: same", IMAGE),  # uneven: one more below and on the right
        # uneven along one axis
        ("out: 6, kernel: [2, 3], padding: same, dilation: [3, 1], groups: 2, bias: false", IMAGE),
        # even kernels, but even padding
        ("out: 6, kernel: [4, 2], padding: same, dilation: [2, 4]", IMAGE),
        ("out: 6, kernel: [3, 5], stride: [2, 1], padding: [1, 2]", IMAGE),
        ("out: 8, kernel: 3, stride: 3, padding: 2, dilation: 2, groups: 2", IMAGE),
        ("out: 4, kernel: 3, padding: 1, groups: 4, bias: false", IMAGE),
        # a depthwise multiplier of 2; windows that leave gaps
        ("out: 8, kernel: 2, stride: 4, groups: 4", IMAGE),
        ("out: 3, kernel: [6, 8]", IMAGE),  # the whole input: 3x1x1
    ],
    "conv1d": [
        ("out: 6, kernel: 3", SEQUENCE),
        ("out: 6, kernel: 3, padding: 1, padding_mode: replicate", SEQUENCE),
        ("out: 6, kernel: 3, padding: same, bias: false", SEQUENCE),
        ("out: 6, kernel: 3, padding: 2, padding_mode: circular, bias: false", SEQUENCE),
        ("out: 6, kernel: 4, padding: same, dilation: [1]", SEQUENCE),  # uneven
        ("out: 8, kernel: 3, stride: 2, padding: 1, dilation: 2, groups: 2", SEQUENCE),
        ("out: 4, kernel: [2], stride: [3], groups: 4", SEQUENCE),  # windows that leave gaps
    ],
    "conv3d": [
        ("out: 6, kernel: 3, padding: 1", VOLUME),
        ("out: 6, kernel: 3, padding: 1, padding_mode: reflect", VOLUME),
        ("out: 6, kernel: 3, padding: [0, 1, 2], padding_mode: circular", VOLUME),
        ("out: 6, kernel: [1, 3, 2], stride: [1, 2, 1], padding: [0, 1, 1], bias: false", VOLUME),
        ("out: 6, kernel: [3, 2, 4], padding: same", VOLUME),  # uneven along two axes
        ("out: 8, kernel: [3, 1, 2], stride: 2, padding: [2, 0, 1], dilation: [2, 1, 3]", VOLUME),
        ("out: 4, kernel: 2, groups: 4", VOLUME),
    ],
    "conv_transpose1d": [
        ("out: 6, kernel: 2, stride: 2", SEQUENCE),
        ("out: 6, kernel: 3, stride: 2, padding: 1, output_padding: 1, groups: 2", SEQUENCE),
        ("out: 4, kernel: 2, stride: 3, dilation: 2, bias: false", SEQUENCE),
    ],
    "conv_transpose3d": [
        ("out: 6, kernel: 2, stride: 2", VOLUME),
        ("out: 4, kernel: [3, 1, 2], stride: [2, 1, 3], padding: [1, 0, 1], groups: 2", VOLUME),
        ("out: 3, kernel: 2, dilation: [1, 2, 1], output_padding: [0, 1, 0], bias: false", VOLUME),
    ],
    "max_pool1d": [
        ("kernel: 2", SEQUENCE),
        ("kernel: 3, stride: 2, padding: 1, ceil_mode: true", SEQUENCE),
        ("kernel: 2, stride: 1, dilation: 3", SEQUENCE),
    ],
    "max_pool3d": [
        ("kernel: 2", VOLUME),
        ("kernel: [1, 2, 3], stride: [1, 2, 1], padding: [0, 1, 1], ceil_mode: true", VOLUME),
        ("kernel: 2, stride: 1, dilation: [2, 1, 3]", VOLUME),
    ],
    "avg_pool1d": [
        ("kernel: 2", SEQUENCE),
        ("kernel: 3, stride: 2, padding: 1, ceil_mode: true", SEQUENCE),
        ("kernel: 2, stride: 1, padding: 1, count_include_pad: false", SEQUENCE),
    ],
    "avg_pool3d": [
        ("kernel: 2", VOLUME),
        ("kernel: [3, 2, 1], stride: [2, 1, 3], padding: [1, 0, 0], ceil_mode: true", VOLUME),
        ("kernel: 3, stride: 1, padding: 1, count_include_pad: false", VOLUME),
    ],
    "adaptive_avg_pool1d": [("size: 1", SEQUENCE), ("size: 4", SEQUENCE), ("size: 12", SEQUENCE)],
    "adaptive_avg_pool3d": [
        ("size: 1", VOLUME),
        ("size: [1, 1, 3]", VOLUME),
        ("size: [4, 3, 7]", VOLUME),
    ],
    "adaptive_max_pool1d": [("size: 1", SEQUENCE), ("size: 4", SEQUENCE), ("size: 12", SEQUENCE)],
    "adaptive_max_pool2d": [("size: 1", IMAGE), ("size: [4, 3]", IMAGE), ("size: 8", (2, 3, 5))],
    "adaptive_max_pool3d": [
        ("size: 1", VOLUME),
        ("size: [1, 1, 3]", VOLUME),
        ("size: [4, 3, 7]", VOLUME),
    ],
    "batch_norm1d": [("", SEQUENCE), ("affine: false, eps: 0.001", SEQUENCE), ("", VECTOR)],
    "batch_norm3d": [("", VOLUME), ("affine: false, momentum: 0.01", VOLUME)],
    "instance_norm1d": [("", SEQUENCE), ("affine: true", SEQUENCE)],
    "instance_norm2d": [("", IMAGE), ("affine: true, eps: 0.001", IMAGE)],
    "instance_norm3d": [("", VOLUME), ("affine: true", VOLUME)],
    "dropout1d": [("", SEQUENCE), ("p: 1", SEQUENCE)],
    "dropout2d": [("", IMAGE), ("p: 0", IMAGE), ("p: 1", IMAGE)],
    "dropout3d": [("", VOLUME), ("p: 0.1", VOLUME)],
    "table_conv2d": [
        ("out: 3, kernel: 3, table: [[0, 1], [2], [3, 0, 1]]", IMAGE),
        (
            (
                "out: 2, kernel: [3, 5], stride: [2, 1], padding: [1, 2], bias: false, table: [[3],"
                " [1, 2]]"
            ),
            IMAGE,
        ),
        ("out: 1, kernel: 2, dilation: 2, table: [[0]]", IMAGE),
        ("out: 2, kernel: [4, 3], padding: same, table: [[0, 1], [3]]", IMAGE),
    ],
    "conv_transpose2d": [
        ("out: 6, kernel: 2, stride: 2", IMAGE),
        ("out: 6, kernel: 4, stride: 2, padding: 1, bias: false", IMAGE),
        ("out: 6, kernel: 3, stride: 2, padding: 1, output_padding: 1, groups: 2", IMAGE),
        # stride beyond the kernel: units that see nothing
        ("out: 2, kernel: [2, 3], stride: [3, 1], dilation: [1, 2]", IMAGE),
        ("out: 4, kernel: 1, groups: 4", IMAGE),
    ],
    "blur_pool2d": [
        ("", IMAGE),
        ("kernel: 5, stride: 1", IMAGE),
        ("kernel: 4, stride: 3", SQUARE),
        ("kernel: 2", IMAGE),
    ],
    "std_conv2d": [
        ("out: 6, kernel: 3", IMAGE),
        ("out: 6, kernel: 1, bias: false", IMAGE),
        ("out: 8, kernel: 3, stride: 2, padding: 1, groups: 2, eps: 1.0e-8", IMAGE),
        ("out: 6, kernel: [3, 4], padding: same", IMAGE),
    ],
    "scaled_std_conv2d": [
        ("out: 6, kernel: 3", IMAGE),
        ("out: 6, kernel: 1, bias: false, gamma: 1.7", IMAGE),
        ("out: 8, kernel: 3, stride: 2, padding: 1, groups: 2, eps: 0.001", IMAGE),
        ("out: 6, kernel: [3, 5], padding: same, dilation: [2, 1]", IMAGE),
        ("out: 6, kernel: [3, 4], padding: same", IMAGE),
    ],
    "lstm": [
        ("hidden: 5", TOKENS),
        ("hidden: 3, num_layers: 2, bias: false, dropout: 0.2", TOKENS),
        ("hidden: 4, num_layers: 2, bidirectional: true", (1, 8)),
    ],
    "gru": [
        ("hidden: 5", TOKENS),
        ("hidden: 3, num_layers: 2, bias: false, dropout: 0.2", TOKENS),
        ("hidden: 4, num_layers: 3, bidirectional: true", TOKENS),
        ("hidden: 2, bidirectional: true", (1, 8)),
    ],
    "rnn": [
        ("hidden: 5", TOKENS),
        ("hidden: 3, num_layers: 2, bias: false, nonlinearity: relu, dropout: 0.2", TOKENS),
        ("hidden: 4, num_layers: 2, bidirectional: true", TOKENS),
        ("hidden: 2, bidirectional: true", (1, 8)),
    ],
    "linear": [
        ("out: 5", VECTOR),
        ("out: 5, bias: false", VECTOR),
        ("out: 5", TOKENS),
        ("out: 5, bias: false", TOKENS),
        ("out: 5", IMAGE),
        ("out: 1", (1,)),
        ("out: 6, unbiased: [2, 4]", TOKENS),
        ("out: 3, unbiased: [0, 1]", IMAGE),
    ],
    "scale": [
        ("size: [4, 1, 1]", IMAGE),
        ("size: [1, 1, 8]", TOKENS),  # with a 1 for the batch
        ("size: [1, 4], dim: 0", IMAGE),
        ("size: []", IMAGE),
        ("size: [8], value: 0.1", TOKENS),
        ("size: [4], dim: 0", IMAGE),
        ("size: [3, 1], dim: 1", (3, 6, 5)),
    ],
    "scale_by": [
        ("factor: 0.2", IMAGE),
        ("factor: 2, inplace: true", IMAGE),
        ("factor: -1", VECTOR),
    ],
    "multihead_attention": [
        ("heads: 1", TOKENS),
        ("heads: 2", TOKENS),
        ("heads: 8", TOKENS),
        ("heads: 2", (1, 4)),
    ],
    "max_pool2d": [
        ("kernel: 2", IMAGE),
        ("kernel: 3, stride: 2", IMAGE),
        ("kernel: 3, stride: 2, ceil_mode: true", IMAGE),
        ("kernel: 3, stride: 2, padding: 1", IMAGE),
        ("kernel: 3, stride: 1, padding: 1", IMAGE),
        # the window that would start in the padding is dropped
        ("kernel: 2, stride: 3, padding: 1, ceil_mode: true", (2, 7, 9)),
        ("kernel: [1, 3], stride: [2, 1], dilation: [1, 2]", IMAGE),
        ("kernel: 4, stride: 5, ceil_mode: true", (3, 2, 20)),  # a window larger than the input
    ],
    "avg_pool2d": [
        ("kernel: 2", IMAGE),
        ("kernel: 4, stride: 5, ceil_mode: true", (3, 1, 20)),
        (
            "kernel: [3, 4], stride: [6, 2], padding: 1, ceil_mode: true, count_include_pad: false",
            (3, 1, 1),
        ),
        ("kernel: 3, stride: 2, padding: 1, ceil_mode: true", IMAGE),
        ("kernel: [2, 3], stride: 1, padding: [1, 0], count_include_pad: false", IMAGE),
    ],
    "adaptive_avg_pool2d": [
        ("size: 1", IMAGE),
        ("size: [1, 3]", IMAGE),
        ("size: 2", IMAGE),
        ("size: [4, 3]", IMAGE),
        ("size: [6, 8]", IMAGE),
        ("size: 8", (2, 3, 5)),
    ],
    "mean": [
        ("dim: [1, 2]", IMAGE),
        ("dim: 0", IMAGE),
        ("dim: 0, keepdim: true", IMAGE),
        ("dim: [-1, 0]", IMAGE),
        ("dim: 0", TOKENS),
        ("dim: [0]", VECTOR),  # to a scalar
        ("dim: [0, 1, 2], keepdim: true", IMAGE),
    ],
    "sum": [("dim: [-2, -1]", IMAGE), ("dim: 1, keepdim: true", IMAGE), ("dim: -1", TOKENS)],
    "max": [("dim: [1, 2]", IMAGE), ("dim: 0, keepdim: true", IMAGE), ("dim: -2", TOKENS)],
    "min": [("dim: [1, 2], keepdim: true", IMAGE), ("dim: 0", IMAGE), ("dim: 0", VECTOR)],
    "norm": [
        ("dim: [1, 2]", IMAGE),
        ("dim: 0, keepdim: true", IMAGE),
        ("dim: -1, p: 1", TOKENS),
        ("dim: -1, p: 3", TOKENS),
        ("dim: 0, p: 1.5", IMAGE),
    ],
    "normalize": [
        ("dim: -1", TOKENS),
        ("", IMAGE),
        ("dim: 1, p: 1, eps: 0.001", IMAGE),
        ("dim: -1, p: 3", VECTOR),
    ],
    "split": [
        ("sizes: [1, 3], part: 0", IMAGE),
        ("sizes: [1, 3], part: 1", IMAGE),
        ("sizes: 3, dim: -1, part: 2", IMAGE),  # 3, 3 and the rest
        ("sizes: 8, dim: 1, part: 0", TOKENS),  # all there is
        ("sizes: [5, 7], part: 1", VECTOR),
    ],
    "chunk": [
        ("chunks: 2, part: 1", IMAGE),
        ("chunks: 4, dim: 1, part: 2", IMAGE),  # of 6 rows 2 each: there are but three
        ("chunks: 3, dim: -1, part: 2", TOKENS),  # 3, 3 and 2
    ],
    "batch_norm2d": [
        ("", IMAGE),
        ("affine: false, eps: 0.001, momentum: 0.01", IMAGE),
        ("", (3, 1, 1)),
    ],
    "layer_norm": [("", VECTOR), ("", TOKENS), ("eps: 1.0e-6", IMAGE), ("affine: false", TOKENS)],
    "layer_norm2d": [("", IMAGE), ("eps: 1.0e-5", SQUARE)],
    "group_norm": [
        ("groups: 1", IMAGE),
        ("groups: 2", IMAGE),
        ("groups: 4", IMAGE),
        ("groups: 2, affine: false", IMAGE),
        ("groups: 3", TOKENS),
    ],
    "rms_norm": [("", VECTOR), ("", TOKENS), ("eps: 1.0e-5", IMAGE)],
    "local_response_norm": [
        ("size: 5", IMAGE),
        ("size: 2, alpha: 0.001, beta: 0.5, k: 2", IMAGE),
        ("size: 1", IMAGE),
        ("size: 9", IMAGE),
    ],
    "global_response_norm": [("", IMAGE), ("", SQUARE)],
    "global_response_norm2d": [("", IMAGE), ("", SQUARE)],
    "relu": [("", IMAGE), ("inplace: true", IMAGE), ("", VECTOR)],
    "relu6": [("", IMAGE), ("inplace: true", IMAGE), ("", TOKENS)],
    "leaky_relu": [("", IMAGE), ("inplace: true, slope: 0.2", IMAGE)],
    "prelu": [
        ("", IMAGE),
        ("per_channel: true", IMAGE),
        ("per_channel: true", TOKENS),
        ("", VECTOR),
    ],
    "sigmoid": [("", IMAGE), ("", VECTOR)],
    "tanh": [("", IMAGE), ("", VECTOR)],
    "silu": [("", IMAGE), ("inplace: true", IMAGE)],
    "gelu": [("", IMAGE), ("approximate: tanh", TOKENS)],
    "hardsigmoid": [("", IMAGE), ("inplace: true", IMAGE)],
    "hardswish": [("", IMAGE), ("inplace: true", IMAGE)],
    "elu": [("", IMAGE), ("inplace: true, alpha: 0.5", IMAGE)],
    "celu": [("", IMAGE), ("inplace: true, alpha: 0.5", IMAGE)],
    "selu": [("", IMAGE), ("inplace: true", IMAGE)],
    "mish": [("", IMAGE), ("inplace: true", IMAGE)],
    "softplus": [("", IMAGE), ("beta: 2, threshold: 5", VECTOR)],
    "logsigmoid": [("", IMAGE), ("", VECTOR)],
    "hardtanh": [("max_val: 2", IMAGE), ("inplace: true, min_val: 0, max_val: 6", IMAGE)],
    "softsign": [("", IMAGE), ("", VECTOR)],
    "glu": [("", IMAGE), ("dim: 0", IMAGE), ("dim: 1", IMAGE), ("", VECTOR), ("", TOKENS)],
    "log_softmax": [("", VECTOR), ("", TOKENS), ("dim: 0", IMAGE)],
    "softmax": [("", VECTOR), ("", TOKENS), ("dim: 0", IMAGE), ("dim: -2", IMAGE)],
    "pow": [
        ("exponent: 2", IMAGE),
        ("exponent: -0.5", TOKENS),
        ("exponent: 1", IMAGE),
        ("exponent: 1.5", VECTOR),
    ],
    "exp": [("", IMAGE), ("", VECTOR)],
    "log": [("", IMAGE), ("", TOKENS)],
    "sqrt": [("", IMAGE), ("", VECTOR)],
    "abs": [("", IMAGE), ("", TOKENS)],
    "sin": [("", IMAGE), ("", VECTOR)],
    "cos": [("", IMAGE), ("", TOKENS)],
    "clamp": [
        ("min: -0.1, max: 4.5", IMAGE),
        ("max: 4.5", TOKENS),
        ("min: 0", VECTOR),
    ],
    "shift_by": [("amount: 0.5", IMAGE), ("amount: -1", VECTOR)],
    "slice": [
        ("start: 1", IMAGE),
        ("stop: -1", IMAGE),
        ("dim: 1, start: 1, step: 2", IMAGE),
        ("dim: -1, start: 2, stop: 7, step: 3", IMAGE),
        ("dim: 2", IMAGE),
        ("dim: 1, stop: 4", TOKENS),
        ("start: -3", VECTOR),
    ],
    "select": [
        ("", IMAGE),
        ("index: -1", IMAGE),
        ("dim: 1, index: 2", IMAGE),
        ("dim: -1", IMAGE),
        ("", TOKENS),
        ("dim: 1, index: 3", TOKENS),
    ],
    "interpolate": [
        ("factor: 2", IMAGE),
        ("factor: [3, 1]", IMAGE),
        ("factor: 2, mode: bilinear", IMAGE),
        ("factor: [3, 4], mode: bilinear", IMAGE),
        ("factor: 1, mode: bilinear", IMAGE),
        ("factor: 0.5", IMAGE),
        ("factor: [0.7, 1.3], mode: bilinear", IMAGE),
        ("size: 5, mode: nearest-exact", IMAGE),
        ("size: [9, 4]", IMAGE),
        ("size: [9, 4], mode: bilinear", IMAGE),
        ("size: [9, 5], mode: bilinear, align_corners: true", IMAGE),
        ("size: [1, 8], mode: bilinear, align_corners: true", IMAGE),
        ("size: [3, 2], mode: bilinear, align_corners: true", (2, 1, 5)),
        ("factor: 1.5, mode: bicubic", IMAGE),
        ("size: [4, 9], mode: bicubic, align_corners: true", IMAGE),
        ("size: [4, 3], mode: bilinear, antialias: true", IMAGE),
        ("factor: [0.5, 1.5], mode: bilinear, antialias: true", IMAGE),
        ("factor: [0.3, 0.9], mode: bicubic, antialias: true", IMAGE),
        ("size: [9, 3], mode: bicubic, antialias: true", IMAGE),
        ("size: 3, mode: bilinear, antialias: true, align_corners: true", IMAGE),
        ("size: [4, 3], mode: area", IMAGE),
        ("factor: 0.5, mode: area", IMAGE),
        ("size: 1, mode: area", IMAGE),
        ("factor: 2, mode: linear", TOKENS),
        ("size: 5, mode: linear, align_corners: true", TOKENS),
        ("factor: 0.5", TOKENS),
        ("size: [2, 3, 5], mode: trilinear", (2, 3, 4, 5)),
        ("factor: 2, mode: trilinear, align_corners: true", (2, 3, 4, 2)),
        ("factor: [1, 2, 0.5]", (2, 3, 4, 4)),
        ("size: 3, mode: nearest-exact", (2, 3, 4, 4)),
    ],
    "flatten": [
        ("", IMAGE),
        ("start: 1", IMAGE),
        ("end: 1", IMAGE),
        ("start: -2, end: -1", IMAGE),
        ("start: 1, end: 1", IMAGE),
        ("", TOKENS),
        ("", VECTOR),
    ],
    "permute": [
        ("order: [1, 2, 0]", IMAGE),
        ("order: [2, 0, 1]", IMAGE),
        ("order: [0, 1, 2]", IMAGE),
        ("order: [1, 0]", TOKENS),
    ],
    "reshape": [
        ("size: [-1]", IMAGE),
        ("size: [2, 2, 6, 8]", IMAGE),
        ("size: [8, 24]", IMAGE),
        ("size: [3, 4]", VECTOR),
        ("size: [2, -1, 4]", TOKENS),
    ],
    "pad": [
        ("sides: [1, 2, 3, 4]", IMAGE),
        ("sides: [-1, 0, 0, -2]", IMAGE),
        ("sides: [-1, 2, 0, 0], value: 1.5", IMAGE),
        ("sides: [1, 0, 2, 1], lowest: true", IMAGE),
        ("channels: [1, 3]", IMAGE),
        ("channels: [-1, 0]", IMAGE),
        ("sides: [1, 2]", IMAGE),
        ("sides: [1, 2, 3, 4], mode: reflect", IMAGE),
        ("sides: [8, 2, -3, 4], mode: circular", IMAGE),
        ("sides: [1, 0, 0, 7], mode: replicate", IMAGE),
        ("sides: [2, 1], mode: reflect", TOKENS),
        ("sides: [2, 1], mode: circular", TOKENS),
        ("sides: [2, 1], channels: [0, 1]", TOKENS),
        ("sides: [2, 1], mode: replicate", TOKENS),
        ("sides: [1, 1, 0, 2, 2, 1], mode: reflect", (2, 3, 4, 5)),
        ("sides: [1, 1, 0, 2, 2, 1], mode: circular", (2, 3, 4, 5)),
        ("sides: [1, 1, 0, 2, 4, 0], mode: replicate", (2, 3, 4, 5)),
        ("sides: [1, 1, 0, -2, 1, 0], value: 2", (2, 3, 4, 5)),
        ("", IMAGE),
    ],
    "pad_same": [
        ("kernel: 3, stride: 2", IMAGE),
        ("kernel: 3, stride: 2", (4, 7, 9)),
        ("kernel: [2, 5], stride: [1, 3], dilation: [3, 1]", IMAGE),
        ("kernel: 3, stride: 2, lowest: true", IMAGE),
        ("kernel: 1", IMAGE),
    ],
    "roll": [
        ("shifts: [1], dims: [1]", IMAGE),
        ("shifts: [1, -2], dims: [0, 2]", IMAGE),
        ("shifts: [0, 0], dims: [0, 1]", IMAGE),
        ("shifts: [3], dims: [-1]", VECTOR),
    ],
    "channel_shuffle": [("groups: 2", IMAGE), ("groups: 1", IMAGE), ("groups: 4", IMAGE)],
    "pixel_shuffle": [("factor: 2", SQUARE), ("factor: 1", IMAGE)],
    "pixel_unshuffle": [("factor: 2", IMAGE), ("factor: 1", IMAGE)],
    "window_partition": [("window: 2", IMAGE), ("window: 4", (4, 4, 3)), ("window: 1", IMAGE)],
    "window_reverse": [
        ("height: 4, width: 8", (8, 4, 3)),
        ("height: 4, width: 4", (4, 4, 3)),
        ("height: 4, width: 4", (1, 16, 3)),
    ],
    "identity": [("", IMAGE), ("", VECTOR)],
    "dropout": [("", IMAGE), ("p: 0", IMAGE), ("p: 1", IMAGE), ("p: 0.1", VECTOR)],
    "drop_path": [("p: 0.2", IMAGE), ("p: 0", IMAGE), ("p: 1", TOKENS)],
}
"""Ops of one input by name: settings, and the input's size without the batch."""

SEVERAL: dict[str, list[tuple[Layers, Shape]]] = {
    "add": [
        ({"a": "op: relu", "x": "op: add, from: [a, start]"}, IMAGE),
        ({"x": "op: add, from: [start, start, start]"}, TOKENS),
        ({"a": "op: relu", "x": "op: add, from: [a, start], inplace: true"}, IMAGE),
        # broadcast
        ({"p": "op: adaptive_avg_pool2d, size: 1", "x": "op: add, from: [start, p]"}, IMAGE),
        ({"c": "op: conv2d, out: 1, kernel: 1", "x": "op: add, from: [c, start]"}, IMAGE),
        ({"p": "op: parameter, size: [6, 8]", "x": "op: add, from: [start, p]"}, TOKENS),
        # two orders in memory
        ({"p": "op: permute, order: [0, 2, 1]", "x": "op: add, from: [start, p]"}, (4, 6, 6)),
    ],
    "matmul": [
        ({"t": "op: permute, order: [1, 0]", "x": "op: matmul, from: [t, start]"}, TOKENS),
        ({"t": "op: permute, order: [0, 2, 1]", "x": "op: matmul, from: [start, t]"}, IMAGE),
        ({"x": "op: matmul, from: [start, start]"}, SQUARE),
        ({"x": "op: matmul, from: [start, input]"}, SQUARE),  # one factor needs no gradient
        # one learned matrix: all rows at once, behind it and before it
        ({"w": "op: parameter, size: [8, 3]", "x": "op: matmul, from: [start, w]"}, TOKENS),
        ({"w": "op: parameter, size: [3, 6]", "x": "op: matmul, from: [w, start]"}, TOKENS),
        ({"w": "op: parameter, size: [1, 6]", "x": "op: matmul, from: [w, start]"}, TOKENS),
        # more dimensions, repeated
        ({"w": "op: parameter, size: [8, 3]", "x": "op: matmul, from: [start, w]"}, IMAGE),
        ({"w": "op: parameter, size: [4, 8, 3]", "x": "op: matmul, from: [start, w]"}, IMAGE),
        (
            {
                "one": "op: mean, dim: 0, keepdim: true",
                "t": "op: permute, order: [0, 2, 1]",
                "x": "op: matmul, from: [t, start]",
            },
            IMAGE,
        ),
        # columns that lie apart
        (
            {
                "p": "op: permute, order: [1, 0, 2]",
                "t": "op: permute, from: start, order: [1, 2, 0]",
                "x": "op: matmul, from: [p, t]",
            },
            IMAGE,
        ),
    ],
    "einsum": [
        ({"x": "op: einsum, equation: 'cij->cji'"}, IMAGE),
        ({"x": "op: einsum, equation: 'cij->ic'"}, IMAGE),
        ({"x": "op: einsum, equation: 'cij->'"}, IMAGE),
        ({"x": "op: einsum, equation: 'cij,cik->cjk', from: [start, start]"}, IMAGE),
        ({"x": "op: einsum, equation: 'cij,ckj->cik', from: [start, input]"}, IMAGE),
        ({"x": "op: einsum, equation: 'cij,ckj->kic', from: [start, start]"}, IMAGE),
        ({"x": "op: einsum, equation: 'cij,ckj->cki', from: [start, start]"}, IMAGE),
        ({"x": "op: einsum, equation: 'ij,ij->', from: [start, start]"}, TOKENS),
        ({"x": "op: einsum, equation: 'ij,kl->ikjl', from: [start, start]"}, TOKENS),
        ({"x": "op: einsum, equation: 'ij,ij->ji', from: [start, start]"}, TOKENS),
        (
            {
                "w": "op: parameter, size: [8, 3]",
                "x": "op: einsum, equation: 'cij,jk->cik', from: [start, w]",
            },
            IMAGE,
        ),
        (
            {
                "one": "op: mean, dim: [0, 2], keepdim: true",
                "x": "op: einsum, equation: 'cij,kil->kcjl', from: [one, start]",
            },
            IMAGE,
        ),
    ],
    "deform_conv2d": [
        (
            {
                "o": "op: conv2d, out: 18, kernel: 3, padding: 1",
                "x": "op: deform_conv2d, out: 6, kernel: 3, padding: 1, from: [start, o]",
            },
            IMAGE,
        ),
        # modulated, for two groups of channels
        (
            {
                "o": "op: conv2d, out: 48, kernel: [3, 4], stride: [2, 1], padding: [1, 0]",
                "m": "op: conv2d, from: start, out: 24, kernel: [3, 4], stride: [2, 1],"
                " padding: [1, 0]",
                "g": "op: sigmoid",
                "x": "op: deform_conv2d, out: 6, kernel: [3, 4], stride: [2, 1], padding: [1, 0],"
                " groups: 2, bias: false, from: [start, o, g]",
            },
            IMAGE,
        ),
        # what needs no gradient has one made all the same
        (
            {
                "o": "op: conv2d, out: 8, kernel: 2, dilation: 3",
                "x": "op: deform_conv2d, out: 2, kernel: 2, dilation: 3, bias: false,"
                " from: [input, o]",
            },
            IMAGE,
        ),
        # channels last in memory
        (
            {
                "p": "op: permute, order: [0, 2, 1]",
                "o": "op: conv2d, out: 2, kernel: 1",
                "x": "op: deform_conv2d, out: 2, kernel: 1, from: [p, o]",
            },
            IMAGE,
        ),
    ],
    "multiply": [
        ({"a": "op: sigmoid", "x": "op: multiply, from: [start, a]"}, IMAGE),
        ({"x": "op: multiply, from: [start, start]"}, IMAGE),
        # squeeze and excitation
        (
            {
                "p": "op: adaptive_avg_pool2d, size: 1",
                "g": "op: sigmoid",
                "x": "op: multiply, from: [start, g]",
            },
            IMAGE,
        ),
        ({"x": "op: multiply, from: [start, input]"}, TOKENS),  # one factor that needs no gradient
        ({"p": "op: parameter, size: [6, 8]", "x": "op: multiply, from: [p, start]"}, TOKENS),
        # three, broadcast in turn
        (
            {
                "p": "op: adaptive_avg_pool2d, size: 1",
                "x": "op: multiply, from: [p, start, start]",
            },
            IMAGE,
        ),
        ({"x": "op: multiply, from: [start, input, input, start]"}, TOKENS),
        ({"x": "op: multiply, from: [input, input, start]"}, TOKENS),
        # the first product is the same for every sample
        (
            {
                "p": "op: parameter, size: [6, 8]",
                "q": "op: tanh",
                "x": "op: multiply, from: [p, q, start]",
            },
            TOKENS,
        ),
    ],
    **{
        name: [
            ({"a": "op: sigmoid", "x": f"op: {name}, from: [start, a]"}, IMAGE),
            ({"x": f"op: {name}, from: [start, start]"}, TOKENS),
            (
                {
                    "p": "op: adaptive_avg_pool2d, size: 1",
                    "x": f"op: {name}, from: [start, p]",
                },
                IMAGE,
            ),
            (
                {
                    "p": "op: adaptive_avg_pool2d, size: 1",
                    "x": f"op: {name}, from: [p, start]",
                },
                IMAGE,
            ),
            # one that needs no gradient
            ({"x": f"op: {name}, from: [start, input]"}, TOKENS),
            ({"x": f"op: {name}, from: [input, start]"}, TOKENS),
            ({"p": "op: parameter, size: [6, 8]", "x": f"op: {name}, from: [p, start]"}, TOKENS),
            # two orders in memory
            (
                {"p": "op: permute, order: [0, 2, 1]", "x": f"op: {name}, from: [start, p]"},
                (4, 6, 6),
            ),
        ]
        for name in ("subtract", "divide", "maximum", "minimum")
    },
    "concat": [
        ({"a": "op: relu", "x": "op: concat, from: [start, a]"}, IMAGE),
        ({"x": "op: concat, from: [start]"}, IMAGE),
        ({"a": "op: conv2d, out: 3, kernel: 1", "x": "op: concat, from: [start, a, start]"}, IMAGE),
        ({"x": "op: concat, dim: -1, from: [start, start]"}, IMAGE),
        # a class token
        ({"p": "op: parameter, size: [1, 8]", "x": "op: concat, from: [p, start]"}, TOKENS),
    ],
    "parameter": [
        ({"x": "op: parameter, size: [6, 8]", "y": "op: add, from: [start, x]"}, TOKENS),
        (
            {
                "x": "op: parameter, size: [6, 8], batched: true, value: 0.5",
                "y": "op: add, from: [start, x]",
            },
            TOKENS,
        ),
        (
            {"x": "op: parameter, size: [6, 8]", "t": "op: relu", "y": "op: add, from: [start, t]"},
            TOKENS,
        ),
    ],
    "position_encoding2d": [
        (
            {"x": "op: position_encoding2d, channels: 4", "y": "op: add, from: [start, x]"},
            IMAGE,
        ),
        (
            {
                "x": "op: position_encoding2d, channels: 8, temperature: 100",
                "c": "op: conv2d, out: 4, kernel: 1",
                "y": "op: add, from: [start, c]",
            },
            IMAGE,
        ),
    ],
    "buffer": [
        *(
            ({"x": f"op: buffer, {settings}", "y": "op: add, from: [start, x]"}, TOKENS)
            for settings in (
                "size: [6, 8], values: 0.5",
                "size: [8], rule: arange, start: 1, step: 0.5, batched: true",
                "values: [1, 2, 3, 4, 5, 6, 7, 8], persistent: false",
                "size: [6, 8], rule: sincos",
            )
        ),
        (
            {
                "x": "op: buffer, size: [6, 8], rule: ones",
                "t": "op: relu",
                "y": "op: add, from: [start, t]",
            },
            TOKENS,
        ),
        # a place for each token, looked up
        (
            {
                "x": "op: buffer, size: [6], rule: arange, dtype: int64, persistent: false",
                "e": "op: embedding, num: 6, dim: 8",
                "y": "op: add, from: [start, e]",
            },
            TOKENS,
        ),
        # behind a linear layer of its own
        (
            {
                "x": "op: buffer, size: [7, 7, 2], rule: relative_coordinates",
                "t": "op: linear, out: 3",
                "r": "op: reshape, size: [49, 3]",
                "i": "op: relative_position_bias, window: 4",
                "y": "op: attention, heads: 3, from: [start, start, start, i]",
            },
            (16, 6),
        ),
    ],
    "relative_position_bias": [
        # with a class token
        (
            {
                "t": "op: parameter, size: [12, 2]",
                "x": "op: relative_position_bias, window: 2, class_token: true",
                "y": "op: attention, heads: 2, from: [start, start, start, x]",
            },
            (5, 6),
        ),
        (
            {
                "t": "op: parameter, size: [15, 2]",  # 3*5 offsets in a window of 2x3
                "x": "op: relative_position_bias, window: [2, 3], index: square",
                "y": "op: attention, heads: 2, scale: 0.5, from: [start, start, start, x]",
            },
            TOKENS,
        ),
        (
            {
                "t": "op: parameter, size: [9, 2]",
                "x": "op: relative_position_bias, window: 2",
                "y": "op: attention, heads: 2, from: [start, start, start, x]",
            },
            (4, 6),
        ),
        (
            {
                "t": "op: parameter, size: [25, 3]",
                "x": "op: relative_position_bias, window: 3, persistent: false, index: square",
                "y": "op: add, from: [x, start]",
            },
            (3, 9, 9),
        ),
    ],
    "window_mask": [
        (
            {
                "x": "op: window_mask, height: 4, width: 6, shift: 1",
                "y": "op: attention, heads: 1, from: [start, start, start, x]",
            },
            (6, 4, 5),
        ),
        (
            {
                "x": "op: window_mask, height: 3, width: 6, shift: 2, buffer: true",
                "y": "op: attention, heads: 1, from: [start, start, start, x]",
            },
            (2, 9, 4),
        ),
    ],
    "attention": (
        [
            (
                {
                    "q": "op: linear, out: 4",
                    "k": "op: linear, out: 4, from: start",
                    "v": "op: linear, out: 6, from: start",
                    "x": f"op: attention, heads: {heads}, from: [q, k, v]",
                    "y": "op: linear, out: 2",
                },
                TOKENS,
            )
            for heads in (1, 2)
        ]
        + [
            (
                {
                    "b": "op: parameter, size: [2, 6, 6]",
                    "x": "op: attention, heads: 2, from: [start, start, start, b]",
                    "y": "op: linear, out: 2",
                },
                TOKENS,
            ),
            # windows
            (
                {
                    "b": "op: parameter, size: [4, 6, 6]",
                    "x": "op: attention, heads: 4, from: [start, start, start, b]",
                },
                (3, 6, 8),
            ),
            # each window its own
            (
                {
                    "b": "op: parameter, size: [3, 2, 6, 6]",
                    "x": "op: attention, heads: 2, from: [start, start, start, b]",
                },
                (3, 6, 8),
            ),
            # one window with a bias of its own: expanded without a copy
            (
                {
                    "b": "op: parameter, size: [1, 2, 6, 6]",
                    "x": "op: attention, heads: 2, from: [start, start, start, b]",
                },
                (1, 6, 8),
            ),
            # windows of windows
            (
                {
                    "b": "op: parameter, size: [2, 3, 2, 6, 6]",
                    "x": "op: attention, heads: 2, from: [start, start, start, b]",
                },
                (2, 3, 6, 8),
            ),
            # a bias of every sample, for all its windows and for each
            (
                {"x": "op: attention, heads: 3, from: [start, start, start, input]"},
                (3, 6, 6),
            ),
            (
                {
                    "b": "op: reshape, size: [3, 1, 6, 6]",
                    "x": "op: attention, heads: 1, from: [start, start, start, b]",
                },
                (3, 6, 6),
            ),
            # windows out of order, which only a copy folds into the batch: fused, and by the math
            # for values of another width
            (
                {
                    "p": "op: permute, order: [1, 0, 2]",
                    "x": "op: attention, heads: 2, from: [p, p, p]",
                    "y": "op: linear, out: 2",
                },
                (3, 6, 8),
            ),
            (
                {
                    "p": "op: permute, order: [1, 0, 2]",
                    "w": "op: linear, out: 12",
                    "x": "op: attention, heads: 1, from: [w, w, p]",
                    "y": "op: linear, out: 2",
                },
                (3, 6, 8),
            ),
            (
                {
                    "qkv": "op: linear, out: 24",
                    "q": "op: slice, dim: -1, stop: 8",
                    "k": "op: slice, dim: -1, start: 8, stop: 16, from: qkv",
                    "v": "op: slice, dim: -1, start: 16, from: qkv",
                    "x": "op: attention, heads: 2, from: [q, k, v]",
                },
                TOKENS,
            ),
            # fused, its result kept by both
            (
                {
                    "x": "op: attention, heads: 2, from: [start, start, start]",
                    "y": "op: linear, out: 2",
                },
                TOKENS,
            ),
            (
                {
                    "x": "op: attention, heads: 8, from: [start, start, start]",
                    "y": "op: linear, out: 2",
                },
                TOKENS,
            ),
            (
                {
                    "p": "op: permute, order: [1, 0]",
                    "x": "op: attention, heads: 2, from: [p, p, p]",
                    "y": "op: linear, out: 2",
                },
                (8, 6),
            ),
            ({"x": "op: attention, heads: 1, from: [start, input, input]"}, TOKENS),
            ({"x": "op: attention, heads: 2, scale: 0.3, from: [start, start, start]"}, TOKENS),
            ({"x": "op: attention, heads: 2, causal: true, from: [start, start, start]"}, TOKENS),
            (
                {
                    "v": "op: linear, out: 2",
                    "x": "op: attention, heads: 2, causal: true, from: [start, start, v]",
                },
                TOKENS,
            ),
            # values of another width, which the fused one refuses
            (
                {
                    "v": "op: linear, out: 4",
                    "x": "op: attention, heads: 2, scale: 2, from: [start, start, v]",
                },
                TOKENS,
            ),
            ({"x": "op: attention, heads: 2, from: [input, start, input]"}, TOKENS),
            ({"x": "op: attention, heads: 2, from: [input, input, start]"}, TOKENS),
            # fewer queries than keys
            (
                {
                    "s": "op: slice, stop: 2",
                    "x": "op: attention, heads: 2, from: [s, start, start]",
                },
                TOKENS,
            ),
        ]
    ),
}
"""Ops of several inputs or none: the layers, `x` being the op, after a `start` that needs
gradients.
"""


OF_TOKENS: dict[str, list[tuple[str, Shape]]] = {
    "embedding": [
        ("num: 10, dim: 3", Tokens(7, below=10)),
        ("num: 12, dim: 5, padding_idx: 0", Tokens(3, 4, below=10)),  # fewer than there are rows
        ("num: 4, dim: 1, padding_idx: -1", Tokens(1, below=4)),
    ],
}
"""Ops that look up whole numbers, on inputs of these."""


def networks(op: str) -> list[tuple[Layers, Shape]]:
    """Every case of an op as layers on an input: single-input ops on the bare input, and on one
    that needs gradients, in three orders in memory.
    """
    found = []
    for settings, size in SINGLE.get(op, ()):
        layer = f"op: {op}, {settings}".rstrip(", ")
        found += [
            ({"x": layer}, size),
            *((placed | {"x": layer}, given) for placed, given in orders(size)),
        ]
    found += [({"x": f"op: {op}, {settings}"}, size) for settings, size in OF_TOKENS.get(op, ())]
    return found + [
        ({"start": "op: scale, size: []"} | layers, size) for layers, size in SEVERAL.get(op, ())
    ]


def orders(size: Shape) -> list[tuple[Layers, Shape]]:
    """Layers after which a tensor of this size needs gradients and lies in memory in this or that
    order.

    A gelu keeps its input and not its output, so that the output is saved only where the op behind
    it keeps it; a relu keeps its output, which must not count twice where the op behind it keeps it
    too.
    """
    free = {"start": "op: scale, size: []", "before": "op: gelu"}
    kept = {"start": "op: scale, size: []", "before": "op: relu"}
    if len(size) == 3:
        c, h, w = size
        return [
            (free, size),
            (free | {"order": "op: permute, order: [2, 0, 1]"}, (h, w, c)),
            (kept | {"order": "op: permute, order: [0, 2, 1]"}, (c, w, h)),
            (free | {"gap": "op: slice, dim: 1, start: 1"}, (c, h + 1, w)),
        ]
    if len(size) == 4:
        c, d, h, w = size
        return [
            (free, size),
            (free | {"order": "op: permute, order: [3, 0, 1, 2]"}, (d, h, w, c)),
            (kept | {"order": "op: permute, order: [0, 3, 2, 1]"}, (c, w, h, d)),
        ]
    if len(size) == 2:
        h, w = size
        return [
            (free, size),
            (kept | {"order": "op: permute, order: [1, 0]"}, (w, h)),
            (free | {"gap": "op: slice, dim: 1, start: 1"}, (h, w + 1)),
        ]
    return [(free, size)]
