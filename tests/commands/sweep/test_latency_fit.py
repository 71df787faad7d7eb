"""A latency model measured for real, on the CPU, of tiny networks."""

from pathlib import Path
from typing import Any

import pytest

from archprof.commands.sweep import latency_fit
from archprof.commands.sweep.device_options import DeviceOptions
from archprof.commands.sweep.latency_fit import fit_latency
from archprof.commands.sweep.measured_variants import measure_variants
from archprof.problem import ProblemError
from archprof.sweeping.latency.layers import layers_of
from archprof.sweeping.single import drawn_variants
from tests.sweeping.tiny_spaces import SPACE, tiny_space

QUICK = DeviceOptions("cpu", 1, 0.05)


def latency(run: dict[str, Any], place: int) -> float:
    """Return a measured latency, whatever speaks against it."""
    found: float = run["measurements"][place]["latency_ms"]
    return found


@pytest.mark.slow
def test_a_model_of_a_tiny_space(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(latency_fit, "SAMPLED", 1)
    # on a busy machine times of microseconds contradict themselves, which is not what is tested
    monkeypatch.setattr(latency_fit, "milliseconds", latency)
    space = tiny_space(tmp_path)
    model = fit_latency(space, 8, QUICK, seed=5)
    assert (model.conditions.device_type, model.conditions.threads) == ("cpu", 1)
    assert (model.error.count, model.floor.count if model.floor else 0) == (4, 4)
    # whole variants: every second of the first eight; the next eight are for their layers alone
    drawn = drawn_variants(space, 16, seed=5)
    wanted = {layer.key for one in [*drawn[:8:2], *drawn[8:]] for layer in layers_of(one.analysis)}
    assert set(model.timed) == wanted
    prediction = model.predict(layers_of(drawn[0].analysis))
    assert prediction is not None
    assert prediction.looked_up == 1.0
    assert 0 < prediction.latency_ms < 1000  # a few layers of 8x8 pixels


def test_too_few_variants_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ProblemError, match="found 7, expected at least 8"):
        fit_latency(tiny_space(tmp_path), 7, QUICK)
    small = tiny_space(tmp_path, SPACE + "where: $width == 3 and $blocks > 2\n")
    with pytest.raises(ProblemError, match="found 6, expected at least 8"):  # of 2 x 3 variants
        fit_latency(small, 9, QUICK)


def test_an_interrupted_measurement_gives_no_model(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*given: Any) -> dict[str, Any]:
        data = measure_variants(*given)
        data["run"]["complete"] = False
        return data

    monkeypatch.setattr(latency_fit, "SAMPLED", 0)
    monkeypatch.setattr(latency_fit, "measure_variants", interrupted)
    with pytest.raises(KeyboardInterrupt):
        fit_latency(tiny_space(tmp_path), 8, DeviceOptions("cpu", 1, 0.01))
