"""Measurements that contradict themselves: each rule at its threshold, from both sides; and what
a quiet machine gives is never contradicted.
"""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archprof.commands.measure.judging.consistency import (
    Circumstances,
    of_layers,
    of_measurement,
    of_runs,
    usable,
)
from tests.commands.measure.runs import lost, row, timed

CPU, FLUSHED, CUDA = Circumstances("cpu"), Circumstances("cpu", flushed=True), Circumstances("cuda")


def layers(
    times: dict[str, float],
    whole: float,
    how: Circumstances = CPU,
    measured: dict[str, Any] | None = None,
    **given: Any,
) -> list[str]:
    found = of_layers(timed("net", times, whole) | given, measured or row(latency_ms=whole), how)
    assert all(one.about == "layers" for one in found)
    return [one.message for one in found]


# --- the reports that were found ---


def test_a_gap_of_minus_1732_percent() -> None:
    """Two depthwise layers under load: latency 24.9 ms, the whole pass 919 µs, launch gaps -15.9
    ms.
    """
    found = layers({"conv": 0.9 + 15.919}, 0.919, measured=row(latency_ms=24.9))
    assert found == [
        (
            "the layers took 16.8 ms together, the whole pass 919 µs, each of them a median of 20"
            " passes"
        ),
        "the whole pass took 919 µs while its layers were timed, and 24.9 ms before",
    ]


# --- thresholds ---


@pytest.mark.parametrize(
    ("early", "late", "wrong"),
    [(2.0, 2.9, False), (2.9, 2.0, False), (2.0, 3.1, True), (3.1, 2.0, True)],
)
def test_halves_of_the_runs(early: float, late: float, wrong: bool) -> None:
    """Half as long again is too much."""
    found = of_measurement(row(halves_ms=[early, late]), CPU)
    assert [one.about for one in found] == ["latency"] * wrong
    assert bool(of_runs([early] * 10 + [late] * 10)) is wrong


def test_halves_are_said() -> None:
    assert (
        of_runs([2.0] * 10 + [3.1] * 10)
        == "the earlier half of the runs took 2.00 ms, the later half 3.10 ms"
    )
    assert of_runs([]) == of_runs([1.0]) == ""


@pytest.mark.parametrize(
    ("batched", "how", "wrong"),
    [
        (1.4, CPU, False),
        (1.3, CPU, True),
        (2.9, CPU, False),
        (3.1, CPU, True),
        (0.1, CUDA, False),
        (0.1, FLUSHED, False),
        (None, CPU, False),
    ],
)
def test_runs_back_to_back(batched: float | None, how: Circumstances, wrong: bool) -> None:
    """Beside runs of 2 ms one by one.

    On CUDA a captured pass without its launches may be many times as fast, and so may one with a
    warm cache.
    """
    assert bool(of_measurement(row(batched_ms=batched), how)) is wrong


@pytest.mark.parametrize(
    ("burst", "wrong"), [(2.9, False), (3.1, True), (1.4, False), (1.3, True), (None, False)]
)
def test_a_sustained_load_begins_like_single_runs(burst: float | None, wrong: bool) -> None:
    """Of 2 ms one by one; what becomes of them, 9 ms, is not a contradiction."""
    how = Circumstances("cpu", sustained=True)
    assert bool(of_measurement(row(burst_ms=burst, batched_ms=9.0), how)) is wrong


@pytest.mark.parametrize(
    ("share", "wrong"), [(None, False), (1.0, False), (1.04, False), (1.06, True), (30.0, True)]
)
def test_more_arithmetic_than_there_is(share: float | None, wrong: bool) -> None:
    """That is the peak's fault, not the latency's."""
    found = of_measurement(row(attained_share=share), CPU)
    assert [one.about for one in found] == ["attained"] * wrong


@pytest.mark.parametrize(
    ("dtype", "how", "share", "wrong"),
    [
        ("float32", CUDA, 3.9, False),
        ("float32", CUDA, 4.1, True),
        ("float32", CPU, 1.1, True),
        ("bfloat16", CUDA, 1.1, True),
    ],
)
def test_convolutions_that_multiply_less(
    dtype: str, how: Circumstances, share: float, wrong: bool
) -> None:
    """Winograd's F(4x4, 3x3) multiplies 36 times for 4x4 outputs of 9 products each: 144/36."""
    found = of_measurement(row(attained_share=share, dtype=dtype), how)
    assert [one.about for one in found] == ["attained"] * wrong


