"""The inputs of a network as its spec states them: shapes, names, and whole numbers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from archprof.language.kinds import parse_shape
from archprof.ops.base import Shape, shown
from archprof.ops.elements import FRACTIONS, INTEGERS, Elements, whole_numbers
from archprof.problem import nearest
from archprof.record import Record

KEYS = ("shape", "dtype", "below")
"""The keys of an input that is a mapping."""
MOST = 64
"""Inputs of one network."""


class NetworkInput(Record):
    """An input of a network: its name, "input" where it is the only one, its shape without the
    batch, and what its elements are.
    """

    name: str
    shape: Shape
    elements: Elements = FRACTIONS


def network_input(name: str, stated: Any) -> NetworkInput | None:
    """Return an input as stated: a shape, or a mapping with `shape`, `dtype` and `below`.

    None for what is neither.
    """
    if not isinstance(stated, dict):
        shape = parse_shape(stated)
        return None if shape is None else NetworkInput(name, shape)
    shape = parse_shape(stated.get("shape"))
    if shape is None or fault(stated) is not None:
        return None
    if "dtype" not in stated:
        return NetworkInput(name, shape)
    below = 2 if stated["dtype"] == "bool" else stated["below"]
    return NetworkInput(name, shape, whole_numbers(stated["dtype"], below))


def fault(stated: Mapping[str, Any]) -> tuple[str, str, str] | None:
    """Return what is wrong with an input that is a mapping: the key at fault ("" for a missing
    one), the message and the way out; None where nothing is. Unknown keys are not looked for.
    """
    if parse_shape(stated.get("shape")) is None:
        found = shown(stated["shape"]) if "shape" in stated else "missing"
        return "shape", f"the `shape` is {found}, expected one such as 77 or 3x224x224", ""
    dtype, below = stated.get("dtype"), stated.get("below")
    if dtype is None:
        if below is None:
            return None
        return "below", "`below` is of whole numbers, and there is no `dtype`", "dtype: int64"
    if not isinstance(dtype, str) or dtype not in INTEGERS:
        return "dtype", f"the `dtype` is {shown(dtype)}, expected one of whole numbers", _way(dtype)
    if dtype == "bool" and below is None:
        return None
    if type(below) is not int or not 1 <= below <= 2**31:
        found = "missing" if below is None else shown(below)
        message = f"`below` is {found}, expected the number that every element is below"
        return "below", message, "of tokens it is the size of the vocabulary: below: 49408"
    return None


def _way(dtype: Any) -> str:
    """Return the way out for a dtype of an input that is none of whole numbers."""
    if str(dtype).startswith(("float", "bfloat", "double", "half")):
        return "fractions follow the network's dtype, which is asked for with --dtype: omit it"
    return nearest(str(dtype), INTEGERS, "dtypes")
