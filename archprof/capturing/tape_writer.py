"""Tapes written as JSON, one tensor, module call and operation on each line."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Any

from archprof.capturing.tape import StateEntry, Tape, TensorRef

VERSION = 1


def tape_text(tape: Tape) -> str:
    """Return a tape as JSON, one tensor, module call and operation on each line."""
    text = _text(tape)
    if tape.training is None:
        return text + "\n"
    return text.removesuffix("\n}") + f',\n"training": {_text(tape.training)}\n}}\n'


def _text(tape: Tape) -> str:
    places = _numbered(
        [*(o.file for o in tape.operations), tape.stopped.file if tape.stopped else ""]
    )
    data: dict[str, Any] = {
        "archprof_tape": VERSION,
        "name": tape.name,
        "heading": tape.heading,
        "made_by": tape.made_by,
        "arguments": {name: _plain(value) for name, value in tape.arguments.items()},
        "inputs": dict(tape.inputs),
        "outputs": list(tape.outputs),
        "stopped": list(tape.stopped) if tape.stopped else None,
        "files": list(places),
    }
    head = ",\n".join(f"{json.dumps(name)}: {json.dumps(value)}" for name, value in data.items())
    lists = {
        "tensors": [[list(t.shape), t.dtype, list(t.strides), t.storage] for t in tape.tensors],
        "weights": [_weight_data(name, weight) for name, weight in tape.weights.items()],
        "modules": [list(call) for call in tape.modules],
        "operations": [
            [
                o.operator,
                {name: _plain(value) for name, value in o.arguments.items()},
                list(o.outputs),
                o.module,
                places[o.file],
                o.line,
            ]
            for o in tape.operations
        ],
    }
    parts = [
        f'"{name}": [\n'
        + ",\n".join(json.dumps(entry, separators=(",", ":")) for entry in entries)
        + "\n]"
        for name, entries in lists.items()
    ]
    return "{\n" + ",\n".join([head, *parts]) + "\n}"


def _numbered(names: list[str]) -> dict[str, int]:
    return {name: i for i, name in enumerate(dict.fromkeys(names))}


def _weight_data(name: str, weight: StateEntry) -> list[Any]:
    return [
        name,
        weight.value,
        weight.trainable,
        weight.frozen,
        weight.persistent,
        weight.same_as,
    ]


def _plain(value: Any) -> Any:
    """Return an argument as JSON has it: a tensor as {"tensor": number}, infinity as a text."""
    if isinstance(value, TensorRef):
        return {"tensor": value.number}
    if isinstance(value, Mapping):
        return {"items": {str(name): _plain(part) for name, part in value.items()}}
    if isinstance(value, (list, tuple)):
        return [_plain(part) for part in value]
    if isinstance(value, float) and not math.isfinite(value):
        return {"number": str(value)}
    return value
