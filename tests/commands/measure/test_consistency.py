"""Measurements that contradict themselves: each rule at its threshold, from both sides; and what
a quiet machine gives is never contradicted.
"""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archprof.commands.measure.consistency import (
    Circumstances,
    of_layers,
    of_measurement,
    of_peaks,
    of_runs,
    usable,
)
from archprof.commands.measure.roofline import Peaks
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


def peaks(*rates: float, launch_us: float = 1.0) -> Peaks:
    """Transfers of 1 MiB by doubling, at so many GB/s."""
    return Peaks(
        "paper",
        "float32",
        1e12,
        1e9 * rates[-1],
        tuple((2 ** (20 + i), 1e9 * rate) for i, rate in enumerate(rates)),
        launch_us / 1e6,
    )


def test_a_transfer_of_32_megabytes_a_second_between_two_of_100_gigabytes() -> None:
    (found,) = of_peaks(peaks(100, 0.032, 100))
    assert found.about == "transfers"
    assert (
        found.message
        == "transfers of 1.00 MiB, 2.00 MiB and 4.00 MiB reached 100 GB/s, 32.0 MB/s and 100 GB/s"
    )


def test_a_valley_of_several_transfers() -> None:
    """Each of the three slow ones is far below 45 GB/s before and 199 GB/s behind; 130 GB/s
    after that is where the caches end.
    """
    found = of_peaks(peaks(45.3, 0.0338, 0.0658, 0.168, 199, 130))
    assert [one.message.rpartition(" reached ")[2] for one in found] == [
        "45.3 GB/s, 33.8 MB/s and 199 GB/s",
        "45.3 GB/s, 65.8 MB/s and 199 GB/s",
        "45.3 GB/s, 168 MB/s and 199 GB/s",
    ]
    # up to a summit and down from it, a factor of 20 at a time
    assert of_peaks(peaks(1, 20, 199, 130, 40, 12)) == []


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
    ("share", "wrong"), [(None, False), (1.0, False), (1.04, False), (1.06, True), (30.0, True)]
)
def test_more_arithmetic_than_there_is(share: float | None, wrong: bool) -> None:
    """That is the peak's fault, not the latency's."""
    found = of_measurement(row(attained_share=share), CPU)
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
    """A hundred layers of 1 µs: 2 ms of calls around them are no contradiction, in two layers
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
    """Of two layers of 1 ms each; that one alone is faster than its own is no contradiction but
    a fault, said as such.
    """
    data = timed("net", {"a": 1.0, "b": 1.0}, 2.0)
    data["layers"][0]["roofline_ms"] = roofline - 0.1
    data["layers"][1]["roofline_ms"] = 0.1
    found = [one.message for one in of_layers(data, row(latency_ms=2.0), CPU)]
    assert bool(found) is wrong
    assert not found or "`archprof device --again` on a quiet machine" in found[0]


@pytest.mark.parametrize(
    ("rates", "wrong"),
    [
        ((100, 90, 40, 12, 11), 0),  # through two caches to memory
        ((5, 20, 90, 60), 0),  # small ones wait for their launch
        ((100, 34, 100), 0),
        ((100, 33, 100), 1),  # a third
        ((100, 33, 30), 0),
        ((20, 100, 100), 0),
        ((10, 31, 10), 1),
        ((10, 29, 10), 0),
        ((100, 1, 100, 1, 100), 3),
        ((100,), 0),
        ((100, 1), 0),
    ],
)
def test_transfers(rates: tuple[float, ...], wrong: int) -> None:
    assert len(of_peaks(peaks(*rates, launch_us=0.001))) == wrong


@pytest.mark.parametrize(("launch_us", "wrong"), [(10.0, False), (20.9, False), (21.1, True)])
def test_the_smallest_op(launch_us: float, wrong: bool) -> None:
    """Beside a transfer of 1 MiB at 100 GB/s, which takes 10.5 µs."""
    assert bool(of_peaks(peaks(100, launch_us=launch_us))) is wrong


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
