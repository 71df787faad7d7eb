"""Plain words of a YAML file as values; the words that YAML readers disagree about are refused."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable
from typing import Any

from archprof.record import Record

MAX_DIGITS = 18
MAX_FLOAT = 1e30

_INT = re.compile(r"[-+]?(0|[1-9][0-9_]*)$")
_FLOAT = re.compile(r"[-+]?([0-9][0-9_]*)?\.[0-9_]*([eE][-+][0-9]+)?$")
_WORDS: dict[str, Any] = {"": None, "~": None, "null": None, "true": True, "false": False}
_DISPUTED = ("yes", "no", "on", "off", "true", "false", "null")
_DISAGREE = "YAML readers disagree whether this is a truth value"


class _Trap(Record):
    """`meant` is the value most likely meant, so that nothing else is complained of."""

    pattern: str
    message: str
    hint: str
    meant: Callable[[str], Any]


_TRAPS = (
    _Trap(
        r"(?i)(yes|on|true)$",
        _DISAGREE,
        "write true, or put it in quotes if it is a text",
        lambda t: True,
    ),
    _Trap(
        r"(?i)(no|off|false)$",
        _DISAGREE,
        "write false, or put it in quotes if it is a text",
        lambda t: False,
    ),
    _Trap(
        r"(?i)null$",
        "YAML readers disagree whether this is nothing",
        "write null, or put it in quotes if it is a text",
        lambda t: None,
    ),
    _Trap(
        r"[-+]?0[0-9_]+$",
        "YAML 1.1 reads a leading zero as octal",
        "omit the zero, or put it in quotes if it is a text",
        lambda t: int(t, 10),
    ),
    _Trap(
        r"[-+]?0[xob][0-9a-fA-F_]+$",
        "a number in another base",
        "write it in decimal",
        lambda t: int(t, 0),
    ),
    _Trap(
        r"[-+]?([0-9][0-9_]*[eE][-+]?|([0-9][0-9_]*)?\.[0-9_]*[eE])[0-9]+$",
        "YAML 1.1 reads it as a text, other readers as a number",
        "write it with a dot and a signed exponent, as 1.0e-6, or in full",
        float,
    ),
    _Trap(
        r"[-+]?[0-9][0-9_]*(:[0-5]?[0-9])+(\.[0-9_]*)?$",
        "YAML 1.1 reads it as a number in base 60",
        "put it in quotes if it is a text",
        str,
    ),
    _Trap(r"(?i)[-+]?\.(inf|nan)$", "not a finite number", "write a number", lambda t: 1.0),
)


class Refused(ValueError):
    """A word with no value that all readers agree on; `meant` is the value in its place."""

    def __init__(self, rule: str, message: str, hint: str, meant: Any):
        super().__init__(message)
        self.rule, self.hint, self.meant = rule, hint, meant


def scalar(text: str) -> Any:
    """Return the value of a word without quotes. Raises Refused."""
    if text in _WORDS:
        return _WORDS[text]
    # most words: no number and no trap
    if text[0] not in "+-.0123456789" and text.lower() not in _DISPUTED:
        return text
    if _INT.match(text):
        digits = text.replace("_", "")
        if len(digits.lstrip("+-")) > MAX_DIGITS:
            raise Refused(
                "limit",
                f"a number of {len(digits.lstrip('+-'))} digits, at most {MAX_DIGITS}",
                "",
                1,
            )
        return int(digits)
    for trap in _TRAPS:
        if re.match(trap.pattern, text):
            meant: Any = text
            with contextlib.suppress(ValueError):
                meant = trap.meant(text[:40])
            raise Refused("yaml-trap", f"`{text[:40]}`: {trap.message}", trap.hint, meant)
    if _FLOAT.match(text) and any(c.isdigit() for c in text):
        value = float(text.replace("_", ""))
        if abs(value) >= MAX_FLOAT:
            raise Refused("limit", f"`{text[:40]}` is beyond {MAX_FLOAT:.0e}", "", 1.0)
        return value
    return text
