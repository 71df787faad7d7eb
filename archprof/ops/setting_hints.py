"""The way out of a value that a setting does not take."""

from __future__ import annotations

import math
from typing import Any

from archprof.ops.settings import Setting, integers


def value_hint(name: str, value: Any, declared: Setting) -> str:
    """Return the way out for a value of the wrong kind, "" for none."""
    # as adaptive_avg_pool2d has its `size`
    if name == "size" and type(value) is int and declared.kind is integers:
        return f"write [{value}]"
    if isinstance(value, float) and math.isfinite(value):
        whole = int(value)
        if _fits(whole, declared) and not _fits(float(whole), declared):
            return "in an expression, `//` divides to a whole number and `/` does not"
    if name == "padding" and isinstance(value, str) and value.lower() == "valid":
        return "TensorFlow's `valid` pads nothing: write 0"
    return ""


def _fits(value: Any, declared: Setting) -> bool:
    """Whether a setting takes the value."""
    try:
        declared.kind.parse(value)
    except ValueError:
        return False
    return True
