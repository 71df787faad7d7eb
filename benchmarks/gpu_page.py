"""The page `docs/gpu.md`: a text whose figures come from the measurements, none typed by hand.

`{{networks resnet50 1 graph latency_ms}}` is a figure: file, network, batch, mode, field. Two with
a `/` between them are their ratio. In `layers` the field may be `time:KIND` or `flops:KIND`, the
share of the layers of a kind, of KINDS, or `FIELD:`, what is known of all layers together;
`rooflines` has what a graph's layers allow, `noted` what `on_cuda.py` measured itself. `{{peaks
bfloat16 flops_per_s}}` is a peak of the device, `clock` among them what is noted of its clock.
`{{table requested}}` is a whole table. `{{device}}` is the device with its software, `{{date}}` the
day.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from gpu_rows import quantile, throughput

import archprof
from archprof import units
from archprof.commands.measure.judging.consistency import usable
from archprof.commands.measure.writing.run_labels import device_name, percent

Data = dict[str, Any]

PLACE = re.compile(r"\{\{([^{}]+)\}\}")
UNKNOWN = "-"
KINDS = {
    # in the networks of the page, whose grouped convolutions are all depthwise
    "depthwise": re.compile(r"^conv.* g\d+"),
    "norm": re.compile("norm"),
    "attention": re.compile("attention"),
    "conv": re.compile(r"^conv(?!.* g\d+)"),
    "linear": re.compile("^linear"),
}
"""What the descriptions of layers of a kind have."""


def filled(
    text: str, found: Mapping[str, Data], tables: Mapping[str, str] | None = None
) -> tuple[str, list[str]]:
    """Return the text with its figures and tables, and the places for which there was none."""
    missing: list[str] = []

    def figure(match: re.Match[str]) -> str:
        place = match[1].strip()
        kind, _, name = place.partition(" ")
        if kind == "table":
            value = (tables or {}).get(name, "").strip() or None
        else:
            value = _figure(place, found)
        if value is None:
            missing.append(place)
            return UNKNOWN
        return value

    return PLACE.sub(figure, text), missing


def _figure(place: str, found: Mapping[str, Data]) -> str | None:
    if place in ("device", "date"):
        first = next(
            (data for data in found.values() if "measured" in data and "run" in data), None
        )
        if first is None:
            return None
        return device_name(first["run"]["manifest"]) if place == "device" else first["measured"]
    above, slash, below = place.partition(" / ")
    if not slash:
        value = _value(above, found)
        return None if value is None else str(_text(above.split()[-1])(value))
    upper, lower = _value(above, found), _value(below, found)
    if upper is None or not lower:
        return None
    return f"{upper / lower:.2f}"


def _value(place: str, found: Mapping[str, Data]) -> Any:
    """Return the figure that a place names, None where it was not measured or cannot be used.

    Raises ValueError for a place that names none.
    """
    words = place.split()
    if len(words) == 3 and words[0] == "peaks":
        peaks = found.get("device", {}).get("json", {}).get("peaks", [])
        return next((_of_peaks(one, words[2]) for one in peaks if one["dtype"] == words[1]), None)
    if len(words) != 5:
        raise ValueError(
            f"{place}: found {len(words)} words, expected file network batch mode field"
        )
    file, network, batch, mode, field = words
    kind = field.partition(":")[2]
    if kind and kind not in KINDS:
        raise ValueError(f"{place}: found the kind {kind}, expected one of {', '.join(KINDS)}")
    if field in ("params", "macs"):
        return getattr(archprof.load(network).analyze().totals, field)
    run = found.get(file, {}).get("run", {})
    rows = run.get("layers" if file == "layers" and ":" in field else "measurements", [])
    for row in rows:
        same = (row["network"], row["batch"], row["mode"]) == (network, int(batch), mode)
        if same and usable(row, "layers" if ":" in field else "latency"):
            return _of_row(row, field)
    return None


def _of_peaks(data: Data, field: str) -> Any:
    """Return a field of a dtype's peaks, or what is noted of the clock that power allowed."""
    if field != "clock":
        return data[field]
    caps = [note.partition("power cap: ")[2] for note in data["notes"]]
    return next(filter(None, caps), None)


def _of_row(row: Data, field: str) -> Any:
    """Return a field of a row, or a figure that follows from it."""
    if field == "images_per_s":
        return throughput(row)
    if field == "p99_ms":
        return quantile(row, 0.99)
    quantity, _, kind = field.partition(":")
    return share(row, quantity, kind) if kind else row.get(quantity)


def share(data: Data, quantity: str, kind: str) -> float | None:
    """Return the share of "time" or "flops" of the layers of a kind."""
    of = _flops if quantity == "flops" else _time(data)
    total = sum(of(layer) for layer in data["layers"])
    part = sum(of(layer) for layer in data["layers"] if KINDS[kind].search(layer["what"]))
    return part / total if total else None


def _flops(layer: Data) -> float:
    return float(layer["flops"])


def _time(data: Data) -> Callable[[Data], float]:
    """Return how long a layer takes: its kernels, or its window where no kernels are known."""
    if all(layer["kernel_ms"] is None for layer in data["layers"]):
        return lambda layer: float(layer["time_ms"])
    return lambda layer: float(layer["kernel_ms"] or 0)


def _text(field: str) -> Callable[[Any], object]:
    """Return how a field becomes text."""
    if field.removesuffix(":").endswith("_ms"):
        return units.duration
    if field.endswith("_bytes"):
        return units.size
    if field.endswith("_share") or ":" in field:
        return percent
    if field in ("params", "macs", "flops"):
        return units.count
    if field in ("images_per_s", "flops_per_s", "conv_flops_per_s", "copy_bytes_per_s"):
        return units.rate
    return TEXTS.get(field, _plain)


TEXTS: dict[str, Callable[[Any], object]] = {
    "joules_per_image": lambda value: f"{1e3 * value:.3g} mJ",
    "power_w": lambda value: f"{value:.0f} W",
    "clock_mhz": lambda value: f"{value:.0f} MHz",
    "launch_us": lambda value: units.duration(value / 1e3),
    "graph_launch_us": lambda value: units.duration(value / 1e3),
    "flops_of_data_sheet": percent,
    "bandwidth_of_data_sheet": percent,
}
"""How other fields become text."""


def _plain(value: object) -> str:
    return f"{value:.3g}" if isinstance(value, float) else str(value)
