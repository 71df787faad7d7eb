"""The JSON of device is as published: measured now or kept, one dtype or those left out."""

from __future__ import annotations

from pathlib import Path

import pytest

from archprof.commands.measure.device import peak_consistency, probes, steady
from archprof.commands.measure.device.kept_peaks import Kept
from archprof.commands.measure.device.tables import device_data
from archprof.commands.measure.judging.consistency import Inconsistency
from archprof.commands.measure.judging.roofline import Peaks
from archprof.commands.measure.layers.contract import DevicePeaks
from tests.command_line import Run
from tests.contracts import contract, keeps, printed


def test_measured_and_kept(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(probes, "EDGES", {"cpu": (64,)})
    monkeypatch.setattr(probes, "CONVOLUTIONS", {"cpu": ((1, 16, 8),)})
    monkeypatch.setattr(probes, "TRANSFERS", {"cpu": range(12, 14)})
    monkeypatch.setattr(steady, "LEAST_WINDOW", 1e-4)
    monkeypatch.setattr(steady, "WARM_SECONDS", 1e-4)
    monkeypatch.setattr(peak_consistency, "PEAK_RULES", ())
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    published = contract(run, "device")
    for _ in range(2):
        keeps(published, printed(run, "device", "--dtype", "float32", "--threads", 1))


def test_unusable_peaks(run: Run) -> None:
    """On a CUDA device, of peaks on paper."""
    peaks = Peaks(
        "A GPU", "bfloat16", 1e12, 1e9, ((4096, 1e9),), 1e-5, 1e-6, (("channels_last", 9e11),)
    )
    kept = Kept(peaks, None, False, ("a note",), (Inconsistency("latency", "no"),), True)
    key = {
        "device": "A GPU",
        "type": "cuda",
        "torch": "2",
        "cuda": "13.0",
        "cudnn": 91000,
        "driver": "580",
        "capability": "9.0",
        "multiprocessors": 132,
        "memory_bytes": 80 * 2**30,
        "power_limit_w": 700.0,
        "threads": None,
    }
    published = contract(run, "device")
    keeps(published, device_data(key, [kept], ["tf32"]))
    # a device with a data sheet
    known = kept._replace(peaks=peaks._replace(device="NVIDIA L4"))
    keeps(published, device_data(key, [known]))


def test_peaks_in_a_run_of_an_earlier_version() -> None:
    """It had one ceiling and one launch."""
    old = DevicePeaks.model_validate(
        {
            "device": "A GPU",
            "dtype": "float32",
            "flops_per_s": 1e12,
            "copy_bytes_per_s": 1e9,
            "ridge_flops_per_byte": 1e3,
            "launch_us": 5.0,
            "transfers": [{"bytes": 4096, "bytes_per_s": 1e9}],
        }
    )
    assert (old.conv_flops_per_s, old.convolutions, old.graph_launch_us) == (None, [], None)
