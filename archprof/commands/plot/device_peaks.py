"""The peaks of a device that `archprof device` keeps."""

from __future__ import annotations

from typing import NoReturn

import torch

from archprof.commands.measure.device import kept_peaks as kept
from archprof.commands.measure.device.peaks import Measured
from archprof.commands.measure.on_device.torch_device import resolve
from archprof.draw.roofline_chart import DevicePeaks
from archprof.problem import Mark, ProblemError


def kept_peaks(name: str, dtype: str) -> DevicePeaks:
    """Return what was measured of a device and kept.

    Raises ProblemError where nothing was, and for a device that is not there.
    """
    where: torch.device = resolve(name)

    def refuse(*_: object) -> Measured:
        _refuse(name, dtype)

    found = kept.peaks(where, dtype, lambda path, text: None, measure=refuse).peaks
    return DevicePeaks(found.device, found.dtype, found.flops_per_s, found.copy_bytes_per_s)


def _refuse(name: str, dtype: str) -> NoReturn:
    message = f"nothing is kept of {name} with {dtype}"
    hint = f"archprof device --device {name} --dtype {dtype} measures it once"
    raise ProblemError.of(Mark("--device"), "device", message, hint)
