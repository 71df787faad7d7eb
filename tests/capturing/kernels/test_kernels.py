"""What each operator does in a step of training, against torch's own: every tensor's birth."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional

from archprof.model.step_tracker import track_step
from tests.captured import captured
from tests.training.tracked import differences, simulated

Function = Callable[..., Any]

SAMPLES = 2
ROWS, IMAGE, VIDEO = (4, 6), (4, 6, 6), (2, 4, 6, 6)


class Behind(nn.Module):
    """A function of an input that wants a gradient, and of weights."""

    def __init__(self, function: Function, *weights: tuple[int, ...]):
        super().__init__()
        self.function = function
        self.shift = nn.Parameter(torch.ones(1))
        self.weights = nn.ParameterList(torch.ones(shape) for shape in weights)

    def forward(self, x: Tensor) -> Any:
        return self.function(x + self.shift, *self.weights)


def attended(x: Tensor, mask: Tensor | None = None) -> Tensor:
    return functional.scaled_dot_product_attention(x, x.exp(), x.sin(), mask)


ELEMENTWISE = """
    sigmoid tanh exp expm1 sqrt rsqrt reciprocal log log2 log10 log1p sin cos tan asin acos atan
    sinh cosh asinh acosh atanh erf abs square neg sign floor round tril
"""
ACTIVATIONS = """
    relu relu6 leaky_relu silu gelu hardsigmoid hardswish hardtanh elu celu selu mish softplus
    softshrink
