"""Power from a counter of energy that moves in steps."""

from __future__ import annotations

import math

import pytest

from archprof.commands.measure.on_device.gauge import READINGS, TICK, Gauge
from archprof.commands.measure.on_device.sensors import Sensors, State


class Stepping(Sensors):
    """A device at 500 W whose counter moves every `period` seconds; a reading takes 1 ms."""

    def __init__(self, period: float = 0.1) -> None:
        super().__init__()
        self.period, self.time, self.readings = period, 0.0, 0

    def now(self) -> float:
        return self.time

    def state(self) -> State:
        return {"clock_mhz": 1000 + self.readings}

    def joules(self) -> float:
        self.time += 0.001
        self.readings += 1
        return 500 * self.period * math.floor(self.time / self.period)


def test_power_is_that_between_two_steps() -> None:
    """Read at any moment, 0.03 s and 0.55 s, the counter has 0 and 250 J: 481 W. From step to step,
    at 0.1 s and at 0.6, it is right within the reading's millisecond.
    """
    sensors = Stepping()
    gauge = Gauge(sensors, sensors.now)
    sensors.time = 0.03
    gauge.tick()
    sensors.time = 0.55
    gauge.tick()
    assert gauge.watts == pytest.approx(500, rel=0.005)


def test_one_moment_has_no_power() -> None:
    sensors = Stepping()
    gauge = Gauge(sensors, sensors.now)
    assert gauge.watts is None
    gauge.tick()
    assert gauge.watts is None
    assert Gauge(Sensors(), sensors.now).watts is None


def test_a_counter_that_stands_still_is_not_waited_for() -> None:
    sensors = Stepping(period=10.0)
    gauge = Gauge(sensors, sensors.now)
    gauge.tick()
    assert TICK <= sensors.time <= TICK + 0.003
    frozen = Stepping(period=1e9)
    gauge = Gauge(frozen, lambda: 0.0)
    gauge.tick()
    gauge.tick()
    assert frozen.readings == 2 * (READINGS + 1)
    assert gauge.watts is None


def test_the_state_is_the_last_that_was_read() -> None:
    sensors = Stepping()
    gauge = Gauge(sensors, sensors.now)
    gauge.read()
    sensors.readings = 5
    gauge.read()
    assert gauge.state == {"clock_mhz": 1005}
