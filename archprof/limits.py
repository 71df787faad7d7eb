"""The limits of a run, and how the environment raises them."""

from __future__ import annotations

import math
import os
from typing import Any, NamedTuple

from archprof.problem import Mark, ProblemError

VARIABLE = "ARCHPROF_LIMITS"


class Limits(NamedTuple):
    """What one file, or one network of a command line, may use.

    `seconds` (of the processor) and `megabytes` (by which the process grows) are for all that is
    done for it; a command over n of them has n times as much. `layers`, `edges` (the inputs of all
    layers) and `items` (of the lists, and characters of the texts, that expressions make) are of
    one network.
    """

    # with the start of the program, and what is around the work on files, within 10
    seconds: float = 8.5
    megabytes: float = 500
    layers: int = 120_000
    edges: int = 500_000
    items: int = 2_000_000

    def lowered(self, **most: float | None) -> Limits:
        """Return these limits, none above the one that is given for it."""
        given = {name: value for name, value in most.items() if value is not None}
        return self._replace(
            **{name: min(getattr(self, name), value) for name, value in given.items()}
        )


def usual() -> Limits:
    """Return the limits of this process: the defaults, and those that ARCHPROF_LIMITS sets.

    Its value is such as `seconds=60,layers=1000000`. Only the environment raises a limit, because
    no file of a repository can set it; a configuration may lower them. Raises ProblemError.
    """
    given: dict[str, Any] = {}
    for part in os.environ.get(VARIABLE, "")[:1000].split(","):
        part = part.strip()
        if not part:
            continue
        name, _, text = part.partition("=")
        value = _number(text)
        if name.strip() not in Limits._fields or value is None:
            raise ProblemError.of(
                Mark(VARIABLE),
                "option",
                f"`{part[:60]}`, expected NAME=NUMBER with a number above 0",
                f"{VARIABLE}=seconds=60,layers=1000000; there are {', '.join(Limits._fields)}",
            )
        given[name.strip()] = value
    return Limits()._replace(**given)


def _number(text: str) -> float | None:
    try:
        value = float(text.replace("_", ""))
    except ValueError:
        return None
    if not 0 < value < math.inf:
        return None
    return int(value) if value.is_integer() else value


def raising(name: str, needed: float) -> str:
    """Return how to raise a limit, for a hint."""
    number = f"{needed:g}" if needed < 1e6 else f"{needed:.0f}"
    return f"{VARIABLE}={name}={number} in the environment allows more"