def test_what_was_not_measured_is_not_judged() -> None:
    assert of_measurement(lost("failed", "no", attained_share=3.0), CPU) == []


@pytest.mark.parametrize(
    ("layer", "wrong"), [(12.4, False), (12.6, True), (7.6, False), (7.4, True)]
)
def test_layers_and_the_pass(layer: float, wrong: bool) -> None:
    """Of a pass of 10 ms: a quarter more or less, and of one layer 0.005 ms of stamps or 0.02 ms
    of calls.
    """
    assert bool(layers({"a": layer}, 10.0)) is wrong


def test_tiny_layers_may_lack_what_calls_take() -> None:
    """A hundred layers of 1 µs: 2 ms of calls around them are not a contradiction, in two layers
    they are.
    """
    assert layers({f"l{i}": 0.001 for i in range(100)}, 2.0) == []
    assert len(layers({"a": 0.05, "b": 0.05}, 2.0)) == 1


def test_what_is_compiled_or_waits_for_launches_may_part() -> None:
    """Fused work takes less than its layers; a CUDA device waits for the host between kernels."""
    assert layers({"a": 30.0}, 10.0, mode="compile") == []
    assert layers({"a": 30.0}, 10.0, CUDA, mode="graph") == []
    assert layers({"a": 1.0}, 10.0, CUDA) == []
    assert len(layers({"a": 30.0}, 10.0, CUDA, device_held=True)) == 1
    # windows without a held device contain what the host takes to launch
    assert layers({"a": 30.0}, 10.0, CUDA, device_held=False) == []
    assert layers({"a": 30.0}, 10.0, CUDA) == []


def test_kernels_are_the_layers_where_they_are_known() -> None:
    """Kernels of 9 of 10 ms agree whatever the windows are; of 30 ms they cannot."""
    fitting = timed("net", {"a": 30.0}, 10.0, kernels={"a": 9.0}) | {"mode": "eager"}
    assert of_layers(fitting, row(latency_ms=10.0), CUDA) == []
    wrong = timed("net", {"a": 10.0}, 10.0, kernels={"a": 30.0}) | {"mode": "eager"}
    (found,) = of_layers(wrong, row(latency_ms=10.0), CUDA)
    assert "the layers took 30.0 ms together, the whole pass 10.0 ms" in found.message


@pytest.mark.parametrize(
    ("latency", "wrong"), [(14.9, False), (15.1, True), (6.7, False), (6.6, True)]
)
def test_the_pass_and_the_latency(latency: float, wrong: bool) -> None:
    assert bool(layers({"a": 10.0}, 10.0, measured=row(latency_ms=latency))) is wrong
    assert layers({"a": 10.0}, 10.0, FLUSHED, measured=row(latency_ms=latency)) == []
    # of a whole step
    assert layers({"a": 10.0}, 10.0, measured=row(latency_ms=latency, train=True)) == []


@pytest.mark.parametrize(("roofline", "wrong"), [(2.0, False), (2.05, False), (2.2, True)])
def test_rooflines_together(roofline: float, wrong: bool) -> None:
    """Of two layers of 1 ms each; that one alone is faster than its own is not a contradiction but
    a fault, said as such.
    """
    data = timed("net", {"a": 1.0, "b": 1.0}, 2.0)
    data["layers"][0]["roofline_ms"] = roofline - 0.1
    data["layers"][1]["roofline_ms"] = 0.1
    found = [one.message for one in of_layers(data, row(latency_ms=2.0), CPU)]
    assert bool(found) is wrong
    assert not found or "`archprof device --again` on a quiet machine" in found[0]


# --- laws ---


@given(
    st.lists(st.floats(0.1, 10), min_size=1, max_size=30),
    st.floats(0.95, 1.05),
    st.floats(0.8, 1.2),
)
def test_a_quiet_machine_is_never_contradicted(
    times: list[float], gaps: float, later: float
) -> None:
    """The pass within 5 % of its layers, and the latency within 20 % of the pass."""
    whole = gaps * sum(times)
    assert (
        layers(
            {f"l{i}": ms for i, ms in enumerate(times)},
            whole,
            measured=row(latency_ms=later * whole),
        )
        == []
    )


def test_usable() -> None:
    assert usable(row())
    assert usable({})  # of an older version
    wrong = row(contradictions=[{"about": "attained", "message": "more than there is"}])
    assert (usable(wrong), usable(wrong, "attained")) == (True, False)
