"""The few modules that torch has no name for."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional


class LayerNorm2d(nn.LayerNorm):
    """Layer norm over the channels of an N×C×H×W tensor, as
    torchvision.models.convnext.LayerNorm2d.
    """

    def forward(self, x: Tensor) -> Tensor:
        x = functional.layer_norm(
            x.permute(0, 2, 3, 1), self.normalized_shape, self.weight, self.bias, self.eps
        )
        return x.permute(0, 3, 1, 2)


class AntialiasedUpsample(nn.Upsample):
    """A resizing with antialiasing, which torch has as a function alone."""

    def forward(self, x: Tensor) -> Tensor:
        return functional.interpolate(
            x, self.size, self.scale_factor, self.mode, self.align_corners, antialias=True
        )


class PartlyBiasedLinear(nn.Linear):
    """A linear layer whose bias is zero from one output feature to before another, as in
    torchvision.models.swin_transformer.shifted_window_attention.
    """

    def __init__(self, in_features: int, out_features: int, start: int, stop: int):
        super().__init__(in_features, out_features)
        self.start, self.stop = start, stop

    def forward(self, x: Tensor) -> Tensor:
        bias = self.bias.clone()
        bias[self.start : self.stop].zero_()
        return functional.linear(x, self.weight, bias)


class GlobalResponseNorm(nn.Module):
    """ConvNeXt V2's GRN on N×H×W×C, as timm.layers.GlobalResponseNorm."""

    def __init__(self, channels: int, eps: float = 1e-6):
        super().__init__()
        self.eps = eps
        self.weight = nn.Parameter(torch.zeros(channels))
        self.bias = nn.Parameter(torch.zeros(channels))

    def forward(self, x: Tensor) -> Tensor:
        norm = x.norm(p=2, dim=(1, 2), keepdim=True)
        ratio = norm / (norm.mean(dim=-1, keepdim=True) + self.eps)
        return x + torch.addcmul(
            self.bias.view(1, 1, 1, -1), self.weight.view(1, 1, 1, -1), x * ratio
        )


class GlobalResponseNorm2d(GlobalResponseNorm):
    """ConvNeXt V2's GRN on N×C×H×W, as timm.layers.GlobalResponseNorm with channels_last=False."""

    def forward(self, x: Tensor) -> Tensor:
        norm = x.norm(p=2, dim=(2, 3), keepdim=True)
        ratio = norm / (norm.mean(dim=1, keepdim=True) + self.eps)
        return x + torch.addcmul(
            self.bias.view(1, -1, 1, 1), self.weight.view(1, -1, 1, 1), x * ratio
        )


