"""A device's peaks, measured once and kept in the user's cache directory.

The file is named after the device, its software and its threads.
"""

from __future__ import annotations

import hashlib
import json
import math
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import torch
from platformdirs import user_cache_path

from archprof.commands.measure.device.peak_consistency import of_peaks
from archprof.commands.measure.device.peak_notes import of_unstable, some
from archprof.commands.measure.device.peaks import Measured, Show, measure_peaks
from archprof.commands.measure.judging.consistency import Inconsistency
from archprof.commands.measure.judging.roofline import Peaks
from archprof.commands.measure.on_device.clock import Clock
from archprof.commands.measure.on_device.sensors import Sensors, sensors
from archprof.commands.measure.on_device.torch_device import clock
from archprof.commands.measure.planning.manifest import cuda_device, processor

SCHEMA = 3
OLD = (1, 2)
MOST_BYTES = 2**20  # of a kept file; ours have a few thousand
MOST_NOTES = 20  # of a dtype

Measure = Callable[[torch.device, str, Clock, str, Show, float, Sensors], Measured]
Write = Callable[[Path, str], object]


class FileEntry(NamedTuple):
    """What a file has of a dtype: its peaks, and remarks on how they were measured."""

    peaks: Peaks
    notes: tuple[str, ...]


class Kept(NamedTuple):
    """Peaks, and the file that they are kept in, None for no file.

    `read`: whether they come from the file. `notes`: remarks for the user; those on the measurement
    are kept with the peaks. `contradictions`: how they contradict themselves. `partial`:
    whether the time did not suffice.
    """

    peaks: Peaks
    path: Path | None
    read: bool
    notes: tuple[str, ...] = ()
    contradictions: tuple[Inconsistency, ...] = ()
    partial: bool = False


def peaks(
    device: torch.device,
    dtype: str,
    write: Write,
    again: bool = False,
    show: Show = lambda what: None,
    speaker: Sensors | None = None,
    measure: Measure = measure_peaks,
    seconds: float = math.inf,
) -> Kept:
    """Return what the device reaches with the dtype, from the file or measured now.

    It is measured in about so many `seconds` where the file has nothing, is damaged or is of
    another device, or with `again`; `write` takes a path and a text and may raise OSError. Not kept
    is what the time did not suffice for, and what contradicts itself; what disturbed a measurement
    stays beside its peaks as a note. `speaker` are the device's sensors. Raises torch's
    RuntimeError where the device lacks the dtype.
    """
    speaker = speaker or sensors(device)
    key = identity(device, speaker)
    path = place(key)
    entries, notes = _read(path, key)
    if not again and dtype in entries:
        entry = entries[dtype]
        return Kept(entry.peaks, path, True, (*notes, *entry.notes))
    measured = measure(device, dtype, clock(device), key["device"], show, seconds, speaker)
    found, remarks = measured.peaks, list(measured.notes)
    if measured.unstable:
        remarks.append(of_unstable(measured.unstable, measured.rates))
    notes += remarks
    contradictions = tuple(of_peaks(found))
    if measured.cut:
        notes.append(
            f"partial and not kept, {seconds:.0f} s did not suffice for: {some(measured.cut)};"
            " --time-limit gives more"
        )
    if contradictions or measured.cut:
        return Kept(found, None, False, tuple(notes), contradictions, bool(measured.cut))
    entries[dtype] = FileEntry(found, tuple(remarks))
    kept = {name: _data(entry) for name, entry in entries.items()}
    text = json.dumps({"schema": SCHEMA, "key": key, "peaks": kept}, indent=1)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write(path, text)
    except OSError as error:
        return Kept(found, None, False, (*notes, f"not kept: {error.strerror or error}: {path}"))
    return Kept(found, path, False, tuple(notes))


