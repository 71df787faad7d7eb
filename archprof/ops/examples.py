"""A small network for every op, which shows it at work: `archprof ops OP` prints it.

The layers are lines of a spec; settings that change a formula stand in a layer of their own.
"""

from __future__ import annotations

from typing import NamedTuple


class Example(NamedTuple):
    """A network's input, as a spec states it, and its layers, one in a line."""

    input: str
    layers: tuple[str, ...]

    def spec(self, op: str) -> str:
        """Return the whole spec, as a file has it."""
        lines = (f"name: {op}_example", f"input: {self.input}", "layers:")
        return "".join(f"{line}\n" for line in (*lines, *(f"  {layer}" for layer in self.layers)))


def _of(size: str, *layers: str) -> Example:
    return Example(size, layers)


IMAGE, CHANNELS_LAST, TOKENS = "16x8x8", "8x8x16", "49x64"
SEQUENCE, VOLUME = "16x100", "16x4x8x8"

EXAMPLES: dict[str, Example] = {
    "conv1d": _of("1x8000", "conv: {op: conv1d, out: 32, kernel: 80, stride: 4}"),
    "conv2d": _of(
        "3x32x32",
        "conv: {op: conv2d, out: 16, kernel: 3, stride: 2, padding: 1}",
        "depthwise: {op: conv2d, out: 16, kernel: 3, padding: 1, groups: $channels, bias: false}",
    ),
    "conv3d": _of(
        "3x16x32x32",
        "conv: {op: conv3d, out: 8, kernel: 3, padding: 1}",
        "spatial: {op: conv3d, out: 8, kernel: [1, 3, 3], padding: [0, 1, 1], bias: false}",
    ),
    "table_conv2d": _of(
        "3x32x32", "conv: {op: table_conv2d, out: 2, kernel: 5, table: [[0, 1], [0, 1, 2]]}"
    ),
    "conv_transpose1d": _of(SEQUENCE, "up: {op: conv_transpose1d, out: 8, kernel: 4, stride: 4}"),
    "conv_transpose2d": _of(IMAGE, "up: {op: conv_transpose2d, out: 8, kernel: 2, stride: 2}"),
    "conv_transpose3d": _of(VOLUME, "up: {op: conv_transpose3d, out: 8, kernel: 2, stride: 2}"),
    "blur_pool2d": _of(
        IMAGE,
        "max: {op: max_pool2d, kernel: 3, stride: 1, padding: 1}",
        "blur: {op: blur_pool2d, kernel: 3, stride: 2}",
    ),
    "std_conv2d": _of(
        IMAGE, "conv: {op: std_conv2d, out: 32, kernel: 3, padding: 1, bias: false, eps: 1.0e-8}"
    ),
    "scaled_std_conv2d": _of(
        IMAGE, "conv: {op: scaled_std_conv2d, out: 32, kernel: 3, padding: 1, gamma: 1.7}"
    ),
    "deform_conv2d": _of(
        IMAGE,
        "offset: {op: conv2d, out: 18, kernel: 3, padding: 1}",
        "mask: {op: conv2d, from: input, out: 9, kernel: 3, padding: 1}",
        "gate: {op: sigmoid}",
        "conv: {op: deform_conv2d, from: [input, offset, gate], out: 32, kernel: 3, padding: 1}",
    ),
    "linear": _of("128", "fc: {op: linear, out: 10}"),
    "embedding": _of(
        "{shape: 49, dtype: int64, below: 1000}", "embed: {op: embedding, num: 1000, dim: 64}"
    ),
    "lstm": _of(TOKENS, "lstm: {op: lstm, hidden: 128, num_layers: 2}"),
    "gru": _of(TOKENS, "gru: {op: gru, hidden: 128, bidirectional: true}"),
    "rnn": _of(TOKENS, "rnn: {op: rnn, hidden: 128}", "last: {op: select, index: -1}"),
    "scale": _of(
        IMAGE, "gain: {op: scale, size: [16, 1, 1], value: 0.1}", "skip_gain: {op: scale, size: []}"
    ),
    "scale_by": _of(IMAGE, "half: {op: scale_by, factor: 0.5}"),
    "parameter": _of(
        TOKENS,
        "position: {op: parameter, size: [49, 64]}",
        "add: {op: add, from: [input, position]}",
    ),
    "buffer": _of(
        IMAGE,
        "mean: {op: buffer, size: [16, 1, 1], values: 0.5}",
        "centred: {op: subtract, from: [input, mean]}",
        "position: {op: buffer, size: [16, 8, 8], rule: fourier_2d, persistent: false}",
        "placed: {op: add, from: [centred, position]}",
    ),
    "position_encoding2d": _of(
        IMAGE,
        "position: {op: position_encoding2d, channels: 64}",
        "project: {op: conv2d, out: 16, kernel: 1}",
        "placed: {op: add, from: [input, project]}",
    ),
    "attention": _of(
        TOKENS,
        "q: {op: linear, out: 64}",
        "k: {op: linear, from: input, out: 64}",
        "v: {op: linear, from: input, out: 64}",
        "attend: {op: attention, heads: 4, from: [q, k, v]}",
    ),
    "matmul": _of(
        TOKENS,
        "turned: {op: permute, order: [1, 0]}",
        "gram: {op: matmul, from: [turned, input]}",
    ),
    "einsum": _of(
        "4x49x16",
        "scores: {op: einsum, equation: 'hid,hjd->hij', from: [input, input]}",
        "sums: {op: einsum, equation: 'hij->ih'}",
    ),
    "multihead_attention": _of(TOKENS, "attend: {op: multihead_attention, heads: 4}"),
    "relative_position_bias": _of(
        TOKENS,
        "table: {op: parameter, size: [169, 2]}",
        "bias: {op: relative_position_bias, window: 7}",
        "attend: {op: attention, heads: 2, from: [input, input, input, bias]}",
    ),
    "window_mask": _of(
        "4x16x32",
        "mask: {op: window_mask, height: 8, width: 8, shift: 2}",
        "attend: {op: attention, heads: 1, from: [input, input, input, mask]}",
    ),
    "max_pool1d": _of(SEQUENCE, "pool: {op: max_pool1d, kernel: 4}"),
    "max_pool2d": _of("16x32x32", "pool: {op: max_pool2d, kernel: 3, stride: 2, padding: 1}"),
    "max_pool3d": _of(VOLUME, "pool: {op: max_pool3d, kernel: [1, 2, 2]}"),
    "avg_pool1d": _of(SEQUENCE, "pool: {op: avg_pool1d, kernel: 4}"),
    "avg_pool2d": _of("16x32x32", "pool: {op: avg_pool2d, kernel: 2}"),
    "avg_pool3d": _of(VOLUME, "pool: {op: avg_pool3d, kernel: 2}"),
    "adaptive_avg_pool1d": _of(SEQUENCE, "pool: {op: adaptive_avg_pool1d, size: 1}"),
    "adaptive_avg_pool2d": _of(
        IMAGE, "pool: {op: adaptive_avg_pool2d, size: 4}", "gap: {op: adaptive_avg_pool2d, size: 1}"
    ),
    "adaptive_avg_pool3d": _of(VOLUME, "pool: {op: adaptive_avg_pool3d, size: 1}"),
    "adaptive_max_pool1d": _of(SEQUENCE, "pool: {op: adaptive_max_pool1d, size: 5}"),
    "adaptive_max_pool2d": _of(IMAGE, "pool: {op: adaptive_max_pool2d, size: 1}"),
    "adaptive_max_pool3d": _of(VOLUME, "pool: {op: adaptive_max_pool3d, size: [1, 4, 4]}"),
    "mean": _of(
        IMAGE,
        "over_channels: {op: mean, dim: 0, keepdim: true}",
        "over_pixels: {op: mean, dim: [1, 2]}",
    ),
    "sum": _of(TOKENS, "sum: {op: sum, dim: 0}"),
    "max": _of(IMAGE, "max: {op: max, dim: [1, 2], keepdim: true}"),
    "min": _of(IMAGE, "min: {op: min, dim: 0}"),
    "norm": _of(TOKENS, "length: {op: norm, dim: -1}"),
    "batch_norm1d": _of(SEQUENCE, "norm: {op: batch_norm1d}"),
    "batch_norm2d": _of(IMAGE, "norm: {op: batch_norm2d}"),
    "batch_norm3d": _of(VOLUME, "norm: {op: batch_norm3d}"),
    "instance_norm1d": _of(SEQUENCE, "norm: {op: instance_norm1d}"),
    "instance_norm2d": _of(IMAGE, "norm: {op: instance_norm2d, affine: true}"),
    "instance_norm3d": _of(VOLUME, "norm: {op: instance_norm3d}"),
    "layer_norm": _of(TOKENS, "norm: {op: layer_norm}"),
    "layer_norm2d": _of(IMAGE, "norm: {op: layer_norm2d}"),
    "group_norm": _of(IMAGE, "norm: {op: group_norm, groups: 4}"),
    "rms_norm": _of(TOKENS, "norm: {op: rms_norm}"),
    "normalize": _of(TOKENS, "unit: {op: normalize, dim: -1}"),
    "local_response_norm": _of(IMAGE, "norm: {op: local_response_norm, size: 5}"),
    "global_response_norm": _of(CHANNELS_LAST, "norm: {op: global_response_norm}"),
    "global_response_norm2d": _of(IMAGE, "norm: {op: global_response_norm2d}"),
    "relu": _of(IMAGE, "relu: {op: relu}"),
    "relu6": _of(IMAGE, "relu: {op: relu6, inplace: true}"),
    "leaky_relu": _of(IMAGE, "relu: {op: leaky_relu, slope: 0.1}"),
    "prelu": _of(IMAGE, "relu: {op: prelu, per_channel: true}"),
    "sigmoid": _of(IMAGE, "gate: {op: sigmoid}"),
    "tanh": _of(IMAGE, "tanh: {op: tanh}"),
    "silu": _of(IMAGE, "silu: {op: silu}"),
    "gelu": _of(TOKENS, "gelu: {op: gelu}", "cheaper: {op: gelu, approximate: tanh}"),
    "hardsigmoid": _of(IMAGE, "gate: {op: hardsigmoid}"),
    "hardswish": _of(IMAGE, "hardswish: {op: hardswish}"),
    "softmax": _of("10", "softmax: {op: softmax}"),
    "log_softmax": _of("10", "scores: {op: log_softmax}"),
    "elu": _of(IMAGE, "elu: {op: elu}"),
    "celu": _of(IMAGE, "celu: {op: celu, alpha: 0.5}"),
    "selu": _of(IMAGE, "selu: {op: selu}"),
    "mish": _of(IMAGE, "mish: {op: mish}"),
    "softplus": _of(IMAGE, "softplus: {op: softplus}"),
    "logsigmoid": _of("10", "scores: {op: logsigmoid}"),
    "hardtanh": _of(IMAGE, "clamp: {op: hardtanh, min_val: 0, max_val: 6}"),
    "softsign": _of(IMAGE, "softsign: {op: softsign}"),
    "glu": _of(IMAGE, "gate: {op: glu, dim: 0}"),
    "add": _of(
        IMAGE,
        "conv: {op: conv2d, out: 16, kernel: 3, padding: 1}",
        "add: {op: add, from: [conv, input]}",
    ),
    "multiply": _of(
        IMAGE,
        "squeeze: {op: adaptive_avg_pool2d, size: 1}",
        "gate: {op: sigmoid}",
        "scale: {op: multiply, from: [input, gate]}",
    ),
    "concat": _of(
        IMAGE,
        "conv: {op: conv2d, out: 8, kernel: 3, padding: 1}",
        "concat: {op: concat, from: [conv, input]}",
    ),
    "subtract": _of(
        IMAGE,
        "pool: {op: avg_pool2d, kernel: 3, stride: 1, padding: 1}",
        "subtract: {op: subtract, from: [pool, input]}",
    ),
    "divide": _of(
        IMAGE,
        "mean: {op: adaptive_avg_pool2d, size: 1}",
        "divide: {op: divide, from: [input, mean]}",
    ),
    "maximum": _of(
        IMAGE,
        "conv: {op: conv2d, out: 16, kernel: 3, padding: 1}",
        "maximum: {op: maximum, from: [conv, input]}",
    ),
    "minimum": _of(
        IMAGE,
        "conv: {op: conv2d, out: 16, kernel: 3, padding: 1}",
        "minimum: {op: minimum, from: [conv, input]}",
    ),
    "pow": _of(IMAGE, "square: {op: pow, exponent: 2}"),
    "exp": _of(IMAGE, "exp: {op: exp}"),
    "log": _of(IMAGE, "positive: {op: clamp, min: 1.0e-6}", "log: {op: log}"),
    "sqrt": _of(IMAGE, "relu: {op: relu}", "sqrt: {op: sqrt}"),
    "abs": _of(IMAGE, "abs: {op: abs}"),
    "sin": _of(IMAGE, "sin: {op: sin}"),
    "cos": _of(IMAGE, "cos: {op: cos}"),
    "clamp": _of(IMAGE, "clamp: {op: clamp, min: 0, max: 6}"),
    "shift_by": _of(IMAGE, "gate: {op: sigmoid}", "more: {op: shift_by, amount: 1}"),
    "slice": _of(
        IMAGE,
        "half: {op: slice, stop: 8}",
        "even_rows: {op: slice, dim: 1, step: 2}",
    ),
    "split": _of(
        IMAGE,
        "part: {op: split, sizes: [4, 12]}",
        "conv: {op: conv2d, from: part.1, out: 12, kernel: 3, padding: 1, groups: 12}",
        "concat: {op: concat, from: [part.0, conv]}",
    ),
    "chunk": _of(
        TOKENS,
        "qkv: {op: linear, out: 192}",
        "heads: {op: chunk, chunks: 3, dim: -1}",
        "attend: {op: attention, heads: 4, from: heads}",
    ),
    "select": _of(
        TOKENS,
        "class_token: {op: select, dim: 0, index: 0}",
    ),
    "interpolate": _of(
        IMAGE,
        "up: {op: interpolate, factor: 2}",
        "smooth: {op: interpolate, size: [20, 30], mode: bilinear, align_corners: true}",
        "down: {op: interpolate, factor: 0.5, mode: area}",
    ),
    "flatten": _of(IMAGE, "flatten: {op: flatten}"),
    "permute": _of(IMAGE, "channels_last: {op: permute, order: [1, 2, 0]}"),
    "reshape": _of(IMAGE, "groups: {op: reshape, size: [4, 4, -1]}"),
    "pad": _of(IMAGE, "pad: {op: pad, sides: [0, 1, 0, 1]}", "wide: {op: pad, channels: [8, 8]}"),
    "pad_same": _of(
        "3x32x32",
        "pad: {op: pad_same, kernel: 3, stride: 2}",
        "conv: {op: conv2d, out: 16, kernel: 3, stride: 2}",
    ),
    "roll": _of(CHANNELS_LAST, "roll: {op: roll, shifts: [-2, -2], dims: [0, 1]}"),
    "channel_shuffle": _of(IMAGE, "shuffle: {op: channel_shuffle, groups: 4}"),
    "pixel_shuffle": _of(IMAGE, "up: {op: pixel_shuffle, factor: 2}"),
    "pixel_unshuffle": _of(IMAGE, "down: {op: pixel_unshuffle, factor: 2}"),
    "window_partition": _of(CHANNELS_LAST, "windows: {op: window_partition, window: 4}"),
    "window_reverse": _of("4x16x32", "whole: {op: window_reverse, height: 8, width: 8}"),
    "identity": _of(IMAGE, "same: {op: identity}"),
    "dropout": _of(IMAGE, "drop: {op: dropout, p: 0.1}"),
    "dropout1d": _of(SEQUENCE, "drop: {op: dropout1d, p: 0.1}"),
    "dropout2d": _of(IMAGE, "drop: {op: dropout2d, p: 0.1}"),
    "dropout3d": _of(VOLUME, "drop: {op: dropout3d, p: 0.1}"),
    "drop_path": _of(IMAGE, "drop: {op: drop_path, p: 0.1}"),
}