class BlurPool2d(nn.Module):
    """Each channel convolved with the binomial filter, as timm.layers.BlurPool2d."""

    filt: Tensor

    def __init__(self, channels: int, kernel: int, stride: int):
        super().__init__()
        self.kernel, self.stride = kernel, stride
        steps = kernel - 1
        line = torch.tensor([math.comb(steps, k) / 2**steps for k in range(kernel)])
        filt = torch.outer(line, line).repeat(channels, 1, 1, 1)
        self.register_buffer("filt", filt, persistent=False)

    def forward(self, x: Tensor) -> Tensor:
        x = functional.pad(x, [(self.stride + self.kernel - 2) // 2] * 4, mode="reflect")
        return functional.conv2d(x, self.filt, stride=self.stride, groups=x.shape[1])


class StdConv2d(nn.Conv2d):
    """A convolution with standardised filters, as timm.layers.StdConv2d."""

    def __init__(self, *args: Any, eps: float, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.eps = eps

    def forward(self, x: Tensor) -> Tensor:
        rows = self.weight.reshape(1, self.out_channels, -1)
        weight = functional.batch_norm(rows, None, None, training=True, momentum=0.0, eps=self.eps)
        result: Tensor = self._conv_forward(x, weight.reshape_as(self.weight), self.bias)
        return result


class ScaledStdConv2d(nn.Conv2d):
    """A convolution with standardised filters, as timm.layers.ScaledStdConv2d."""

    def __init__(self, *args: Any, gamma: float, eps: float, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.gamma, self.eps = gamma, eps
        self.gain = nn.Parameter(torch.ones(self.out_channels, 1, 1, 1))

    def forward(self, x: Tensor) -> Tensor:
        weight = functional.batch_norm(
            self.weight.reshape(1, self.out_channels, -1),
            None,
            None,
            weight=(self.gain * (self.gamma * self.weight[0].numel() ** -0.5)).view(-1),
            training=True,
            momentum=0.0,
            eps=self.eps,
        ).reshape_as(self.weight)
        result: Tensor = self._conv_forward(x, weight, self.bias)
        return result


class TableConv2d(nn.Conv2d):
    """A convolution whose output n sees only the input channels table[n]: one kernel per
    connection, summed by output.

    `sources`, the input channel of each connection, is a buffer on the module's device: a list
    would be copied there in every pass. The state dict has it not, for the table says it.
    """

    sources: Tensor

    def __init__(
        self, table: Sequence[Sequence[int]], kernel: tuple[int, int], bias: bool, **window: Any
    ):
        sources = [channel for row in table for channel in row]
        self.counts = [len(row) for row in table]
        super().__init__(
            len(sources),
            len(sources),
            kernel,
            groups=len(sources),
            bias=False,
            **window,
        )
        self.register_buffer("sources", torch.tensor(sources), persistent=False)
        if bias:
            self.bias = nn.Parameter(torch.empty(len(table)))
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draw uniformly within 1/sqrt(fan_in) as torch does, by the fan-in of each output."""
        bounds = [(count * math.prod(self.kernel_size)) ** -0.5 for count in self.counts]
        of_connections = [
            bound for bound, count in zip(bounds, self.counts, strict=True) for _ in range(count)
        ]
        with torch.no_grad():
            self.weight.uniform_(-1, 1).mul_(
                self.weight.new_tensor(of_connections).view(-1, 1, 1, 1)
            )
            if self.bias is not None:
                self.bias.uniform_(-1, 1).mul_(self.bias.new_tensor(bounds))

    def forward(self, x: Tensor) -> Tensor:
        maps = self._conv_forward(x[:, self.sources], self.weight, None)
        result = torch.stack([part.sum(1) for part in maps.split(self.counts, dim=1)], dim=1)
        return result if self.bias is None else result + self.bias.view(-1, 1, 1)


class MultiheadSelfAttention(nn.MultiheadAttention):
    """torch's own parameters, without the fast path that hides the products of queries, keys and
    values from torch's FLOP counter.
    """

    def __init__(self, channels: int, heads: int):
        super().__init__(channels, heads, batch_first=True)

    def forward(self, x: Tensor) -> Tensor:  # type: ignore[override]
        return self.attend(functional.linear(x, self.in_proj_weight, self.in_proj_bias))

    def attend(self, projected: Tensor) -> Tensor:
        """Return the output for the queries, keys and values together, N×T×3C."""
        n, tokens, width = projected.shape
        channels = width // 3
        query, key, value = (
            projected.view(n, tokens, 3, self.num_heads, channels // self.num_heads)
            .permute(2, 0, 3, 1, 4)
            .contiguous()
        )
        mixed = functional.scaled_dot_product_attention(query, key, value)
        result: Tensor = self.out_proj(mixed.transpose(1, 2).contiguous().flatten(2))
        return result


class SequenceLSTM(nn.LSTM):
    """torch's own, with samples before steps: N×T×C give the states of all steps, N×T×H."""

    def __init__(self, input_size: int, hidden_size: int, **kwargs: Any):
        super().__init__(input_size, hidden_size, batch_first=True, **kwargs)

    def forward(self, x: Tensor) -> Tensor:  # type: ignore[override]
        result: Tensor = super().forward(x)[0]
        return result


class SequenceGRU(nn.GRU):
    """torch's own, with samples before steps: N×T×C give the states of all steps, N×T×H."""

    def __init__(self, input_size: int, hidden_size: int, **kwargs: Any):
        super().__init__(input_size, hidden_size, batch_first=True, **kwargs)

    def forward(self, x: Tensor) -> Tensor:  # type: ignore[override]
        result: Tensor = super().forward(x)[0]
        return result


class SequenceRNN(nn.RNN):
    """torch's own, with samples before steps: N×T×C give the states of all steps, N×T×H."""

    def __init__(self, input_size: int, hidden_size: int, **kwargs: Any):
        super().__init__(input_size, hidden_size, batch_first=True, **kwargs)

    def forward(self, x: Tensor) -> Tensor:  # type: ignore[override]
        result: Tensor = super().forward(x)[0]
        return result


class DropPath(nn.Module):
    """Drops the branch of whole samples in training, as torchvision.ops.StochasticDepth in row
    mode.
    """

    def __init__(self, p: float):
        super().__init__()
        self.p = p

    def forward(self, x: Tensor) -> Tensor:
        if not self.training or self.p == 0:
            return x
        keep = 1 - self.p
        noise = torch.empty(
            [x.shape[0], *[1] * (x.ndim - 1)], dtype=x.dtype, device=x.device
        ).bernoulli_(keep)
        if keep > 0:
            noise.div_(keep)
        return x * noise

    def extra_repr(self) -> str:
        return f"p={self.p}"
