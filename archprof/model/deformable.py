"""Deformable convolution as one kernel of torch's, with the arguments, the results and the memory
of torchvision's, in torch's own functions.
"""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

_ARGUMENTS = (
    "Tensor input, Tensor weight, Tensor offset, Tensor mask, Tensor bias, SymInt stride_h,"
    " SymInt stride_w, SymInt pad_h, SymInt pad_w, SymInt dilation_h, SymInt dilation_w,"
    " SymInt groups, SymInt offset_groups, bool use_mask"
)
"""As torchvision declares them: torchvision/csrc/ops/deform_conv2d.cpp."""

_BILINEAR, _ZEROS = 0, 0  # what torch's kernel of grid_sample calls them


class _Sampling:
    """Where the taps of all output pixels lie, and what is sampled there."""

    def __init__(self, x: Tensor, weight: Tensor, offset: Tensor, window: tuple[int, ...]):
        stride_h, stride_w, pad_h, pad_w, dilation_h, dilation_w, self.groups, parts, _ = window
        samples, channels, self.height, self.width = x.shape
        height, width = offset.shape[2:]
        rows, columns = weight.shape[2:]
        self.taps, self.places = rows * columns, height * width
        self.image = x.reshape(samples * parts, channels // parts, self.height, self.width)
        moved = offset.reshape(samples * parts, self.taps, 2, height, width)

        def lattice(places: int, taps: int, stride: int, pad: int, dilation: int) -> Tensor:
            tap, place = (torch.arange(n, device=x.device) for n in (taps, places))
            return place * stride - pad + tap[:, None] * dilation

        down = lattice(height, rows, stride_h, pad_h, dilation_h)
        across = lattice(width, columns, stride_w, pad_w, dilation_w)
        # from pixels to grid_sample's -1 to 1, from the outer edge of the first to that of the last
        y = moved[:, :, 0] + down.repeat_interleave(columns, 0)[:, :, None]
        x = moved[:, :, 1] + across.repeat(rows, 1)[:, None]
        grid = torch.stack([(2 * x + 1) / self.width - 1, (2 * y + 1) / self.height - 1], -1)
        self.grid = grid.flatten(1, 2)

    def sampled(self) -> Tensor:
        """Return the pixels under the taps, (N·parts)×(C/parts)×taps×places."""
        found = functional.grid_sample(self.image, self.grid, align_corners=False)
        return found.view(*self.image.shape[:2], self.taps, self.places)

    def columns(self, sampled: Tensor, samples: int) -> Tensor:
        """Return what each group of filters is multiplied with, N×groups×(C/groups·taps)×places."""
        return sampled.reshape(samples, self.groups, -1, self.places)

    def backward(self, gradient: Tensor) -> tuple[Tensor, Tensor]:
        """Return the gradients of the image and of the offsets from that of `sampled`."""
        gradient = gradient.view(*self.image.shape[:2], self.grid.shape[1], self.grid.shape[2])
        of_image, of_grid = torch.ops.aten.grid_sampler_2d_backward(
            gradient, self.image, self.grid, _BILINEAR, _ZEROS, False, [True, True]
        )
        across, down = of_grid.unflatten(1, (self.taps, -1)).unbind(-1)
        return of_image, torch.stack([down * 2 / self.height, across * 2 / self.width], 2)


@torch.library.custom_op(
    "archprof::deform_conv2d", mutates_args=(), schema=f"({_ARGUMENTS}) -> Tensor"
)
def deform_conv2d(
    x: Tensor, weight: Tensor, offset: Tensor, mask: Tensor, bias: Tensor, *window: int
) -> Tensor:
    """Return the convolution of the pixels that the offsets point to, times the mask."""
    sampling = _Sampling(x, weight, offset, window)
    sampled = sampling.sampled()
    if window[-1]:
        sampled = sampled * mask.reshape(sampled.shape[0], 1, *sampled.shape[2:])
    filters = weight.reshape(sampling.groups, len(weight) // sampling.groups, -1)
    # by no function of torch's that tools replace: they count one kernel, as torchvision's
    result: Tensor = torch.ops.aten.matmul(filters, sampling.columns(sampled, len(x)))
    return result.reshape(len(x), len(weight), *offset.shape[2:]) + bias.view(-1, 1, 1)


@deform_conv2d.register_fake
def _(
    x: Tensor, weight: Tensor, offset: Tensor, mask: Tensor, bias: Tensor, *window: int
) -> Tensor:
    return x.new_empty((x.shape[0], weight.shape[0], *offset.shape[2:]))


@torch.library.custom_op(
    "archprof::deform_conv2d_backward",
    mutates_args=(),
    schema=f"(Tensor grad, {_ARGUMENTS}) -> (Tensor, Tensor, Tensor, Tensor, Tensor)",
)
def _backward(
    gradient: Tensor,
    x: Tensor,
    weight: Tensor,
    offset: Tensor,
    mask: Tensor,
    bias: Tensor,
    *window: int,
) -> tuple[Tensor, Tensor, Tensor, Tensor, Tensor]:
    """Return the gradients of the input, the weight, the offsets, the mask and the bias."""
    sampling = _Sampling(x, weight, offset, window)
    sampled = sampling.sampled()
    factor = mask.reshape(sampled.shape[0], 1, *sampled.shape[2:]) if window[-1] else None
    columns = sampling.columns(sampled if factor is None else sampled * factor, len(x))
    by_group = gradient.reshape(len(x), sampling.groups, -1, sampling.places)
    filters = weight.reshape(sampling.groups, len(weight) // sampling.groups, -1)
    of_weight = (by_group @ columns.mT).sum(0).reshape(weight.shape)
    of_sampled = (filters.mT @ by_group).reshape(sampled.shape)
    of_mask = torch.zeros_like(mask)
    if factor is not None:
        of_mask = (of_sampled * sampled).sum(1).reshape(mask.shape)
        of_sampled = of_sampled * factor
    of_image, of_offset = sampling.backward(of_sampled)
    of_bias = gradient.sum((0, 2, 3))
    return of_image.reshape(x.shape), of_weight, of_offset.reshape(offset.shape), of_mask, of_bias


@_backward.register_fake
def _(gradient: Tensor, *arguments: Any) -> tuple[Tensor, ...]:
    return tuple(each.new_empty(each.shape) for each in arguments[:5])


def _keep(ctx: Any, inputs: tuple[Any, ...], output: Tensor) -> None:
    ctx.save_for_backward(*inputs[:5])
    ctx.window = inputs[5:]


def _gradients(ctx: Any, gradient: Tensor) -> tuple[Tensor | None, ...]:
    found = _backward(gradient, *ctx.saved_tensors, *ctx.window)
    return (*found, *(None for _ in ctx.window))


deform_conv2d.register_autograd(_gradients, setup_context=_keep)


class DeformConv2d(nn.Module):
    """A deformable convolution, as torchvision.ops.DeformConv2d."""

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: tuple[int, int],
        stride: tuple[int, int] = (1, 1),
        padding: tuple[int, int] = (0, 0),
        dilation: tuple[int, int] = (1, 1),
        groups: int = 1,
        bias: bool = True,
    ):
        super().__init__()
        self.kernel_size, self.groups = kernel_size, groups
        self.stride, self.padding, self.dilation = stride, padding, dilation
        self.weight = nn.Parameter(torch.empty(out_channels, in_channels // groups, *kernel_size))
        self.bias = nn.Parameter(torch.empty(out_channels)) if bias else None
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draw uniformly within 1/sqrt(fan_in), as torch's convolutions do."""
        nn.init.kaiming_uniform_(self.weight, a=math.sqrt(5))
        if self.bias is not None:
            bound = math.prod(self.weight.shape[1:]) ** -0.5
            nn.init.uniform_(self.bias, -bound, bound)

    def forward(self, x: Tensor, offset: Tensor, mask: Tensor | None = None) -> Tensor:
        """Return the convolution; in float32 under autocast, where torchvision's is."""
        use_mask = mask is not None
        if mask is None:
            mask = x.new_zeros(len(x), 1)
        bias = x.new_zeros(len(self.weight)) if self.bias is None else self.bias
        given = [x, self.weight, offset, mask, bias]
        device = x.device.type
        wide = torch.amp.is_autocast_available(device) and torch.is_autocast_enabled(device)
        if wide:  # the last argument first, as in C++
            given = [each.float() for each in reversed(given)][::-1]
        parts = offset.shape[1] // (2 * math.prod(self.kernel_size))
        window = (*self.stride, *self.padding, *self.dilation, self.groups, parts)
        result: Tensor = deform_conv2d(*given, *window, use_mask)
        return result.to(x.dtype) if wide else result
