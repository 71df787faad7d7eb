"""The kinds of plain values: shapes, values of parameters, and how weights start."""

from __future__ import annotations

import re
from typing import Any

from archprof.ops.base import shown

_SHAPE = re.compile(r"[0-9]{1,9}(x[0-9]{1,9}){0,3}\Z")


def parse_shape(data: Any) -> tuple[int, ...] | None:
    """Return `3x224x224`, [3, 224, 224] or 1000 as a shape, None for anything else."""
    if type(data) is int:
        data = [data]
    if isinstance(data, str) and _SHAPE.match(data):
        data = [int(part) for part in data.split("x")]
    if (
        isinstance(data, list)
        and 1 <= len(data) <= 4
        and all(type(n) is int and 1 <= n <= 10**6 for n in data)
    ):
        return tuple(data)
    return None


def same_kind(default: Any, value: Any) -> bool:
    """Whether `value` may replace a parameter's default: the same kind of scalar, or both lists."""
    if isinstance(default, bool) or isinstance(value, bool):
        return isinstance(default, bool) and isinstance(value, bool)
    if isinstance(default, (int, float)):
        return isinstance(value, int) or (isinstance(default, float) and isinstance(value, float))
    return value is not None and isinstance(value, type(default))


def kind_hint(default: Any, value: Any) -> str:
    """Return the way out where `value` is not of the kind of `default`."""
    if type(default) is int and type(value) is float:
        return f"with {default}.0 as its default it takes any number"
    return ""


def initial_fault(weight: str, how: Any) -> str:
    """Return what is wrong with how a weight starts, "" where nothing is."""
    if not isinstance(how, dict):
        if type(how) in (int, float):
            return ""
        expected = "a number or a scheme such as {normal: 0.01}"
        return f"the initial `{weight}` is {shown(how)}, expected {expected}"
    if len(how) != 1:
        return f"the initial `{weight}` names {len(how)} schemes, expected one"
    ((scheme, value),) = how.items()
    if scheme.startswith("kaiming"):
        right, expected = value in ("fan_in", "fan_out"), "fan_in or fan_out"
    else:
        right, expected = type(value) in (int, float), "a number"
    if right:
        return ""
    return f"the initial `{weight}`: `{scheme}` of {shown(value)}, expected {expected}"
