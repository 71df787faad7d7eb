"""An objective of the user's own: a Python function of a network, never one that a file names."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from archprof.language.network import Network
from archprof.ops.base import shown
from archprof.problem import Mark, ProblemError

Judge = Callable[[Network], Any]
"""What gives a network its number."""

OUTSIDE = "objective"
"""The column of the user's own objective."""


def judged(judge: Judge, network: Network, trial: int) -> float:
    """Return the number that the user's function gives a network.

    Raises ProblemError with the trial and the network where it raises, and where it gives no finite
    number.
    """
    mark = Mark(OUTSIDE)
    described = f"{network.name} with {_values(network)} (trial {trial:,})"
    hint = "try it by itself: archprof.load(...) with these values"
    try:
        found = judge(network)
    except Exception as error:  # whatever the user's code raises
        reason = str(error).partition("\n")[0] or "without a word"
        message = f"it raised {type(error).__name__} for {described}: {reason}"
        raise ProblemError.of(mark, OUTSIDE, message, hint) from error
    try:
        number = float(found)
    except (TypeError, ValueError, OverflowError):
        number = math.nan
    if not math.isfinite(number):
        message = f"it gave {shown(found)} for {described}, expected a finite number"
        raise ProblemError.of(mark, OUTSIDE, message, hint)
    return number


def _values(network: Network) -> str:
    values = [f"{name}={shown(value)}" for name, value in network.overrides.items()]
    if network.input is not None:
        values.append(f"input={'x'.join(map(str, network.input))}")
    return ", ".join(values) or "nothing replaced"
