"""The `torch` that every op gets to build itself: its own, and what it has no name for."""

from __future__ import annotations

from typing import Any

import torch
from torch import nn
from torch.nn import functional

from archprof.model import constants, deformable, functions, modules


class _Layers:
    """torch.nn, with archprof's modules and functions beside its own."""

    LayerNorm2d = modules.LayerNorm2d
    AntialiasedUpsample = modules.AntialiasedUpsample
    PartlyBiasedLinear = modules.PartlyBiasedLinear
    GlobalResponseNorm = modules.GlobalResponseNorm
    GlobalResponseNorm2d = modules.GlobalResponseNorm2d
    BlurPool2d = modules.BlurPool2d
    StdConv2d = modules.StdConv2d
    ScaledStdConv2d = modules.ScaledStdConv2d
    TableConv2d = modules.TableConv2d
    DeformConv2d = deformable.DeformConv2d
    MultiheadSelfAttention = modules.MultiheadSelfAttention
    SequenceLSTM = modules.SequenceLSTM
    SequenceGRU = modules.SequenceGRU
    SequenceRNN = modules.SequenceRNN
    DropPath = modules.DropPath
    add = staticmethod(functions.add)
    add_ = staticmethod(functions.add_)
    multiply = staticmethod(functions.multiply)
    scale_along = staticmethod(functions.scale_along)
    slice = staticmethod(functions.slice_)
    reshape = staticmethod(functions.reshape)
    per_sample = staticmethod(functions.per_sample)
    itself = staticmethod(functions.itself)
    mul_ = staticmethod(functions.mul_)
    pad_lowest = staticmethod(functions.pad_lowest)
    pad_same = staticmethod(functions.pad_same)
    attention = staticmethod(functions.attention)
    window_partition = staticmethod(functions.window_partition)
    window_reverse = staticmethod(functions.window_reverse)
    relative_position_index = staticmethod(functions.relative_position_index)
    relative_position_bias = staticmethod(functions.relative_position_bias)
    window_mask = staticmethod(functions.window_mask)
    arange = staticmethod(constants.arange)
    linspace = staticmethod(constants.linspace)
    binomial = staticmethod(constants.binomial)
    relative_coordinates = staticmethod(constants.relative_coordinates)
    sincos = staticmethod(constants.sincos)
    sincos_2d = staticmethod(constants.sincos_2d)
    fourier_2d = staticmethod(constants.fourier_2d)
    position_encoding2d = staticmethod(constants.position_encoding2d)
    einsum = staticmethod(functions.einsum)
    kept = staticmethod(functions.kept)
    functional = functional

    def __getattr__(self, name: str) -> Any:
        return getattr(nn, name)


class Torch:
    """The part of torch that ops use, with archprof's few modules and functions in `nn`."""

    nn = _Layers()
    zeros = staticmethod(torch.zeros)
    full = staticmethod(torch.full)
    tensor = staticmethod(torch.tensor)
    unsqueeze = staticmethod(torch.unsqueeze)
    mul = staticmethod(torch.mul)
    sub = staticmethod(torch.sub)
    div = staticmethod(torch.div)
    maximum = staticmethod(torch.maximum)
    minimum = staticmethod(torch.minimum)
    pow = staticmethod(torch.pow)
    exp = staticmethod(torch.exp)
    log = staticmethod(torch.log)
    sqrt = staticmethod(torch.sqrt)
    abs = staticmethod(torch.abs)
    sin = staticmethod(torch.sin)
    cos = staticmethod(torch.cos)
    clamp = staticmethod(torch.clamp)
    cat = staticmethod(torch.cat)
    permute = staticmethod(torch.permute)
    roll = staticmethod(torch.roll)
    select = staticmethod(torch.select)
    matmul = staticmethod(torch.matmul)
    mean = staticmethod(torch.mean)
    sum = staticmethod(torch.sum)
    amax = staticmethod(torch.amax)
    amin = staticmethod(torch.amin)
    linalg = torch.linalg


TORCH = Torch()
