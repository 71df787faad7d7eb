"""Where an axis is, of its value in a table: how a row is read back, whatever has chosen it."""

from __future__ import annotations

import json
from typing import Any

from archprof.sweeping.space.axis import Axis, Choices, Continuous


def place_of(axis: Axis, value: Any) -> float:
    """Return the index of a value of an axis, of a continuous range the number itself.

    A list is the text that a table has of it.
    """
    values = axis.values
    if isinstance(values, Continuous):
        return float(value)
    if isinstance(values, Choices):
        listed = [json.dumps(one) if isinstance(one, list) else one for one in values.values]
        return listed.index(value)
    found: int = round((value * values.over - values.first) / values.step)
    return found
