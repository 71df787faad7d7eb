"""Holding a device: what is queued waits, and a hold that is over too soon is made longer."""

from __future__ import annotations

import pytest

from archprof.commands.measure.on_device.clock import CpuClock, CudaClock
from archprof.commands.measure.on_device.hold import Hold
from tests.commands.measure.fake_cuda import FakeCuda


def test_the_device_waits_until_all_is_queued() -> None:
    """100 launches of 10 us take the host 1 ms, twice the first hold of 1 ms fits: 100 kernels of
    2 us in a row are 0.2 ms, and not the 1 ms of the host.
    """
    cuda = FakeCuda(launch_seconds=10e-6)
    hold = Hold(CudaClock(cuda))
    queued = []

    def queue() -> None:
        queued.append(hold.seconds)
        for _ in range(100):
            cuda.launch(2e-6)

    assert hold.time(queue) == pytest.approx(0.2e-3)
    assert queued == [0.001, 0.002]
    assert hold.time(queue) == pytest.approx(0.2e-3)
    assert queued[2:] == [0.002]  # it stays as long as was found to be needed
    assert not hold.lost


def test_what_cannot_be_held_is_given_up_once() -> None:
    cuda = FakeCuda()
    hold = Hold(CudaClock(cuda))
    tries = []

    def waits() -> None:
        tries.append(hold.seconds)
        cuda.launch(0.5)
        cuda.synchronize()

    assert hold.time(waits) == pytest.approx(0.5)
    assert hold.lost
    # 1, 2, 4 to 512 ms, the longest, and once more without any
    assert tries == [0.001 * 2**i for i in range(10)] + [1.0, 1.0]
    tries.clear()
    hold.time(waits)
    assert len(tries) == 1


def test_what_is_too_much_for_the_queue_is_held_in_parts() -> None:
    """2000 launches: 900, 900 and 200, each part with its own hold, and none of the holds timed."""
    cuda = FakeCuda(launch_seconds=1e-6)
    hold = Hold(CudaClock(cuda))

    def queue() -> None:
        for _ in range(2000):
            hold.make_room(1)
            cuda.launch(3e-6)

    assert hold.time(queue) == pytest.approx(2000 * 3e-6)
    assert cuda.longest == 900 + 4  # the hold and its end, and the stamps of the part


def test_on_the_processor_nothing_is_held() -> None:
    runs = []
    hold = Hold(CpuClock())
    assert 0 <= hold.time(lambda: runs.append(1)) < 1
    assert runs == [1]
    assert not hold.lost