"""
IN_PLACE = "relu relu6 leaky_relu silu hardsigmoid hardswish hardtanh elu"


def in_place(name: str) -> Function:
    """Return an activation that overwrites its input."""
    return lambda x: getattr(functional, name)(x, inplace=True)


ON_IMAGES: dict[str, Function] = {
    **{name: getattr(torch, name) for name in ELEMENTWISE.split()},
    **{name: getattr(functional, name) for name in ACTIVATIONS.split()},
    **{f"{name} in place": in_place(name) for name in IN_PLACE.split()},
    "gelu by tanh": lambda x: functional.gelu(x, approximate="tanh"),
    "threshold": lambda x: functional.threshold(x, 0.1, 0.0),
    "glu": lambda x: functional.glu(x, 1),
    "softmax": lambda x: x.softmax(1),
    "log_softmax": lambda x: x.log_softmax(-1),
    "clamp": lambda x: x.clamp(0.1, 0.5),
    "clamp_min": lambda x: x.clamp_min(0.1),
    "clamp_max": lambda x: x.clamp_max(0.1),
    "clamp in place": lambda x: x.clamp_(0, 1),
    "dropout": functional.dropout,
    "dropout of nothing": lambda x: functional.dropout(x, 0.0),
    "dropout in place": lambda x: functional.dropout(x, 0.5, True, True),
    "dropout2d": functional.dropout2d,
    # sums and products
    "add": lambda x: x + x.flip(1),
    "add times": lambda x: torch.add(x, x.flip(1), alpha=2),
    "add in place": lambda x: x.add_(x.flip(1)),
    "add a number": lambda x: x + 1,
    "sub": lambda x: x - x.flip(1),
    "sub a number": lambda x: x - 1,
    "rsub": lambda x: 1 - x,
    "mul": lambda x: x * x.flip(1),
    "mul by itself": lambda x: x * x,
    "mul by a number": lambda x: x * 2,
    "mul in place": lambda x: x.mul_(2),
    "mul broadcast": lambda x: x * x[:, :1].exp(),
    "div": lambda x: x / x.flip(1),
    "div by a number": lambda x: x / 2,
    "div in place": lambda x: x.div_(2),
    "div broadcast": lambda x: x / x[:, :1].exp(),
    "pow": lambda x: x.pow(3),
    "addcmul": lambda x: torch.addcmul(x, x.flip(1), x.flip(2)),
    "addcdiv": lambda x: torch.addcdiv(x, x.flip(1), x.flip(2)),
    "lerp": lambda x: torch.lerp(x, x.flip(1), 0.5),
    # choices
    "maximum": lambda x: torch.maximum(x, x.flip(1)),
    "minimum": lambda x: torch.minimum(x, x.flip(1)),
    "where": lambda x: torch.where(x > 0, x, x.flip(1)),
    "where or a number": lambda x: torch.where(x > 0, x, 0.0),
    "masked_fill": lambda x: x.masked_fill(x > 0, 0.0),
    # reductions
    "mean": lambda x: x.mean((2, 3), keepdim=True),
    "mean of all": lambda x: x.mean(),
    "sum": lambda x: x.sum(1),
    "sum that is used": lambda x: x * x.sum(1, keepdim=True),
    "amax": lambda x: x.amax(1),
    "max": lambda x: x.max(1)[0],
    "logsumexp": lambda x: x.logsumexp(1),
    "var": lambda x: x.var(1),
    "std": lambda x: x.std(1),
    "var_mean": lambda x: torch.var_mean(x, 1)[0],
    "norm": lambda x: x.norm(dim=1),
    "vector norm": lambda x: torch.linalg.vector_norm(x, dim=1, keepdim=True),
    "norm of magnitudes": lambda x: x.norm(p=1, dim=1),
    "topk": lambda x: x.topk(2)[0],
    "sort": lambda x: x.sort()[0],
    "cumsum": lambda x: x.cumsum(1),
    # pooling and resizing
    "max_pool2d": lambda x: functional.max_pool2d(x, 2),
    "avg_pool2d": lambda x: functional.avg_pool2d(x, 2),
    "adaptive_avg_pool2d": lambda x: functional.adaptive_avg_pool2d(x, 2),
    "adaptive_avg_pool2d to one": lambda x: functional.adaptive_avg_pool2d(x, 1),
    "adaptive_max_pool2d": lambda x: functional.adaptive_max_pool2d(x, 2),
    "nearest": lambda x: functional.interpolate(x, scale_factor=2),
    "bilinear": lambda x: functional.interpolate(x, size=(9, 9), mode="bilinear"),
    "bicubic": lambda x: functional.interpolate(x, size=(9, 9), mode="bicubic"),
    # moves
    "pad": lambda x: functional.pad(x, (1, 1)),
    "pad by nothing": lambda x: functional.pad(x, (0, 0)),
    "reflection pad": lambda x: functional.pad(x, (1, 1, 1, 1), mode="reflect"),
    "circular pad": lambda x: functional.pad(x, (1, 2, -1, 1), mode="circular"),
    "replication pad": lambda x: functional.pad(x, (1, 1, 1, 1), mode="replicate"),
    "roll": lambda x: x.roll(1, 1),
    "flip": lambda x: x.flip(1),
    "repeat": lambda x: x.repeat(1, 2, 1, 1),
    "repeat_interleave": lambda x: x.repeat_interleave(2, 1),
    "stack": lambda x: torch.stack([x, x.flip(1)], 1),
    "cat": lambda x: torch.cat([x, x.flip(1)], 1),
    "index": lambda x: x[:, torch.arange(4).view(2, 2)],
    "index_select": lambda x: x.index_select(1, torch.arange(2)),
    "gather": lambda x: x.gather(1, torch.zeros_like(x, dtype=torch.int64)),
    "pixel_shuffle": lambda x: functional.pixel_shuffle(x, 2),
    "pixel_unshuffle": lambda x: functional.pixel_unshuffle(x, 2),
    "channel_shuffle": lambda x: functional.channel_shuffle(x, 2),
    "unfold": lambda x: functional.unfold(x, 2),
    "clone": lambda x: x.clone(),
    "contiguous": lambda x: x.transpose(1, 2).contiguous(),
    "to the same": lambda x: x.to(torch.float32),
    "detach": lambda x: x + x.detach(),
    # views
    "view": lambda x: x.view(x.shape[0], -1),
    "reshape of a turned one": lambda x: x.transpose(1, 2).reshape(x.shape[0], -1),
    "permute": lambda x: x.permute(0, 2, 3, 1).exp(),
    "movedim": lambda x: x.movedim(1, -1).contiguous(),
    "unsqueeze": lambda x: x.unsqueeze(1).exp(),
    "squeeze": lambda x: x[:, :1].squeeze(1),
    "expand": lambda x: x[:, :1].expand(-1, 4, -1, -1) * 1.5,
    "select": lambda x: x[:, 0],
    "slice": lambda x: x[:, :2],
    "slice by two": lambda x: x[:, ::2],
    "narrow": lambda x: x.narrow(1, 0, 2),
    "unbind": lambda x: x.unbind(1)[0],
    "chunk": lambda x: x.chunk(2, 1)[0],
    "split": lambda x: x.split(1, 1)[0],
    "split of two sizes": lambda x: x.split([1, 3], 1)[1],
    "windows": lambda x: x.unfold(2, 2, 2),
    # norms
    "batch_norm": lambda x: functional.batch_norm(x, None, None, training=True),
    "group_norm": lambda x: functional.group_norm(x, 2),
    "instance_norm": functional.instance_norm,
    # attention
    "attention": attended,
    "attention with a mask": lambda x: attended(x, x.detach().exp()),
    "attention with truth values": lambda x: attended(x, x.detach() > 0),
    "attention with a learned mask": lambda x: attended(x, x),
    "attention of turned heads": lambda x: attended(x.transpose(1, 2)),
}

ON_ROWS: dict[str, Function] = {
    "matmul": lambda x: x @ x.transpose(1, 2),
    "matmul with one for all": lambda x: x @ x[0].exp().transpose(0, 1),
    "bmm": lambda x: torch.bmm(x, x.transpose(1, 2)),
    "baddbmm": lambda x: torch.baddbmm(x[:, :, :4], x, x.transpose(1, 2)),
    "einsum": lambda x: torch.einsum("bij,bkj->bik", x, x.flip(1)),
    "layer_norm": lambda x: functional.layer_norm(x, (6,)),
    "layer_norm of two": lambda x: functional.layer_norm(x, (4, 6)),
    "rms_norm": lambda x: functional.rms_norm(x, (6,)),
    "avg_pool1d": lambda x: functional.avg_pool1d(x, 2),
    "max_pool1d": lambda x: functional.max_pool1d(x, 2),
    "adaptive_avg_pool1d": lambda x: functional.adaptive_avg_pool1d(x, 1),
    "linear interpolation": lambda x: functional.interpolate(x, scale_factor=2, mode="linear"),
}

ON_VIDEOS: dict[str, Function] = {
    "max_pool3d": lambda x: functional.max_pool3d(x, 2),
    "avg_pool3d": lambda x: functional.avg_pool3d(x, 2),
    "adaptive_avg_pool3d": lambda x: functional.adaptive_avg_pool3d(x, 2),
    "trilinear": lambda x: functional.interpolate(x, scale_factor=2, mode="trilinear"),
}

# with weights: the shape of a sample, the function, the shapes of the weights
WITH_WEIGHTS: dict[str, tuple[tuple[int, ...], Function, tuple[tuple[int, ...], ...]]] = {
    "linear": (ROWS, functional.linear, ((5, 6), (5,))),
    "linear without a bias": (ROWS, functional.linear, ((5, 6),)),
    "linear of a turned one": (
        ROWS,
        lambda x, w, b: functional.linear(x.transpose(1, 2), w, b),
        ((5, 4), (5,)),
    ),
    "matmul": (ROWS, lambda x, w: x @ w, ((6, 5),)),
    "mul": (ROWS, lambda x, w: x * w, ((6,),)),
    "mul in place": (ROWS, lambda x, w: x.mul_(w), ((6,),)),
    "add": (ROWS, lambda x, w: x + w, ((6,),)),
    "div": (ROWS, lambda x, w: x / w, ((6,),)),
    "conv1d": (ROWS, functional.conv1d, ((4, 4, 3), (4,))),
    "conv2d": (IMAGE, functional.conv2d, ((4, 4, 3, 3), (4,))),
    "conv2d of channels last": (
        IMAGE,
        lambda x, w: functional.conv2d(x.permute(0, 3, 1, 2), w),
        ((4, 6, 3, 3),),
    ),
    "conv2d that is uneven": (
        IMAGE,
        lambda x, w: functional.conv2d(x, w, padding="same"),
        ((4, 4, 2, 2),),
    ),
    "conv3d": (VIDEO, functional.conv3d, ((3, 2, 2, 2, 2), (3,))),
    "conv_transpose2d": (IMAGE, functional.conv_transpose2d, ((4, 3, 2, 2), (3,))),
    "layer_norm": (ROWS, lambda x, w, b: functional.layer_norm(x, (6,), w, b), ((6,), (6,))),
    "group_norm": (IMAGE, lambda x, w, b: functional.group_norm(x, 2, w, b), ((4,), (4,))),
    "rms_norm": (ROWS, lambda x, w: functional.rms_norm(x, (6,), w), ((6,),)),
    "instance_norm": (
        IMAGE,
        lambda x, w, b: functional.instance_norm(x, None, None, w, b),
        ((4,), (4,)),
    ),
    "prelu": (IMAGE, functional.prelu, ((4,),)),
    "a weight that is standardised": (
        IMAGE,
        lambda x, w: functional.conv2d(x, (w - w.mean((1, 2, 3), keepdim=True)).exp()),
        ((4, 4, 3, 3),),
    ),
    "a weight that is used twice": (
        ROWS,
        lambda x, w: functional.linear(functional.linear(x, w), w),
        ((6, 6),),
    ),
    "a token for each sample": (
        ROWS,
        lambda x, w: torch.cat([w.expand(x.shape[0], -1, -1), x], 1),
        ((1, 1, 6),),
    ),
}


def assert_births(
    module: nn.Module, shape: tuple[int, ...], looked: tuple[bool, ...] = (True, False)
) -> None:
    """Compare the simulated step with that which torch runs, while somebody looks and not."""
    graph = captured(module, (1, *shape))
    image = torch.rand(SAMPLES, *shape)
    target = torch.zeros(SAMPLES, dtype=torch.int64)
    for observed in looked:
        run = deepcopy(module).train()
        tracked = track_step(run, run, image, target, unobserved=not observed)
        timeline = simulated(graph, batch=SAMPLES, observed=observed)
        assert not timeline.unknown
        assert not differences(tracked, timeline), f"{observed=}"


@pytest.mark.parametrize("name", ON_IMAGES)
def test_births_of_functions_of_images(name: str) -> None:
    assert_births(Behind(ON_IMAGES[name]), IMAGE)


@pytest.mark.parametrize("name", ON_ROWS)
def test_births_of_functions_of_rows(name: str) -> None:
    assert_births(Behind(ON_ROWS[name]), ROWS)


@pytest.mark.parametrize("name", ON_VIDEOS)
def test_births_of_functions_of_videos(name: str) -> None:
    assert_births(Behind(ON_VIDEOS[name]), VIDEO)


@pytest.mark.parametrize("name", WITH_WEIGHTS)
def test_births_of_functions_with_weights(name: str) -> None:
    """Of one, torch adds the bias into a further tensor while a mode looks, as the tracker does."""
    shape, function, weights = WITH_WEIGHTS[name]
    looked = (True,) if name == "linear of a turned one" else (True, False)
    assert_births(Behind(function, *weights), shape, looked)
