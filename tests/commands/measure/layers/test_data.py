"""Times of layers as data: plain numbers with their units."""

from __future__ import annotations

import json

import pytest

from archprof.commands.measure.layers.data import layers_data
from archprof.commands.measure.layers.tables import layers_table
from archprof.commands.measure.layers.times import KernelTime
from tests.commands.measure.paper import PEAKS, TIMES, analysis


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
        "bytes_per_s": None,
        "kernels": [],
        "roofline_ms": 0,
        "bound": "compute",
        "attained": 0,
        "faster_than_roofline": False,
    }
    # a table needs the data alone
    assert layers_table(data, "op") == layers_table(layers_data(TIMES, analysis(), PEAKS), "op")


def test_kernels_have_names_launches_and_the_rate_of_their_layer() -> None:
    """c moves 205,376 bytes in 2 ms of kernels: 102.688 MB/s; of 70.1 ms of windows no kernel."""
    kernels = (KernelTime("ampere_sgemm_128x64_tn", 1, 0.0015), KernelTime("other", 2, 0.0005))
    layers = [layer._replace(kernel_seconds=0.0) for layer in TIMES.layers]
    layers[0] = layers[0]._replace(kernel_seconds=0.002, kernels=kernels)
    times = TIMES._replace(layers=tuple(layers), whole=0.003, unheld=0.0035, held=True)
    data = json.loads(json.dumps(layers_data(times, analysis(), PEAKS)))
    assert data["layers"][0]["kernels"] == [
        {
            "name": "ampere_sgemm_128x64_tn",
            "launches": 1,
            "time_us": pytest.approx(1500),
            "tensor_cores": False,
        },
        {
            "name": "other",
            "launches": 2,
            "time_us": pytest.approx(500),
            "tensor_cores": None,
        },
    ]
    assert data["layers"][0]["bytes_per_s"] == pytest.approx(102_688_000)
    assert data["layers"][1]["bytes_per_s"] is None  # no kernel, no rate
    assert (data["kernels_ms"], data["unheld_ms"], data["device_held"]) == (
        pytest.approx(2.0),
        pytest.approx(3.5),
        True,
    )


def test_what_was_not_seen_is_null() -> None:
    data = layers_data(TIMES._replace(unseen="CUPTI_ERROR_X"), analysis())
    assert (data["kernels_ms"], data["unheld_ms"], data["device_held"]) == (None, None, None)
    assert data["kernels_unseen"] == "CUPTI_ERROR_X"


def test_kernels_are_held_against_the_launch_of_the_device() -> None:
    """205,376 bytes of `c` at 4e8 B/s, and its 1,843,200 FLOPs in 1.8 ms: less than the host's
    launch of 1 s, more than the device's of 1 us.
    """
    peaks = PEAKS._replace(launch_s=1.0, graph_launch_s=1e-6)
    (host, *_) = layers_data(TIMES, analysis(), peaks)["layers"]
    kernels = tuple(layer._replace(kernel_seconds=0.03) for layer in TIMES.layers)
    (device, *_) = layers_data(TIMES._replace(layers=kernels), analysis(), peaks)["layers"]
    assert (host["bound"], device["bound"]) == ("launch", "compute")
