"""The totals that are sums over layers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from archprof.analysis.counting import OPTIMIZERS, in_lectures
from archprof.analysis.layer_analysis import LayerAnalysis
from archprof.analysis.totals import Sum


class Sums(NamedTuple):
    """The totals that are sums over layers: those of two parts of a network add up.

    `untrained`: elements of parameters that get no gradient. `layers` and `edges`: how many there
    are, and how many inputs they have.
    """

    params: int
    frozen_params: int
    untrained: int
    buffers: int
    macs: int
    flops: int
    counted: int
    weight_bytes: int
    sum_outputs_bytes: int
    lecture_outputs_bytes: int
    bytes_moved: int
    saved_bytes: int
    aux_params: int
    layers: int
    edges: int

    def training_bytes(self, copies: int, itemsize: int) -> int:
        """Return the bytes of weights, of so many copies of what is trained (its gradients, the
        optimizer's state), and of what autograd keeps.
        """
        return (
            self.weight_bytes
            + copies * (self.params - self.untrained) * itemsize
            + (self.saved_bytes)
        )


def copies(optimizer: str, ema: bool) -> int:
    """Return how many copies of what is trained there are: its gradients, the optimizer's state,
    the average.
    """
    return 1 + OPTIMIZERS[optimizer] + ema


def sums(rows: Sequence[LayerAnalysis]) -> Sums:
    """Return the sums over layers; lower bounds where some of their answers are unknown."""
    main = [row for row in rows if not row.node.aux]
    return Sums(
        params=sum(row.node.params for row in rows),
        frozen_params=sum(row.node.frozen_params for row in rows),
        untrained=sum(row.node.untrained for row in rows),
        buffers=sum(row.node.buffers for row in rows),
        macs=Sum.of(row.macs for row in main).known,
        flops=Sum.of(row.flops for row in main).known,
        counted=Sum.of(row.counted for row in main).known,
        weight_bytes=sum(row.weight_bytes for row in rows),
        sum_outputs_bytes=sum(row.output_bytes for row in main),
        lecture_outputs_bytes=sum(row.output_bytes for row in main if in_lectures(row.node.op)),
        bytes_moved=sum(row.bytes_moved for row in main),
        saved_bytes=Sum.of(row.saved_bytes for row in rows).known,
        aux_params=sum(row.node.params for row in rows if row.node.aux),
        layers=len(rows),
        edges=sum(len(row.node.inputs) for row in rows),
    )
