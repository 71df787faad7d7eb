"""Variants of a network as columns, and what is found of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from archprof.record import Record

if TYPE_CHECKING:
    from numpy import ndarray


class Variants(Record):
    """So many variants of one network.

    `values`: by parameter of the network what replaces it: a plain value, a `Column` with a number
    for each variant, or a list with such in it. Texts and truth values are the same for all: who
    makes variants makes one `Variants` for each choice of them. `input`: the shape without the
    batch, of numbers or columns; None: the network's own.
    """

    count: int
    values: Mapping[str, Any]
    input: tuple[Any, ...] | None = None


class Found(Record):
    """What is found of variants: by name of `TOTALS`, and of `OF_STEP` where a step is simulated, a
    whole number for each, and why one is invalid.

    `reasons[i]` is 0 for a valid variant, otherwise 1 + its index in `faults`: rule and message of
    the first problem. The totals of an invalid one mean nothing. `composed`: whether they were
    composed of parts that variants share; otherwise each variant was analysed by itself, because of
    `refused`.
    """

    totals: Mapping[str, ndarray[Any, Any]]
    reasons: ndarray[Any, Any]
    faults: tuple[tuple[str, str], ...] = ()
    composed: bool = False
    refused: str = ""

    def numbered(self, faults: dict[tuple[str, str], int]) -> ndarray[Any, Any]:
        """Return reasons by the numbers that their faults have among `faults`, which gets them."""
        import numpy as np

        numbers = [0, *(faults.setdefault(fault, len(faults) + 1) for fault in self.faults)]
        renumbered: ndarray[Any, Any] = np.array(numbers)[self.reasons]
        return renumbered


NONE = -1
"""In a column of receptive fields: there is none."""

TOTALS = (
    "params",
    "frozen_params",
    "buffers",
    "macs",
    "flops",
    "counted",
    "weight_bytes",
    "sum_outputs_bytes",
    "lecture_outputs_bytes",
    "peak_inference_bytes",
    "bytes_moved",
    "saved_bytes",
    "training_bytes",
    "depth",
    "aux_params",
    "field_height",
    "field_width",
    "sees",
)
"""The numbers of a variant, called as in `Totals`; the sides of the largest receptive field, NONE
where there is none (of a sequence or a volume: its first and its last axis); and what the layers
see, as index of SEES.
"""

OF_STEP = ("training_peak_bytes", "step_flops")
"""The numbers of a step of training, which are there where it is simulated; NONE of a variant whose
step is not.
"""

SEES = ("local", "all", "unknown")
