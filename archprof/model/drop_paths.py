"""Drop paths seen in evaluation, where they do nothing: a second capture in training is not needed
for them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from torch import Tensor, nn
from torch.nn import functional

PROBABILITIES: dict[tuple[str, str], Callable[[Any], float | None]] = {
    ("torchvision.ops.stochastic_depth", "StochasticDepth"): lambda part: (
        part.p if part.mode == "row" else None
    ),
    ("timm.layers.drop", "DropPath"): lambda part: part.drop_prob or 0,
}
"""By the module and name of a public class, how to read with which probability it drops a sample;
None where it drops otherwise.
"""


def probability(part: nn.Module) -> float | None:
    """Return with which probability a public drop path drops a sample, None for other modules."""
    read = PROBABILITIES.get((type(part).__module__, type(part).__qualname__))
    return read(part) if read is not None else None


@contextmanager
def seen(module: nn.Module) -> Iterator[None]:
    """Let public drop paths run as a dropout for a while, which evaluation passes through and a
    tape has; `capturing/wholes.py` takes it for what it is.
    """
    changed = []
    for part in module.modules():
        dropped = probability(part)
        if dropped and "forward" not in part.__dict__:
            part.__dict__["forward"] = _dropout(dropped)
            changed.append(part)
    try:
        yield
    finally:
        for part in changed:
            del part.__dict__["forward"]


def _dropout(dropped: float) -> Callable[[Tensor], Tensor]:
    def forward(x: Tensor) -> Tensor:
        return functional.dropout(x, dropped, training=False)

    return forward
