"""The least time of a step, and where a device's rate comes from."""

from pathlib import Path

import pytest

from archprof.commands.fit.step_time import (
    ReachedRate,
    least_time,
    peak_rate,
)
from archprof.draw.roofline_chart import DevicePeaks
from archprof.problem import ProblemError
from archprof.training.step_arithmetic import StepArithmetic


def test_mfu_leaves_out_what_runs_again() -> None:
    """At 1,000 FLOPs per second 100 + 200 + 50 + 10 take 360 ms, of which the model needs 310."""
    flops = StepArithmetic(100, 200, 50, 10)
    found = least_time(flops, ReachedRate(1_000, "as stated"))
    assert (found.step_ms, found.model_ms) == (360, 310)
    assert flops.recomputed_share == 50 / 300


@pytest.mark.parametrize(("text", "rate"), [("312T", 312e12), ("2.5G", 2.5e9), ("7", 7.0)])
def test_a_stated_rate(text: str, rate: float) -> None:
    assert peak_rate(text, "float32") == ReachedRate(rate, "as stated")


def test_a_measured_rate(monkeypatch: pytest.MonkeyPatch) -> None:
    device_peaks = pytest.importorskip("archprof.commands.plot.device_peaks")
    known = DevicePeaks("A card", "bfloat16", 5e12, 1e9)
    monkeypatch.setattr(device_peaks, "kept_peaks", lambda name, dtype: known)
    assert peak_rate("cuda", "bfloat16") == ReachedRate(5e12, "measured on A card with bfloat16")


def test_where_nothing_is_kept(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    kept = pytest.importorskip("archprof.commands.measure.device.kept_peaks")
    monkeypatch.setattr(kept, "user_cache_path", lambda name: tmp_path / name)
    with pytest.raises(ProblemError) as raised:
        peak_rate("cpu", "float32")
    (problem,) = raised.value.problems
    assert (str(problem.mark), problem.message) == (
        "--peaks",
        "nothing is kept of cpu with float32",
    )
    assert problem.hint == (
        "archprof device --device cpu --dtype float32 measures it once;"
        " or state it, as a data sheet does: --peaks 312T"
    )


def test_what_is_no_rate_and_no_device() -> None:
    with pytest.raises(ProblemError, match="`abc` is neither a rate nor a device"):
        peak_rate("abc", "float32")
