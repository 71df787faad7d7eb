"""The notes below the table of a run: what its figures do not say by themselves."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from archprof import units
from archprof.commands.measure.judging import ranking
from archprof.commands.measure.judging.consistency import PEAKS_AGAIN, QUIET, usable
from archprof.commands.measure.judging.sweeps import sweeps
from archprof.commands.measure.running.batch_search import searched_text
from archprof.commands.measure.writing.run_labels import Row, disturbance, percent, row_name
from archprof.show.resized import resized_notes

Note = tuple[str, str]  # its label, and its text

SHOWN = 4  # notes of a kind; the JSON has all
NAMED = 3  # networks in a note
TRAINED = ", in training those alive when the forward pass ends, but for its outputs"
HOST = (
    "what the host takes to queue a run; bound by the host: the device waits for it, which --mode"
    " graph or a larger batch avoids"
)
ALONE = "not in turns with the others, one of which could not run or had no room beside it"

PLAIN_FLOAT32 = (
    "float32 is without TF32 here, which torch by itself allows for convolutions; what is run on"
    " such a device is more often --dtype tf32, or bfloat16 with --memory-format channels_last"
)


def notes(run: dict[str, Any]) -> list[Note]:
    """Return what the figures mean, and what sweeps, memory, limits and disturbances showed."""
    rows = run["measurements"]
    return [
        *_meaning(run),
        *sweeps(rows),
        *orders(rows),
        *contradicted(rows),
        *_searched(rows),
        *_measured_alone(rows),
        *_few("refused", ((row, row["message"]) for row in rows if row["message"]), rows),
        *_resized(rows),
        *_limited(rows, run["manifest"]["flags"]["time_limit_s"]),
        *_sustained(rows, run["manifest"]["flags"].get("sustained_s", 0)),
        *_paused(rows),
        *_disturbed(rows),
        *_unseen(run),
        *_arithmetic(run),
        *_compiled(rows),
        *_beside(run["manifest"]),
    ]


def _meaning(run: dict[str, Any]) -> list[Note]:
    """Return what the columns of the table mean."""
    rows = run["measurements"]
    flushed = run["manifest"]["flags"].get("flush_cache")
    before = "; the cache emptied before" if flushed else ""
    found = [
        (
            "latency",
            f"what one caller waits for a run: median and percentiles{before}; noise is the"
            " relative standard deviation",
        )
    ]
    queued = any(row.get("host_ms") is not None for row in rows)
    if any(row["batched_ms"] is not None for row in rows):
        follow = "; images/s follow from it" if queued else ""
        found.append(("batched", f"per run, many back to back in one window{follow}"))
    if queued:
        found.append(("host", HOST))
    if any(row.get("joules_per_image") is not None for row in rows):
        found.append(("energy", "of the whole device while it runs back to back, per image"))
    if any(row["peak_bytes"] is not None for row in rows):
        training = TRAINED if any(row["train"] for row in rows) else ""
        found.append(
            (
                "peak",
                "measured: the allocator's most, weights, input and outputs included, with the"
                f" kernels' scratch; predicted: tensors alone{training}",
            )
        )
    return found


def orders(rows: Sequence[Row]) -> list[Note]:
    """Return for each condition the networks in order of speed, and which differences are decided.

    Only the first conditions are listed where there are many.
    """
    unnamed = [_without_network(row) for row in rows]
    found = []
    for group in ranking.groups(rows):
        names = [row["network"] for row in group]
        line = ranking.order(group, names)
        if line and len(set(names)) > 1:
            condition = row_name(_without_network(group[0]), unnamed).strip()
            found.append(("order", f"{condition}: {line}" if condition else line))
    rest = len(found) - SHOWN
    if rest > 0:
        more = ("order", f"{rest} more such lines; the JSON has every ratio")
        return [*found[:SHOWN], more]
    return found


def _without_network(row: Row) -> Row:
    return row | {"network": "", "input": ""}


def contradicted(rows: Sequence[Row]) -> list[Note]:
    """Return which rows are unusable, because of which contradiction, and what to do."""
    found = [(row, one) for row in rows for one in row.get("contradictions", ())]
    notes = _few("unusable", ((row, one["message"]) for row, one in found), rows)
    abouts = {one["about"] for _, one in found}
    if "latency" in abouts:
        notes.append(("unusable", QUIET))
    if "attained" in abouts:
        notes.append(("unusable", PEAKS_AGAIN))
    return notes


def _measured_alone(rows: Sequence[Row]) -> list[Note]:
    """Return which of several networks could not be measured in turns with the others.

    Of those at their largest batch it is not asked.
    """
    together = [row for row in rows if not row.get("searched")]
    if len({row["network"] for row in together}) < 2:
        return []
    alone = [row for row in together if row["status"] == "measured" and not row["interleaved_with"]]
    return _few("alone", ((row, ALONE) for row in alone), rows)


def _resized(rows: Sequence[Row]) -> list[Note]:
    """Return what another input than the spec's own changed."""
    resized = [
        (row, label, text)
        for row in rows
        for label, text in resized_notes(row.get("resized"), row["input"])
    ]
    found = []
    for label in ("resized", "unchecked"):
        found += _few(label, ((row, text) for row, name, text in resized if name == label), rows)
    return found


