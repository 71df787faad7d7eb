"""Operations: one class each, and the table of them by their names in a spec."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from archprof.ops.base import Op


class OpTable(Mapping[str, "type[Op]"]):
    """The ops by name. A family's file is imported when one of its ops is asked for."""

    def __init__(self, places: dict[str, str | type[Op]]):
        self.places = places  # by name FILE.CLASS, or the class where it was asked for before

    def __getitem__(self, name: str) -> type[Op]:
        found = self.places[name]
        if isinstance(found, str):
            file, _, kind = found.partition(".")
            found = getattr(import_module(f"archprof.ops.{file}"), kind)
            self.places[name] = found
        return found

    def __contains__(self, name: object) -> bool:
        return name in self.places

    def __iter__(self) -> Iterator[str]:
        return iter(self.places)

    def __len__(self) -> int:
        return len(self.places)


OPS = OpTable(
    {
        "conv2d": "convolution.Conv2d",
        "table_conv2d": "table_convolution.TableConv2d",
        "conv_transpose2d": "transposed_convolution.ConvTranspose2d",
        "scaled_std_conv2d": "standardised_convolution.ScaledStdConv2d",
        "linear": "linear.Linear",
        "embedding": "embedding.Embedding",
        "lstm": "recurrent.Lstm",
        "gru": "recurrent.Gru",
        "rnn": "recurrent.Rnn",
        "scale": "linear.Scale",
        "scale_by": "linear.ScaleBy",
        "parameter": "linear.Parameter",
        "attention": "attention.Attention",
        "multihead_attention": "multihead_attention.MultiheadAttention",
        "relative_position_bias": "window_attention.RelativePositionBias",
        "window_mask": "window_attention.WindowMask",
        "max_pool2d": "pooling.MaxPool2d",
        "avg_pool2d": "pooling.AvgPool2d",
        "adaptive_avg_pool2d": "pooling.AdaptiveAvgPool2d",
        "batch_norm2d": "normalization.BatchNorm2d",
        "layer_norm": "layer_norm.LayerNorm",
        "layer_norm2d": "layer_norm.LayerNorm2d",
        "group_norm": "normalization.GroupNorm",
        "rms_norm": "layer_norm.RmsNorm",
        "local_response_norm": "response_norm.LocalResponseNorm",
        "global_response_norm": "response_norm.GlobalResponseNorm",
        "global_response_norm2d": "response_norm.GlobalResponseNorm2d",
        "relu": "activation.Relu",
        "relu6": "activation.Relu6",
        "leaky_relu": "activation.LeakyRelu",
        "prelu": "activation.Prelu",
        "sigmoid": "activation.Sigmoid",
        "tanh": "activation.Tanh",
        "silu": "activation.Silu",
        "gelu": "activation.Gelu",
        "hardsigmoid": "activation.Hardsigmoid",
        "hardswish": "activation.Hardswish",
        "softmax": "activation.Softmax",
        "add": "merge.Add",
        "multiply": "merge.Multiply",
        "concat": "merge.Concat",
        "slice": "slicing.Slice",
        "select": "slicing.Select",
        "interpolate": "resize.Interpolate",
        "flatten": "reshape.Flatten",
        "permute": "reshape.Permute",
        "reshape": "reshape.Reshape",
        "pad": "pad.Pad",
        "pad_same": "pad.PadSame",
        "roll": "shuffle.Roll",
        "channel_shuffle": "shuffle.ChannelShuffle",
        "pixel_shuffle": "shuffle.PixelShuffle",
        "pixel_unshuffle": "shuffle.PixelUnshuffle",
        "window_partition": "token_windows.WindowPartition",
        "window_reverse": "token_windows.WindowReverse",
        "identity": "reshape.Identity",
        "dropout": "regularization.Dropout",
        "drop_path": "regularization.DropPath",
    }
)
