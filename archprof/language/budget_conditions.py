"""The conditions that a budget states, under which its limits hold, and how they are read."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from typing import Any

from archprof.language.budget import LATENCY
from archprof.language.budget import OF_STEP as LIMITS_OF_STEP
from archprof.language.kinds import parse_shape
from archprof.ops.base import Shape
from archprof.ops.elements import DTYPES
from archprof.problem import ProblemError
from archprof.record import Record

MAX_BATCH = 1_000_000
MAX_PATTERNS = 100
MAX_TEXT = 200  # characters of a pattern, or of a block's name

OF_STEP = ("optimizer", "amp", "freeze", "checkpoint", "accumulate")
"""The conditions of a step of training alone."""

COUNTS = ("batch", "accumulate")
"""The conditions that are whole numbers."""

OF_BUDGET = ("batch", "dtype", *OF_STEP)
"""The conditions that a budget of a configuration may state, whose `device` is also whose rules a
step is run by.
"""

OF_SPEC = (*OF_BUDGET, "device")
"""The conditions that a budget of a spec may state."""

OF_CHECK = ("input", *OF_SPEC)
"""The conditions of a whole check, as `--at` has them."""

Stated = tuple[tuple[str, Any], ...]
"""Conditions by name, those that are stated."""


def condition(name: str, value: Any) -> Any:
    """Return a condition's value, given as a spec or a configuration has it.

    Raises ValueError saying what is expected.
    """
    if name in COUNTS:
        return _count(value)
    if name == "freeze":
        return _patterns(value)
    if name == "optimizer" and isinstance(value, list) and all(type(word) is str for word in value):
        value = ",".join(value)
    if not isinstance(value, str):
        raise ValueError("expected a text")
    if name == "input":
        return _shape(value)
    if name in ("optimizer", "checkpoint"):
        return _optimizer(value) if name == "optimizer" else _checkpoint(value)
    return _one_of(value, _choices(name))


def _count(value: Any) -> int:
    if type(value) is not int or not 1 <= value <= MAX_BATCH:
        raise ValueError(f"expected a whole number from 1 to {MAX_BATCH:,}")
    return value


def _patterns(value: Any) -> tuple[str, ...]:
    patterns = value if isinstance(value, list) else [value]
    texts = [text for text in patterns if isinstance(text, str) and 0 < len(text) <= MAX_TEXT]
    if not texts or len(texts) < len(patterns) or len(texts) > MAX_PATTERNS:
        raise ValueError("expected a pattern of parameters' names, or a list of them")
    return tuple(texts)


def _shape(text: str) -> Shape:
    shape = parse_shape(text)
    if shape is None:
        raise ValueError("expected a shape such as 3x320x320")
    return shape


def _optimizer(text: str) -> str:
    from archprof.training.training_conditions import update_rule

    try:
        update_rule(text)
    except ProblemError as error:
        (problem,) = error.problems
        raise ValueError(f"{problem.message}; {problem.hint}") from None
    return text


def _checkpoint(text: str) -> str:
    if not 0 < len(text) <= MAX_TEXT:
        raise ValueError("expected the name of a block, a path such as layer3.*, or auto")
    return text


def _choices(name: str) -> Iterable[str]:
    from archprof.training.training_conditions import AMP, DEVICES

    return {"dtype": DTYPES, "amp": AMP, "device": DEVICES}[name]


def _one_of(text: str, known: Iterable[str]) -> str:
    if text not in known:
        raise ValueError(f"expected one of {', '.join(known)}")
    return text


class Misfit(Record):
    """A key of a budget that means nothing beside its others: why, and the way out."""

    key: str
    message: str
    hint: str


def misfits(
    limits: Collection[str], stated: Collection[str], of_step: Iterable[str]
) -> Iterator[Misfit]:
    """Yield what does not fit together in one budget: names of limits and of conditions.

    `of_step`: the conditions that only a step of training has.
    """
    if not any(name in LIMITS_OF_STEP for name in limits):
        for name in (name for name in of_step if name in stated):
            message = f"`{name}` is of a step of training, which this budget does not limit"
            yield Misfit(name, message, f"there are {' and '.join(LIMITS_OF_STEP)}")
    if LATENCY in limits and stated:
        message = f"`{LATENCY}` is measured under the conditions of --at, and has none of its own"
        yield Misfit(LATENCY, message, "a budget of its own, without conditions")
