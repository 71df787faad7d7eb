"""The least time of a step: its arithmetic over the rate that a device reaches."""

from __future__ import annotations

from typing import NamedTuple

from archprof.language.budget import parse_limit
from archprof.problem import Mark, ProblemError
from archprof.training.step_arithmetic import StepArithmetic
from archprof.training.training_conditions import DEVICES


class ReachedRate(NamedTuple):
    """FLOPs per second, and where the figure comes from."""

    flops_per_s: float
    source: str


class LeastTime(NamedTuple):
    """The least milliseconds of a step, and of the arithmetic that the model needs.

    `model_ms` leaves out what runs again: a step of t ms has an MFU of model_ms / t (Chowdhery et
    al. 2022, PaLM, arXiv:2204.02311, appendix B).
    """

    step_ms: float
    model_ms: float


def peak_rate(text: str, dtype: str) -> ReachedRate:
    """Return a rate that is stated, such as 312T, or a device's that was measured and kept.

    Raises ProblemError where nothing is kept of the device, and no torch can tell which it is.
    """
    stated = parse_limit("max_macs", text)
    if stated:
        return ReachedRate(float(stated), "as stated")
    if text.partition(":")[0] not in DEVICES:
        message = f"`{text[:60]}` is neither a rate nor a device"
        hint = "FLOPs per second such as 312T, as a data sheet has them; or cuda, cpu"
        raise ProblemError.of(Mark("--peaks"), "option", message, hint)
    from archprof.commands.measure.planning.measurement_plan import require_torch

    require_torch("fit")
    from archprof.commands.plot.device_peaks import kept_peaks

    try:
        found = kept_peaks(text, dtype)
    except ProblemError as error:
        (problem,) = error.problems
        hint = f"{problem.hint}; or state it, as a data sheet does: --peaks 312T"
        raise ProblemError.of(Mark("--peaks"), "option", problem.message, hint) from None
    return ReachedRate(found.flops_per_s, f"measured on {found.device} with {found.dtype}")


def least_time(flops: StepArithmetic, rate: ReachedRate) -> LeastTime:
    """Return the least time of a step."""
    model = flops.forward + flops.backward + flops.update
    return LeastTime(1e3 * flops.all / rate.flops_per_s, 1e3 * model / rate.flops_per_s)
