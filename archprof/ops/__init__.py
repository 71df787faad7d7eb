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
        "conv1d": "convolution.Conv1d",
        "conv2d": "convolution.Conv2d",
        "conv3d": "convolution.Conv3d",
        "table_conv2d": "table_convolution.TableConv2d",
        "conv_transpose1d": "transposed_convolution.ConvTranspose1d",
        "conv_transpose2d": "transposed_convolution.ConvTranspose2d",
        "conv_transpose3d": "transposed_convolution.ConvTranspose3d",
        "blur_pool2d": "blur_pooling.BlurPool2d",
        "std_conv2d": "standardised_convolution.StdConv2d",
        "scaled_std_conv2d": "standardised_convolution.ScaledStdConv2d",
        "deform_conv2d": "deformable_convolution.DeformConv2d",
        "linear": "linear.Linear",
        "embedding": "embedding.Embedding",
        "lstm": "recurrent.Lstm",
        "gru": "recurrent.Gru",
        "rnn": "recurrent.Rnn",
        "scale": "scale.Scale",
        "scale_by": "scale.ScaleBy",
        "parameter": "linear.Parameter",
        "buffer": "buffer.ConstantBuffer",
        "position_encoding2d": "position_encoding.PositionEncoding2d",
        "attention": "attention.Attention",
        "matmul": "matmul.Matmul",
        "einsum": "einsum.Einsum",
        "multihead_attention": "multihead_attention.MultiheadAttention",
        "relative_position_bias": "window_attention.RelativePositionBias",
        "window_mask": "window_attention.WindowMask",
        "max_pool1d": "pooling.MaxPool1d",
        "max_pool2d": "pooling.MaxPool2d",
        "max_pool3d": "pooling.MaxPool3d",
        "avg_pool1d": "pooling.AvgPool1d",
        "avg_pool2d": "pooling.AvgPool2d",
        "avg_pool3d": "pooling.AvgPool3d",
        "adaptive_avg_pool1d": "adaptive_pooling.AdaptiveAvgPool1d",
        "adaptive_avg_pool2d": "adaptive_pooling.AdaptiveAvgPool2d",
        "adaptive_avg_pool3d": "adaptive_pooling.AdaptiveAvgPool3d",
        "adaptive_max_pool1d": "adaptive_pooling.AdaptiveMaxPool1d",
        "adaptive_max_pool2d": "adaptive_pooling.AdaptiveMaxPool2d",
        "adaptive_max_pool3d": "adaptive_pooling.AdaptiveMaxPool3d",
        "mean": "reduction.MeanAlong",
        "sum": "reduction.SumAlong",
        "max": "reduction.MaxAlong",
        "min": "reduction.MinAlong",
        "norm": "reduction.NormAlong",
        "batch_norm1d": "normalization.BatchNorm1d",
        "batch_norm2d": "normalization.BatchNorm2d",
        "batch_norm3d": "normalization.BatchNorm3d",
        "instance_norm1d": "instance_norm.InstanceNorm1d",
        "instance_norm2d": "instance_norm.InstanceNorm2d",
        "instance_norm3d": "instance_norm.InstanceNorm3d",
        "layer_norm": "layer_norm.LayerNorm",
        "layer_norm2d": "layer_norm.LayerNorm2d",
        "group_norm": "normalization.GroupNorm",
        "rms_norm": "layer_norm.RmsNorm",
        "normalize": "normalize.Normalize",
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
        "softmax": "softmax.Softmax",
        "log_softmax": "softmax.LogSoftmax",
        "elu": "exponential_activation.Elu",
        "celu": "exponential_activation.Celu",
        "selu": "exponential_activation.Selu",
        "mish": "exponential_activation.Mish",
        "softplus": "exponential_activation.Softplus",
        "logsigmoid": "exponential_activation.Logsigmoid",
        "hardtanh": "bounded_activation.Hardtanh",
        "softsign": "bounded_activation.Softsign",
        "glu": "gated_activation.Glu",
        "add": "merge.Add",
        "multiply": "merge.Multiply",
        "concat": "merge.Concat",
        "subtract": "arithmetic.Subtract",
        "divide": "arithmetic.Divide",
        "maximum": "arithmetic.Maximum",
        "minimum": "arithmetic.Minimum",
        "pow": "elementwise.Pow",
        "exp": "elementwise.Exp",
        "log": "elementwise.Log",
        "sqrt": "elementwise.Sqrt",
        "abs": "elementwise.Abs",
        "sin": "elementwise.Sin",
        "cos": "elementwise.Cos",
        "clamp": "elementwise.Clamp",
        "shift_by": "elementwise.ShiftBy",
        "slice": "slicing.Slice",
        "split": "splitting.Split",
        "chunk": "splitting.Chunk",
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
        "dropout1d": "regularization.Dropout1d",
        "dropout2d": "regularization.Dropout2d",
        "dropout3d": "regularization.Dropout3d",
        "drop_path": "regularization.DropPath",
    }
)
