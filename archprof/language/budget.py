"""Budgets: limits for what a network, a family or a block costs or sees."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from archprof.record import Record

if TYPE_CHECKING:
    from collections.abc import Mapping
    from fractions import Fraction

MAX_VALUE = 10**18
LATENCY = "max_latency_ms"  # the one limit that only a device can answer

_NUMBER = r"([0-9][0-9_]*(?:\.[0-9]+)?) ?([A-Za-z]*)\Z"
_PLAIN = {"": 1}
COUNTS = _PLAIN | {letter: 1000**n for n, letter in enumerate("KMGT", 1)}
SIZES = (
    _PLAIN
    | {"b": 1}
    | {f"{p}i{b}": 1024**n for n, p in enumerate("kmgt", 1) for b in ("", "b")}
    | {f"{p}{b}": 1000**n for n, p in enumerate("kmgt", 1) for b in ("", "b")}
)
"""By the unit in small letters: 24G is 24 GB, as 24Gi is 24 GiB, and no unit is of bits."""
USUAL_SIZES = "B, kB, KiB, MB, MiB, GB, GiB, TB, TiB"


class Limit(Record):
    """One limit of a `budget:`.

    `quantity` is what it limits, `least` whether from below, `unit` what its number counts,
    `factors` the suffixes that the number may have, `expected` what a message expects of it.
    """

    quantity: str
    least: bool
    unit: str
    factors: dict[str, int]
    expected: str


LIMITS: dict[str, Limit] = {
    "max_params": Limit("params", False, "", COUNTS, "a whole number, or one such as 25.6M"),
    "max_macs": Limit("macs", False, "", COUNTS, "a whole number, or one such as 4.1G"),
    "max_peak_memory": Limit(
        "peak_inference_bytes", False, "bytes", SIZES, "bytes, or a text such as 120 MiB"
    ),
    "max_training_memory": Limit(
        "training_peak_bytes", False, "bytes", SIZES, "bytes, or a text such as 24 GiB"
    ),
    "max_step_flops": Limit(
        "step_flops", False, "", COUNTS, "a whole number, or one such as 12.3G"
    ),
    "max_depth": Limit("depth", False, "", _PLAIN, "a whole number"),
    "min_receptive_field": Limit(
        "receptive_field", True, "pixels", _PLAIN, "a whole number of pixels"
    ),
    LATENCY: Limit("latency", False, "ms", {}, "milliseconds, a number above 0"),
}
"""By the name a spec and a configuration give it."""

OF_STEP = ("max_training_memory", "max_step_flops")
"""The limits of a step of training."""

OF_NETWORKS = (LATENCY, *OF_STEP)
"""The limits that only whole networks have: no block is trained, or measured, by itself."""


def unit_factor(factors: Mapping[str, int], unit: str) -> int | None:
    """Return what a unit multiplies a number by; None for one that `factors` does not have."""
    return factors.get(unit.lower() if factors is SIZES else unit)


def parse_limit(name: str, value: Any) -> int | Fraction | None:
    """Return the limit as an exact number, None for what is not a limit.

    25.6M is 25_600_000, 120 MiB is 125_829_120.
    """
    if name == LATENCY:
        from fractions import Fraction  # whose import takes time, and which only a budget needs

        if type(value) not in (int, float) or not 0 < value <= 1e9:
            return None
        return Fraction(str(value))
    return exact_number(value, LIMITS[name].factors)


def exact_number(value: Any, factors: Mapping[str, int]) -> int | None:
    """Return a whole number, or a text of a number and a unit of `factors`; None for another."""
    from fractions import Fraction

    if type(value) is int:
        return value if 0 <= value <= MAX_VALUE else None
    if not isinstance(value, str) or len(value) > 40:
        return None
    found = re.match(_NUMBER, value)
    if not found:
        return None
    factor = unit_factor(factors, found[2])
    if factor is None:
        return None
    number = Fraction(found[1].replace("_", "")) * factor
    if number.denominator != 1 or number > MAX_VALUE:
        return None
    return number.numerator
