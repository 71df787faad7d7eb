"""The arithmetic of a whole step, of however many passes."""

from __future__ import annotations

from typing import NamedTuple

from archprof.training.step import Timeline


class StepArithmetic(NamedTuple):
    """FLOPs of a step: 2 for each multiply-accumulate, and all others."""

    forward: int
    backward: int
    recomputed: int
    update: int

    @property
    def all(self) -> int:
        """Everything that is computed in a step."""
        return sum(self)

    @property
    def recomputed_share(self) -> float:
        """What runs again, as a share of forward and backward pass, the same for all batches."""
        return self.recomputed / max(1, self.forward + self.backward)


def arithmetic_of(timeline: Timeline, simulated: int, passes: int) -> StepArithmetic:
    """Return the FLOPs of a step of so many passes, of which some were simulated: all alike."""
    parts = (timeline.forward, timeline.backward, timeline.recomputed)
    flops = (2 * part.macs + part.flops for part in parts)
    forward, backward, recomputed = (count * passes // simulated for count in flops)
    return StepArithmetic(forward, backward, recomputed, timeline.update.flops)
