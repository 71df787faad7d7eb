"""A latency model as a file of JSON, written and read back."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from archprof.language.json_file import JsonFile
from archprof.record import Record
from archprof.show.terminal import write_whole
from archprof.sweeping.latency.costs import KindCost
from archprof.sweeping.latency.errors import HeldBack, Twice
from archprof.sweeping.latency.model import LatencyConditions, LatencyModel

SCHEMA = 1
WHAT = "latency model"
HINT = "a latency model is what `archprof latency SPACE --fit 40 -o model.json` writes"
MODEL = JsonFile("latency-model", HINT)


def model_data(model: LatencyModel) -> dict[str, Any]:
    """Return a model as the JSON has it."""
    return {
        "schema": SCHEMA,
        "what": WHAT,
        "space": model.space,
        "conditions": _plain(model.conditions),
        "manifest": dict(model.manifest),
        "per_second": model.per_second,
        "per_layer": model.per_layer,
        "timed": [{"layer": key, "seconds": seconds} for key, seconds in model.timed.items()],
        "costs": [{"kind": kind, **_plain(cost)} for kind, cost in model.costs.items()],
        "held_back": [_plain(one) for one in model.held_back],
        "twice": [_plain(one) for one in model.twice],
    }


def write_model(path: Path, model: LatencyModel) -> None:
    """Write a model. Raises OSError where the file cannot be written."""
    write_whole(path, json.dumps(model_data(model), indent=1) + "\n")


def read_model(path: Path) -> LatencyModel:
    """Return the model in a file. Raises ProblemError for what is not one, or cannot be read."""
    data = MODEL.read(path)
    from archprof.commands.sweep.latency_contract import latency_model_faults

    MODEL.refuse_faults(path, "a latency model", latency_model_faults(data))
    return LatencyModel(
        LatencyConditions(**data["conditions"]),
        data["space"],
        data["manifest"],
        {one["layer"]: one["seconds"] for one in data["timed"]},
        {one.pop("kind"): KindCost(**one) for one in data["costs"]},
        data["per_second"],
        data["per_layer"],
        tuple(HeldBack(**one) for one in data["held_back"]),
        tuple(Twice(**one) for one in data["twice"]),
    )


def _plain(record: Record) -> dict[str, Any]:
    return {name: getattr(record, name) for name in type(record)._names}
