"""Linear layers in eight bits: their products in float8, all else as it was.

Weights are converted once, what comes in is converted in each pass, both with one scale for a
tensor: its largest magnitude becomes float8's, 448. That is what torchao calls dynamic scaling by
tensor. torch has no convolutions in float8.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from archprof.model.modules import MultiheadSelfAttention

FLOAT8 = torch.float8_e4m3fn
LARGEST = torch.finfo(FLOAT8).max  # 448
SMALLEST = 1e-12  # of a scale, so that zeros are not divided by zero
MULTIPLE = 16  # of which cuBLAS requires both widths of a product in float8


class Float8Linear(nn.Module):
    """A linear layer whose product runs in float8 and is accumulated in float32.

    It takes what the layer took, (*, in), and returns (*, out) in the dtype of what came in.
    """

    weight: Tensor
    weight_scale: Tensor
    bias: Tensor | None

    def __init__(self, weight: Tensor, bias: Tensor | None):
        super().__init__()
        scale = _scale(weight)
        self.register_buffer("weight", _converted(weight, scale))
        self.register_buffer("weight_scale", scale)
        self.register_buffer("bias", bias)
        self.out_features, self.in_features = weight.shape

    def forward(self, x: Tensor) -> Tensor:
        rows = x.reshape(-1, self.in_features)
        scale = _scale(rows)
        product = torch._scaled_mm(
            _converted(rows, scale),
            self.weight.t(),
            scale_a=scale,
            scale_b=self.weight_scale,
            bias=self.bias,
            out_dtype=x.dtype,
            use_fast_accum=True,
        )
        return product.reshape(*x.shape[:-1], self.out_features)


class Float8Attention(nn.Module):
    """Self-attention whose two linear layers run in float8."""

    def __init__(self, attention: MultiheadSelfAttention):
        super().__init__()
        self.attention = attention
        self.projection = Float8Linear(attention.in_proj_weight.data, _data(attention.in_proj_bias))

    def forward(self, x: Tensor) -> Tensor:
        return self.attention.attend(self.projection(x))


def convert(module: nn.Module, image: Tensor) -> int:
    """Replace the linear layers that float8 can multiply; return their MACs for these images.

    The network must be in evaluation mode. Raises ValueError where no layer can be replaced.
    """
    found: dict[nn.Module, nn.Module | None] = {}
    # attention comes ahead of the layer within it, which must be replaced there first
    for name, layer in reversed(list(module.named_modules(remove_duplicate=False))):
        if layer not in found:
            found[layer] = _in_float8(layer)
        instead = found[layer]
        if instead is not None:
            _replace(module, name, instead)
    replaced = [layer for layer in module.modules() if isinstance(layer, Float8Linear)]
    if not replaced:
        raise ValueError(
            f"float8 has products of linear layers alone, whose widths are multiples of {MULTIPLE},"
            " and this network has none; measure it in bfloat16"
        )
    return _macs(module, replaced, image)


def _in_float8(layer: nn.Module) -> nn.Module | None:
    """Return what takes the layer's place, None where float8 has no product for it."""
    if isinstance(layer, MultiheadSelfAttention) and _fits(layer.in_proj_weight):
        return Float8Attention(layer)
    if isinstance(layer, nn.Linear) and _fits(layer.weight):
        return Float8Linear(layer.weight.data, _data(layer.bias))
    return None


def _fits(weight: Tensor) -> bool:
    return all(size % MULTIPLE == 0 for size in weight.shape)


def _data(parameter: Tensor | None) -> Tensor | None:
    return None if parameter is None else parameter.data


def _replace(module: nn.Module, name: str, layer: nn.Module) -> None:
    parent, _, last = name.rpartition(".")
    setattr(module.get_submodule(parent), last, layer)


def _macs(module: nn.Module, replaced: list[Float8Linear], image: Tensor) -> int:
    """Return the multiply-accumulates of the layers in one pass, each as often as it is called."""
    counted: list[int] = []

    def count(layer: Float8Linear, given: tuple[Tensor, ...]) -> None:
        counted.append(given[0].numel() * layer.out_features)

    hooks = [layer.register_forward_pre_hook(count) for layer in replaced]
    with torch.inference_mode():
        module(image)
    for hook in hooks:
        hook.remove()
    return sum(counted)


def _scale(values: Tensor) -> Tensor:
    """Return what the values are divided by, so that their largest magnitude is float8's."""
    return (values.abs().amax().float() / LARGEST).clamp(min=SMALLEST)


def _converted(values: Tensor, scale: Tensor) -> Tensor:
    # torch rounds beyond the largest to not-a-number; rounding a scale can lead there
    return (values / scale).clamp(-LARGEST, LARGEST).to(FLOAT8)
