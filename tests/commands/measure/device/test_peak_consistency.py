"""Peaks that contradict themselves: each rule at its threshold, from both sides."""

from __future__ import annotations

import pytest

from archprof.commands.measure.device.peak_consistency import of_peaks
from archprof.commands.measure.judging.roofline import Peaks


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


@pytest.mark.parametrize(
    ("launch_us", "graph_us", "said"),
    [
        # 1 MiB at 500 GB/s takes 2.1 us in a graph; the host's 4.5 us are not a contradiction
        (4.5, 1.5, []),
        (4.5, 4.1, []),
        (4.5, 4.3, ["4.30 µs within a graph, a transfer of 1.00 MiB 2.10 µs"]),
        (
            1.0,
            4.3,
            [
                "4.30 µs within a graph, a transfer of 1.00 MiB 2.10 µs",
                "4.30 µs within a graph, 1.00 µs by itself",
            ],
        ),
        (1.0, 2.1, ["2.10 µs within a graph, 1.00 µs by itself"]),
    ],
)
def test_the_smallest_op_within_a_graph(launch_us: float, graph_us: float, said: list[str]) -> None:
    found = of_peaks(peaks(500, launch_us=launch_us)._replace(graph_launch_s=graph_us / 1e6))
    assert [one.message for one in found] == [f"the smallest op took {text}" for text in said]
