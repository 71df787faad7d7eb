"""The FLOPs of a step of several passes."""

from archprof.training.step import Timeline
from archprof.training.step_arithmetic import StepArithmetic, arithmetic_of


class Part:
    def __init__(self, macs: int, flops: int) -> None:
        self.macs, self.flops = macs, flops


def test_a_multiply_accumulate_is_two_flops_and_passes_are_alike() -> None:
    """2 passes were simulated of 6: 3 x (2 x 10 + 4), 3 x (2 x 20 + 8), 3 x (2 x 5), 9."""
    parts = (Part(10, 4), Part(20, 8), Part(5, 0), Part(0, 9))
    timeline = Timeline((), 0, *parts)  # type: ignore[arg-type]
    assert arithmetic_of(timeline, 2, 6) == StepArithmetic(72, 144, 30, 9)


def test_what_runs_again_is_a_share_of_both_passes() -> None:
    flops = StepArithmetic(100, 200, 50, 10)
    assert (flops.all, flops.recomputed_share) == (360, 50 / 300)