def _limited(rows: Sequence[Row], limit: float) -> list[Note]:
    """Return which demands on a measurement its time limit, in seconds, left unmet."""
    cut_off = (
        (row, f"the time limit of {limit:g} s came before: {', '.join(row['unmet'])}")
        for row in rows
        if row["unmet"]
    )
    return _few("limit", cut_off, rows)


def _searched(rows: Sequence[Row]) -> list[Note]:
    """Return the largest batches that were found, and what a larger one met."""
    texts = [(row, searched_text(row["searched"])) for row in rows if row.get("searched")]
    return _few("largest", texts, rows)


def _sustained(rows: Sequence[Row], seconds: float) -> list[Note]:
    """Return what became of the speed in so many seconds of runs back to back, 0 for none asked."""
    if not seconds:
        return []
    texts = [
        (
            row,
            f"back to back for {seconds:g} s: {units.duration(row['burst_ms'])} a run at first,"
            f" {units.duration(row['batched_ms'])} in the later half,"
            f" {row['batched_ms'] / row['burst_ms']:.3g} times as long",
        )
        for row in rows
        if row.get("burst_ms") and row["batched_ms"] and usable(row)
    ]
    return _few("sustained", texts, rows)


def _paused(rows: Sequence[Row]) -> list[Note]:
    """Return where runs were thrown away because the clock was throttled."""
    paused = (
        (
            row,
            f"{units.duration(row['paused_ms'])} for the clock to recover,"
            f" {row['discarded_runs']} runs thrown away",
        )
        for row in rows
        if row["discarded_runs"]
    )
    return _few("paused", paused, rows)


def _disturbed(rows: Sequence[Row]) -> list[Note]:
    """Return the warnings of the rows, those about the device before those about other work."""
    found = []
    for label in ("moved", "capped", "busy"):
        warned = []
        for row in rows:
            text = "; ".join(text for text in row["warnings"] if disturbance(text) == label)
            if text:
                warned.append((row, text))
        found += _few(label, warned, rows)
    return found


def _unseen(run: dict[str, Any]) -> list[Note]:
    """Return what could not be observed, and whether the run was interrupted."""
    found = []
    device = run["manifest"]["device"]
    if device["type"] == "cuda" and not any(row["before"] for row in run["measurements"]):
        reason = device.get("sensors") or "pip install nvidia-ml-py"
        found.append(("clocks", f"not seen, nor throttling: {reason}"))
    if not run["complete"]:
        found.append(("stopped", "interrupted: these are the measurements that were finished"))
    return found


def _arithmetic(run: dict[str, Any]) -> list[Note]:
    """Return in which precision was computed, where the dtype's name may mislead."""
    rows, manifest = run["measurements"], run["manifest"]
    found = []
    override = (manifest.get("environment") or {}).get("NVIDIA_TF32_OVERRIDE")
    on_cuda = manifest["device"]["type"] == "cuda"
    if on_cuda and override is not None:
        found.append(
            (
                "precision",
                f"NVIDIA_TF32_OVERRIDE={override} decides over TF32, whatever the dtype says:"
                " unset it",
            )
        )
    if on_cuda and rows and all(_plain_float32(row) for row in rows):
        found.append(("precision", PLAIN_FLOAT32))
    if any(row.get("autocast") for row in rows):
        found.append(
            (
                "autocast",
                "weights in float32, the dtype is that of products and convolutions; memory is not"
                " predicted, for each op decides its output's",
            )
        )
    found += _few("float8", ((row, _float8_text(row)) for row in rows if _float8_text(row)), rows)
    return found


def _float8_text(row: Row) -> str:
    share = row.get("float8_share")
    if share is None:
        return ""
    return f"{percent(share)} of the MACs, in linear layers; the rest in bfloat16"


def _plain_float32(row: Row) -> bool:
    return (row["dtype"], row["memory_format"]) == ("float32", "contiguous")


def _compiled(rows: Sequence[Row]) -> list[Note]:
    """Return how long compiling took, its first run with it."""
    return _few("compiled", ((row, _compile_text(row)) for row in rows if _compile_text(row)), rows)


def _compile_text(row: Row) -> str:
    seconds = row.get("compile_s")
    if seconds is None:
        return ""
    if row["mode"] == "onnxruntime":
        return f"exported, loaded and run once in {seconds:.1f} s"
    return f"compiled and run once in {seconds:.1f} s; torch's caches on the disk may have helped"


def _beside(manifest: dict[str, Any]) -> list[Note]:
    """Return which other processes held memory of the device when the run began."""
    others = manifest.get("other_processes")
    if not others:
        return []
    return [("beside", f"other processes were on the device: {_some(others)}")]


def _few(label: str, texts: Iterable[tuple[Row, str]], rows: Sequence[Row]) -> list[Note]:
    """Return the first of many notes and the number of the others.

    Rows with the same text share a note.
    """
    together: dict[str, list[str]] = {}
    for row, text in texts:
        together.setdefault(text, []).append(row_name(row, rows))
    lines = [(label, f"{_some(names)}: {text}") for text, names in together.items()]
    rest = len(lines) - SHOWN
    if rest > 0:
        return [*lines[:SHOWN], (label, f"{rest} more such notes, which the JSON has")]
    return lines


def _some(names: Sequence[str]) -> str:
    """Return the first names and the number of the others."""
    return units.some(names, NAMED)
