"""What the records of a run have in common: their conditions, and what cannot be true of them."""

from __future__ import annotations

from typing import Literal

from archprof.show.contract import Strict

Dtype = Literal["float32", "tf32", "float16", "bfloat16", "float8"]
MemoryFormat = Literal["contiguous", "channels_last"]
Mode = Literal["eager", "graph", "compile", "reduce-overhead", "max-autotune", "onnxruntime"]


class Contradiction(Strict):
    """What cannot be true of a measurement, and which of its figures are unusable for it."""

    about: Literal["latency", "attained", "layers", "transfers"]
    message: str
