"""What each row of the table says autograd keeps, against the tensors that it does keep."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.autograd.graph import saved_tensors_hooks
from torch.nn import functional

from archprof.analysis.analysis import Analysis, analyze
from tests.captured import captured

Function = Callable[[Tensor], Any]

VECTOR, ROWS, IMAGE, VIDEO = (1, 6), (1, 4, 6), (1, 4, 6, 6), (1, 2, 4, 6, 6)
WINDOW = torch.tensor([[0, 1], [2, 3]])

CASES: dict[str, tuple[tuple[int, ...], Function]] = {
    # activations
    "relu": (IMAGE, torch.relu),
    "relu6": (IMAGE, functional.relu6),
    "leaky_relu": (IMAGE, functional.leaky_relu),
    "sigmoid": (IMAGE, torch.sigmoid),
    "tanh": (IMAGE, torch.tanh),
    "silu": (IMAGE, functional.silu),
    "gelu": (IMAGE, functional.gelu),
    "hardsigmoid": (IMAGE, functional.hardsigmoid),
    "hardswish": (IMAGE, functional.hardswish),
    "hardtanh": (IMAGE, functional.hardtanh),
    "softmax": (ROWS, lambda x: x.softmax(-1)),
    "log_softmax": (ROWS, lambda x: x.log_softmax(-1)),
    "elu": (IMAGE, functional.elu),
    "celu": (IMAGE, functional.celu),
    "selu": (IMAGE, functional.selu),
    "mish": (IMAGE, functional.mish),
    "softplus": (IMAGE, functional.softplus),
    "glu": (IMAGE, lambda x: functional.glu(x, 1)),
    "erf": (IMAGE, torch.erf),
    # arithmetic
    "add": (IMAGE, lambda x: x + x.flip(1)),
    "sub": (IMAGE, lambda x: x - x.flip(1)),
    "rsub": (IMAGE, lambda x: 1 - x),
    "neg": (IMAGE, torch.neg),
    "mul": (IMAGE, lambda x: x * x.flip(1)),
    "mul by a number": (IMAGE, lambda x: x * 2),
    "div": (IMAGE, lambda x: x / x.flip(1)),
    "div by a number": (IMAGE, lambda x: x / 2),
    "reciprocal": (IMAGE, torch.reciprocal),
    "addcmul": (IMAGE, lambda x: torch.addcmul(x, x.flip(1), x.flip(2))),
    "addcdiv": (IMAGE, lambda x: torch.addcdiv(x, x.flip(1), x.flip(2))),
    "lerp": (IMAGE, lambda x: torch.lerp(x, x.flip(1), 0.5)),
    "pow": (IMAGE, lambda x: x.pow(3)),
    "square": (IMAGE, torch.square),
    "sqrt": (IMAGE, torch.sqrt),
    "rsqrt": (IMAGE, torch.rsqrt),
    "exp": (IMAGE, torch.exp),
    "expm1": (IMAGE, torch.expm1),
    "log": (IMAGE, torch.log),
    "log2": (IMAGE, torch.log2),
    "log1p": (IMAGE, torch.log1p),
    "sin": (IMAGE, torch.sin),
    "cos": (IMAGE, torch.cos),
    "atan2": (IMAGE, lambda x: torch.atan2(x, x.flip(1))),
    "abs": (IMAGE, torch.abs),
    "clamp": (IMAGE, lambda x: x.clamp(0.1, 0.5)),
    "clamp_min": (IMAGE, lambda x: x.clamp_min(0.1)),
    "clamp_max": (IMAGE, lambda x: x.clamp_max(0.1)),
    "maximum": (IMAGE, lambda x: torch.maximum(x, x.flip(1))),
    "where": (IMAGE, lambda x: torch.where(x > 0, x, x.flip(1))),
    "masked_fill": (IMAGE, lambda x: x.masked_fill(x > 0, 0.0)),
    "cumsum": (ROWS, lambda x: x.cumsum(1)),
    # reductions
    "mean": (IMAGE, lambda x: x.mean((2, 3))),
    "sum": (IMAGE, lambda x: x.sum(1)),
    "amax": (IMAGE, lambda x: x.amax(1)),
    "max": (IMAGE, lambda x: x.max(1)[0]),
    "logsumexp": (IMAGE, lambda x: x.logsumexp(1)),
    "prod": (IMAGE, lambda x: x.prod(1)),
    "var": (IMAGE, lambda x: x.var(1)),
    "std": (IMAGE, lambda x: x.std(1)),
    "var_mean": (IMAGE, lambda x: torch.var_mean(x, 1)),
    "norm": (IMAGE, lambda x: x.norm(dim=1)),
    "topk": (ROWS, lambda x: x.topk(2)[0]),
    "sort": (ROWS, lambda x: x.sort()[0]),
    # pooling and resizing
    "max_pool2d": (IMAGE, lambda x: functional.max_pool2d(x, 2)),
    "avg_pool2d": (IMAGE, lambda x: functional.avg_pool2d(x, 2)),
    "avg_pool1d": (ROWS, lambda x: functional.avg_pool1d(x, 2)),
    "max_pool1d": (ROWS, lambda x: functional.max_pool1d(x, 2)),
    "max_pool3d": (VIDEO, lambda x: functional.max_pool3d(x, 2)),
    "avg_pool3d": (VIDEO, lambda x: functional.avg_pool3d(x, 2)),
    "adaptive_avg_pool1d": (ROWS, lambda x: functional.adaptive_avg_pool1d(x, 1)),
    "adaptive_avg_pool2d": (IMAGE, lambda x: functional.adaptive_avg_pool2d(x, 2)),
    "adaptive_avg_pool2d to one": (IMAGE, lambda x: functional.adaptive_avg_pool2d(x, 1)),
    "adaptive_avg_pool3d": (VIDEO, lambda x: functional.adaptive_avg_pool3d(x, 2)),
    "adaptive_avg_pool3d to one": (VIDEO, lambda x: functional.adaptive_avg_pool3d(x, 1)),
    "adaptive_max_pool2d": (IMAGE, lambda x: functional.adaptive_max_pool2d(x, 2)),
    "nearest": (IMAGE, lambda x: functional.interpolate(x, scale_factor=2)),
    "bilinear": (IMAGE, lambda x: functional.interpolate(x, size=(9, 9), mode="bilinear")),
    "bicubic": (IMAGE, lambda x: functional.interpolate(x, size=(9, 9), mode="bicubic")),
    # norms
    "layer_norm": (ROWS, lambda x: functional.layer_norm(x, (6,))),
    "group_norm": (IMAGE, lambda x: functional.group_norm(x, 2)),
    "instance_norm": (IMAGE, functional.instance_norm),
    "rms_norm": (ROWS, lambda x: functional.rms_norm(x, (6,))),
    # products
    "matmul": (ROWS, lambda x: x @ x.flip(1).transpose(1, 2)),
    "matmul of heads": (
        (2, 4, 3, 6),
        lambda x: x.transpose(1, 2) @ x.transpose(1, 2).exp().transpose(2, 3),
    ),
    "matmul of heads that lie as they are": ((2, 4, 3, 6), lambda x: x @ x.exp().transpose(2, 3)),
    "matmul with one for all heads": ((2, 4, 6, 6), lambda x: x @ x[:, :1].exp()),
    "matmul of heads of one image": (
        (1, 4, 3, 6),
        lambda x: x.transpose(1, 2) @ x.transpose(1, 2).exp().transpose(2, 3),
    ),
    "einsum": (ROWS, lambda x: torch.einsum("bij,bkj->bik", x, x.flip(1))),
    "attention": (IMAGE, lambda x: functional.scaled_dot_product_attention(x, x.exp(), x.sin())),
    "attention of narrow values": (
        IMAGE,
        lambda x: functional.scaled_dot_product_attention(x, x.exp(), x.sin().narrow(-1, 0, 3)),
    ),
    # moves
    "cat": (ROWS, lambda x: torch.cat([x, x.flip(1)], 1)),
    "pad": (ROWS, lambda x: functional.pad(x, (1, 1))),
    "roll": (ROWS, lambda x: x.roll(1, 1)),
    "repeat": (ROWS, lambda x: x.repeat(1, 2, 1)),
    "stack": (ROWS, lambda x: torch.stack([x, x.flip(1)], 1)),
    "index": (ROWS, lambda x: x[:, WINDOW.to(x.device)]),
    "gather": (ROWS, lambda x: x.gather(1, torch.zeros_like(x, dtype=torch.int64))),
    "transpose": (ROWS, lambda x: x.transpose(1, 2).contiguous()),
    "unbind": (ROWS, lambda x: x.unbind(1)),
    "chunk": (ROWS, lambda x: x.chunk(2, 1)),
}


class Behind(nn.Module):
    """A function behind a parameter, so that a gradient goes through it."""

    def __init__(self, function: Function):
        super().__init__()
        self.function = function
        self.shift = nn.Parameter(torch.ones(1))

    def forward(self, x: Tensor) -> Any:
        return self.function(x + self.shift)


class All(nn.Module):
    """Every case beside the others."""

    def __init__(self) -> None:
        super().__init__()
        self.parts = nn.ModuleList(Behind(function) for _, function in CASES.values())

    def forward(self, *inputs: Tensor) -> list[Any]:
        return [part(x) for part, x in zip(self.parts, inputs, strict=True)]


@pytest.fixture(scope="module")
def analysis() -> Analysis:
    graph = captured(All(), *(shape for shape, _ in CASES.values()))
    return analyze(graph)


def kept_by_autograd(function: Function, shape: tuple[int, ...]) -> int:
    """Return the bytes of the tensors that autograd keeps of a function, each storage once."""
    kept: dict[int, int] = {}

    def pack(tensor: Tensor) -> Tensor:
        kept[tensor.untyped_storage().data_ptr()] = tensor.untyped_storage().nbytes()
        return tensor

    module = Behind(function)
    with saved_tensors_hooks(pack, lambda tensor: tensor):
        result = module(torch.rand(shape))
    assert result is not None
    return sum(kept.values())


@pytest.mark.parametrize("name", CASES)
def test_saved_as_autograd_keeps_it(analysis: Analysis, name: str) -> None:
    shape, function = CASES[name]
    path = f"parts.{list(CASES).index(name)}"
    rows = [
        row.saved_bytes
        for node, row in zip(analysis.graph.nodes, analysis.layers, strict=True)
        if node.path == path or node.path.startswith(f"{path}.")
    ]
    assert rows
    assert None not in rows
    assert sum(rows) == kept_by_autograd(function, shape)
