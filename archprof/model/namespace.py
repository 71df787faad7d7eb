"""The `torch` that every op gets to build itself: its own, and what it has no name for."""

from __future__ import annotations

from typing import Any

import torch
from torch import nn
from torch.nn import functional

from archprof.model import functions, modules


class _Layers:
    """torch.nn, with archprof's modules and functions beside its own."""

    LayerNorm2d = modules.LayerNorm2d
    GlobalResponseNorm = modules.GlobalResponseNorm
    GlobalResponseNorm2d = modules.GlobalResponseNorm2d
    ScaledStdConv2d = modules.ScaledStdConv2d
    TableConv2d = modules.TableConv2d
    MultiheadSelfAttention = modules.MultiheadSelfAttention
    SequenceLSTM = modules.SequenceLSTM
    SequenceGRU = modules.SequenceGRU
    SequenceRNN = modules.SequenceRNN
    DropPath = modules.DropPath
    add = staticmethod(functions.add)
    add_ = staticmethod(functions.add_)
    scale_along = staticmethod(functions.scale_along)
    slice = staticmethod(functions.slice_)
    reshape = staticmethod(functions.reshape)
    per_sample = staticmethod(functions.per_sample)
    itself = staticmethod(functions.itself)
    mul_ = staticmethod(functions.mul_)
    pad_same = staticmethod(functions.pad_same)
    attention = staticmethod(functions.attention)
    window_partition = staticmethod(functions.window_partition)
    window_reverse = staticmethod(functions.window_reverse)
    relative_position_index = staticmethod(functions.relative_position_index)
    relative_position_bias = staticmethod(functions.relative_position_bias)
    window_mask = staticmethod(functions.window_mask)
    kept = staticmethod(functions.kept)
    functional = functional

    def __getattr__(self, name: str) -> Any:
        return getattr(nn, name)


class Torch:
    """The part of torch that ops use, with archprof's few modules and functions in `nn`."""

    nn = _Layers()
    zeros = staticmethod(torch.zeros)
    mul = staticmethod(torch.mul)
    cat = staticmethod(torch.cat)
    permute = staticmethod(torch.permute)
    roll = staticmethod(torch.roll)
    select = staticmethod(torch.select)


TORCH = Torch()
