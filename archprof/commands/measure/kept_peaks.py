"""A device's peaks, measured once and kept in the user's cache directory under the device, its
software and its threads.
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

from archprof.commands.measure.clock import Clock
from archprof.commands.measure.consistency import Contradiction, of_peaks
from archprof.commands.measure.manifest import cuda_device, processor
from archprof.commands.measure.peaks import Measured, Tell, measure_peaks
from archprof.commands.measure.roofline import Peaks
from archprof.commands.measure.sensors import Sensors, moved, sensors
from archprof.commands.measure.torch_device import clock

SCHEMA = 1
SHOWN = 4  # of what was not stable
MOST_BYTES = 2**20  # of a kept file; ours have a few thousand

Measure = Callable[[torch.device, str, Clock, str, Tell, float], Measured]
Write = Callable[[Path, str], object]


class Kept(NamedTuple):
    """Peaks, the file they are kept in (None: in none), whether they come from it, and what there
    is to say about them.

    `contradictions`: how they contradict themselves; `partial`: whether the time did not suffice.
    """

    peaks: Peaks
    path: Path | None
    read: bool
    notes: tuple[str, ...] = ()
    contradictions: tuple[Contradiction, ...] = ()
    partial: bool = False


def peaks(
    device: torch.device,
    dtype: str,
    write: Write,
    again: bool = False,
    tell: Tell = lambda what: None,
    speaker: Sensors | None = None,
    measure: Measure = measure_peaks,
    seconds: float = math.inf,
) -> Kept:
    """What the device reaches with the dtype: as kept, or measured now and kept by `write` (a path,
    a text; it raises OSError), or `again`.

    A file that is not whole, or of another device, is measured anew, in about so many seconds; one
    that cannot be written is said so. What was measured while the device was disturbed, what the
    time did not suffice for, and what contradicts itself is not kept. `speaker` are the device's
    sensors. Raises torch's RuntimeError where the device lacks the dtype.
    """
    speaker = speaker or sensors(device)
    key = identity(device, speaker)
    path = place(key)
    entries, notes = _read(path, key)
    if not again and dtype in entries:
        return Kept(entries[dtype], path, True, tuple(notes))
    speaker.state()  # what came before is not this measurement's
    before = speaker.state()
    found, unstable, cut = measure(device, dtype, clock(device), key["device"], tell, seconds)
    disturbed = moved(before, speaker.state())
    if unstable:
        notes.append(f"not stable within 3 %: {_some(unstable)}")
    contradictions = tuple(of_peaks(found))
    if cut:
        notes.append(
            f"partial and not kept, {seconds:.0f} s did not suffice for: {_some(cut)}; --time-limit"
            " gives more"
        )
    if disturbed:
        notes.append(f"not kept, for the device was disturbed: {'; '.join(disturbed)}")
    if contradictions or cut or disturbed:
        return Kept(found, None, False, tuple(notes), contradictions, bool(cut))
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write(
            path,
            json.dumps(
                {
                    "schema": SCHEMA,
                    "key": key,
                    "peaks": {
                        name: _data(entry) for name, entry in (entries | {dtype: found}).items()
                    },
                },
                indent=1,
            ),
        )
    except OSError as error:
        return Kept(found, None, False, (*notes, f"not kept: {error.strerror or error}: {path}"))
    return Kept(found, path, False, tuple(notes))


def _some(names: list[str]) -> str:
    return ", ".join(names[:SHOWN]) + (
        f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    )


def identity(device: torch.device, speaker: Sensors) -> dict[str, Any]:
    """What a measurement holds for: the device by name, the versions of what drives it, and
    torch's threads on the CPU.
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
        "threads": torch.get_num_threads() if device.type == "cpu" else None,
    }


def place(key: dict[str, Any]) -> Path:
    """Where the peaks of this device and software are kept."""
    name = re.sub(r"[^a-z0-9]+", "-", key["device"].lower()).strip("-")[:60]
    return (
        user_cache_path("archprof")
        / f"peaks-{name}-{hashlib.sha256(json.dumps(key, sort_keys=True).encode()).hexdigest()[:12]}.json"
    )


def _read(path: Path, key: dict[str, Any]) -> tuple[dict[str, Peaks], list[str]]:
    """What the file has, by dtype; nothing and a word about it where it is not ours."""
    try:
        with path.open("rb") as file:
            data = json.loads(file.read(MOST_BYTES))
        if data["schema"] != SCHEMA or data["key"] != key:
            raise ValueError("of another device")
        found = {
            dtype: _peaks(key["device"], dtype, entry) for dtype, entry in data["peaks"].items()
        }
        wrong = [dtype for dtype, entry in found.items() if of_peaks(entry)]
        return {dtype: entry for dtype, entry in found.items() if dtype not in wrong}, [
            f"what was kept of {dtype} contradicts itself" for dtype in wrong
        ]
    except FileNotFoundError:
        return {}, []
    except OSError as error:
        return {}, [f"cannot be read: {error.strerror or error}: {path}"]
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError):
        return {}, [f"what was kept was damaged, or of another device: {path}"]


def _data(found: Peaks) -> dict[str, Any]:
    return {
        "flops_per_s": found.flops_per_s,
        "copy_bytes_per_s": found.copy_bytes_per_s,
        "launch_s": found.launch_s,
        "transfers": [{"bytes": size, "bytes_per_s": rate} for size, rate in found.transfers],
    }


def _peaks(device: str, dtype: str, entry: dict[str, Any]) -> Peaks:
    """Raises ValueError, KeyError or TypeError where the entry is none."""

    def positive(value: Any) -> float:
        if (
            isinstance(value, bool)
            or not isinstance(value, int | float)
            or not 0 < value < math.inf
        ):
            raise ValueError(f"{value!r} is no rate")
        return float(value)

    transfers = tuple(
        (int(positive(transfer["bytes"])), positive(transfer["bytes_per_s"]))
        for transfer in entry["transfers"]
    )
    if not transfers:
        raise ValueError("no transfers")
    return Peaks(
        device,
        dtype,
        positive(entry["flops_per_s"]),
        positive(entry["copy_bytes_per_s"]),
        transfers,
        positive(entry["launch_s"]),
    )