def identity(device: torch.device, speaker: Sensors) -> dict[str, Any]:
    """Return what peaks depend on: the device, its software and, on a CPU, the threads.

    A slice of a CUDA device (MIG) has fewer multiprocessors and less memory. Two devices of a kind
    share their peaks, unless their power is limited otherwise.
    """
    about = cuda_device(device, speaker) if device.type == "cuda" else processor()
    cudnn = torch.backends.cudnn.version() if torch.backends.cudnn.is_available() else None  # type: ignore[no-untyped-call]
    return {
        "device": about["name"],
        "type": device.type,
        "torch": torch.__version__,
        "cuda": torch.version.cuda,
        "cudnn": cudnn,
        "driver": speaker.driver(),
        "capability": about.get("capability") or about.get("compute_capability"),
        "multiprocessors": about.get("multiprocessors"),
        "memory_bytes": about["memory_bytes"] if device.type == "cuda" else None,
        "power_limit_w": about.get("power_limit_w"),
        "threads": torch.get_num_threads() if device.type == "cpu" else None,
    }


def place(key: dict[str, Any]) -> Path:
    """Return the file in which the peaks of this device and software are kept."""
    name = re.sub(r"[^a-z0-9]+", "-", key["device"].lower()).strip("-")[:60]
    digest = hashlib.sha256(json.dumps(key, sort_keys=True).encode()).hexdigest()
    return user_cache_path("archprof") / f"peaks-{name}-{digest[:12]}.json"


def _read(path: Path, key: dict[str, Any]) -> tuple[dict[str, FileEntry], list[str]]:
    """Return what the file has by dtype, and notes on what of it cannot be used.

    Of a file of an older version nothing is used, and nothing said.
    """
    try:
        with path.open("rb") as file:
            data = json.loads(file.read(MOST_BYTES))
        if data["schema"] in OLD:
            return {}, []
        if data["schema"] != SCHEMA or data["key"] != key:
            raise ValueError("of another device")
        found = {
            dtype: _entry(key["device"], dtype, entry) for dtype, entry in data["peaks"].items()
        }
        wrong = [dtype for dtype, entry in found.items() if of_peaks(entry.peaks)]
        good = {dtype: entry for dtype, entry in found.items() if dtype not in wrong}
        return good, [f"what was kept of {dtype} contradicts itself" for dtype in wrong]
    except FileNotFoundError:
        return {}, []
    except OSError as error:
        return {}, [f"cannot be read: {error.strerror or error}: {path}"]
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError):
        return {}, [f"what was kept was damaged, or of another device: {path}"]


def _data(entry: FileEntry) -> dict[str, Any]:
    found = entry.peaks
    return {
        "flops_per_s": found.flops_per_s,
        "copy_bytes_per_s": found.copy_bytes_per_s,
        "launch_s": found.launch_s,
        "graph_launch_s": found.graph_launch_s,
        "convolutions": dict(found.convolutions),
        "clock_share": found.clock_share,
        "transfers": [{"bytes": size, "bytes_per_s": rate} for size, rate in found.transfers],
        "notes": list(entry.notes),
    }


def _entry(device: str, dtype: str, entry: dict[str, Any]) -> FileEntry:
    """Return what an entry has. Raises ValueError, KeyError or TypeError where it has no peaks."""
    transfers = tuple(
        (int(_positive(transfer["bytes"])), _positive(transfer["bytes_per_s"]))
        for transfer in entry["transfers"]
    )
    if not transfers:
        raise ValueError("no transfers")
    notes = tuple(entry["notes"])
    if len(notes) > MOST_NOTES or not all(isinstance(note, str) for note in notes):
        raise ValueError("no notes")
    graph_launch = entry["graph_launch_s"]
    peaks = Peaks(
        device,
        dtype,
        _positive(entry["flops_per_s"]),
        _positive(entry["copy_bytes_per_s"]),
        transfers,
        _positive(entry["launch_s"]),
        None if graph_launch is None else _positive(graph_launch),
        tuple((order, _positive(rate)) for order, rate in entry["convolutions"].items()),
        _share(entry["clock_share"]),
    )
    return FileEntry(peaks, notes)


def _positive(value: Any) -> float:
    """Return a rate. Raises ValueError where the value is none."""
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if not is_number or not 0 < value < math.inf:
        raise ValueError(f"{value!r} is not a rate")
    return float(value)


def _share(value: Any) -> float:
    """Return a share of a whole. Raises ValueError where the value is none."""
    share = _positive(value)
    if share > 1:
        raise ValueError(f"{value!r} is not a share")
    return share
