"""Conditions that are typed: `--at batch=8,dtype=float16`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from archprof.language.budget_conditions import COUNTS, MAX_BATCH, condition
from archprof.ops.base import shown
from archprof.problem import Mark, ProblemError, nearest

LISTS = ("optimizer", "freeze")  # the conditions of which several words may be given


def typed_conditions(text: str, known: Sequence[str]) -> dict[str, Any]:
    """Return the conditions in `batch=8,dtype=float16` by name, each at most once, of the known
    ones.

    Of `optimizer` and `freeze` the words that follow without a key are more of the same:
    `optimizer=adamw,fused`. Raises ProblemError.
    """
    given: dict[str, list[str]] = {}
    key = ""
    for part in text.split(","):
        word, sign, value = (piece.strip() for piece in part.partition("="))
        if not sign and word and key in LISTS:
            given[key].append(word)
            continue
        if not sign or word in given:
            raise _refused(
                f"{shown(part)}, expected KEY=VALUE, each key once",
                "such as batch=8,dtype=float16",
            )
        key = word
        given[key] = [value]
    return {name: _condition(name, values, known) for name, values in given.items()}


def _condition(key: str, values: list[str], known: Sequence[str]) -> Any:
    """Return one condition from its text. Raises ProblemError."""
    if key not in known:
        raise _refused(f"there is no condition `{key}`", nearest(key, known, "conditions"))
    text = ",".join(values)
    value: Any = text
    if key == "freeze":
        value = values
    elif key in COUNTS and text.isascii() and text.isdigit() and len(text) <= len(str(MAX_BATCH)):
        value = int(text)
    try:
        return condition(key, value)
    except ValueError as error:
        raise _refused(f"`{key}` is {shown(text)}, {error}") from None


def _refused(message: str, hint: str = "") -> ProblemError:
    return ProblemError.of(Mark("--at"), "option", message, hint)
