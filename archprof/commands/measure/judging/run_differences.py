"""What differs between the conditions of two runs, by their manifests."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from archprof.commands.measure.writing.run_labels import KEY, Row

Manifest = dict[str, Any]

IDENTITY = ("type", "name", "cores", "capability", "compute_capability", "multiprocessors", "mig")
"""What makes a device another one.

Its index and its driver do not, nor does its memory, of which a driver or a kernel keeps now more,
now less.
"""

MATCHED = tuple(dict.fromkeys((*KEY, "autocast", "optimizer")))
"""The conditions that two measurements share where they are compared."""

EARLIER = {"train": False, "autocast": False, "optimizer": "sgd"}
"""What rows had by whose versions it was not yet written down."""

EARLIER_FLAGS = {"transfers": False, "sustained_s": 0.0}
"""Flags of runs by whose versions they were not yet written down."""

UNIMPORTANT = frozenset({"time_limit_s", "sustained_s", "any_clock"})
"""Flags that say how long was measured and what was kept, not what ran."""


def conditions(row: Row) -> tuple[str, ...]:
    """Return the conditions of a measurement, by which it is found in another run."""
    return tuple(str(row.get(name) or EARLIER.get(name)) for name in MATCHED)


def device_identity(manifest: Manifest) -> dict[str, Any]:
    """Return what makes the device of a run another one than a second device."""
    return {name: manifest["device"].get(name) for name in IDENTITY}


def other_device(first: Manifest, second: Manifest) -> str:
    """Return in which way two runs were on different devices, "" for the same one."""
    one, other = device_identity(first), device_identity(second)
    found = [f"{name} {one[name]} against {other[name]}" for name in IDENTITY]
    return ", ".join(
        text for name, text in zip(IDENTITY, found, strict=True) if one[name] != other[name]
    )


def differences(manifests: Sequence[Manifest]) -> list[str]:
    """Return which parts of the device, versions, flags and specs differ between the runs."""
    found = []
    for part in ("device", "versions", "flags"):
        for key in dict.fromkeys(key for manifest in manifests for key in manifest[part]):
            values = [manifest[part].get(key, EARLIER_FLAGS.get(key)) for manifest in manifests]
            if any(value != values[0] for value in values):
                found.append(f"{key}: {' against '.join(map(str, values))}")
    for network in dict.fromkeys(name for manifest in manifests for name in manifest["specs"]):
        specs = [
            manifest["specs"][network] for manifest in manifests if network in manifest["specs"]
        ]
        if len({spec["sha256"] for spec in specs}) > 1:
            found.append(f"the spec of {network}: the runs measured different texts")
        if any(spec["overrides"] != specs[0]["overrides"] for spec in specs):
            found.append(f"--set of {network}: the runs measured different parameters")
    return found
