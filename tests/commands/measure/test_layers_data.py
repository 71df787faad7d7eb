"""Times of layers as data: plain numbers with their units."""

from __future__ import annotations

import json

import pytest

from archprof.commands.measure.layers_data import layers_data
from archprof.commands.measure.layers_tables import layers_table
from tests.commands.measure.paper import PEAKS, TIMES, analysis


def test_kernels_are_held_against_the_launch_of_the_device() -> None:
    """205,376 bytes of `c` at 4e8 B/s, and its 1,843,200 FLOPs in 1.8 ms: less than the host's
    launch of 1 s, more than the device's of 1 us.
    """
    peaks = PEAKS._replace(launch_s=1.0, graph_launch_s=1e-6)
    (host, *_) = layers_data(TIMES, analysis(), peaks)["layers"]
    kernels = tuple(layer._replace(kernel_seconds=0.03) for layer in TIMES.layers)
    (device, *_) = layers_data(TIMES._replace(layers=kernels), analysis(), peaks)["layers"]
    assert (host["bound"], device["bound"]) == ("launch", "compute")


def test_data_is_plain_and_has_its_units() -> None:
    data = json.loads(json.dumps(layers_data(TIMES, analysis(), PEAKS)))
    assert data["whole_ms"] == pytest.approx(
        data["layers_ms"] - data["timing_overhead_ms"] + data["launch_gaps_and_fusion_ms"]
    )
    assert data["layers"][0] | {"time_ms": 0, "roofline_ms": 0, "attained": 0} == {
        "path": "c",
        "op": "conv2d",
        "what": "conv2d 3x3",
        "block": "c",
        "time_ms": 0,
        "kernel_ms": None,
        "flops": 1_843_200,
        "bytes_moved": 205_376,
        "roofline_ms": 0,
        "bound": "compute",
        "attained": 0,
        "faster_than_roofline": False,
    }
    # a table needs the data alone
    assert layers_table(data, "op") == layers_table(layers_data(TIMES, analysis(), PEAKS), "op")
