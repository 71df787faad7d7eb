"""The experiments of a file of claims, with their declared arguments."""

from __future__ import annotations

from archprof.commands.lecture.claims.claim_pieces import ClaimPieces
from archprof.commands.lecture.claims.document import Experiment
from archprof.commands.lecture.claims.experiments import CHOICES, COUNTS, EXPERIMENTS, PATHS
from archprof.language.value import Value
from archprof.ops import OPS
from archprof.ops.base import shown


def read_experiment(
    pieces: ClaimPieces, value: Value, data: dict[str, Value], called: str
) -> Experiment | None:
    """Return an experiment and what it must give, None where it cannot be read."""
    what = f"`experiment` of {called}"
    if not isinstance(value.data, dict):
        pieces.complain(
            value.mark,
            "kind",
            f"{what} is {shown(value.plain())}, expected a mapping",
            EXPERIMENTS["field"].usage,
        )
        return None
    name = pieces.choice(
        pieces.required(value.data, "run", what, value.mark, EXPERIMENTS["field"].usage),
        "run",
        EXPERIMENTS,
    )
    if not name:
        return None
    declared = EXPERIMENTS[name]
    entries = pieces.keys(value, ("run", *declared.arguments), what)
    for key in declared.required:
        pieces.required(entries, key, f"the experiment `{name}`", value.mark, declared.usage)
    for key, item in entries.items():
        _check_argument(pieces, key, item, declared.usage)
    stated = pieces.required(
        data, "stated", called, value.mark, f"what the experiment must give: {declared.gives}"
    )
    if stated is None or isinstance(stated.data, (type(None), bool, list, dict)):
        if stated is not None:
            pieces.complain(
                stated.mark,
                "kind",
                f"{shown(stated.plain())} is stated, expected {declared.gives}",
            )
        return None
    return Experiment(
        name,
        tuple((k, v.plain()) for k, v in entries.items() if k != "run"),
        str(pieces.printed(stated)),
        value.mark,
    )


def _check_argument(pieces: ClaimPieces, key: str, item: Value, usage: str) -> None:
    """Record an argument of the wrong kind."""
    if key == "op":
        pieces.choice(item, "op", OPS)
    elif key in CHOICES:
        pieces.choice(item, key, CHOICES[key])
    elif key in ("network", "left", "right", "layer", "weights", "first", "last", "formula"):
        pieces.text(item, f"`{key}`")
    elif key in COUNTS and (type(item.data) is not int or item.data < 1):
        pieces.complain(
            item.mark,
            "kind",
            f"`{key}` is {shown(item.plain())}, expected a whole number of at least 1",
            usage,
        )
    elif key in PATHS:
        pieces.names(item, key)
    elif key == "nonnegative":
        pieces.flag(item, key)
    elif key in ("input", "inputs"):
        for one in item.data if key == "inputs" and isinstance(item.data, list) else [item]:
            pieces.shape_of(one)
