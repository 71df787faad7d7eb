"""Plain values and expressions as YAML of a spec, in archprof's style."""

from __future__ import annotations

import re
from typing import Any

from archprof.invisible import INVISIBLE, escape
from archprof.language.scalars import Refused, scalar

_PLAIN = re.compile(r"[A-Za-z0-9_$.(][^\[\]{},#&*!|>'\"%@`:\\]*\Z")
_OPERATORS = re.compile(r"[A-Za-z0-9_$(][A-Za-z0-9_$ .()*/+%=<>-]*\Z")
DIGITS = 5  # from here on a count is written in threes


def number(value: int) -> str:
    """Return a total as specs write it: 25_557_032."""
    return f"{value:_}" if len(str(abs(value))) >= DIGITS else str(value)


def literal(value: Any) -> str:
    """Return a plain value as YAML, inside brackets too."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        return _float(value)
    if isinstance(value, (list, tuple)):
        return f"[{', '.join(map(literal, value))}]"
    if isinstance(value, dict):
        return f"{{{', '.join(f'{name}: {literal(item)}' for name, item in value.items())}}}"
    return quoted(str(value))


def _float(value: float) -> str:
    """Return the shortest text that is the same number to all readers of YAML."""
    text = repr(value)
    if "e" not in text:
        return text
    mantissa, _, exponent = text.partition("e")
    if "." not in mantissa:
        mantissa += ".0"
    sign = exponent[0] if exponent[0] in "+-" else "+"
    return f"{mantissa}e{sign}{exponent.lstrip('+-').lstrip('0')}"


def quoted(text: str, inside: bool = True) -> str:
    """Return a text as YAML reads it back, in quotes where it needs them; in one line.

    `inside`: it stands in brackets, where a comma would end it.
    """
    text = INVISIBLE.sub(lambda found: escape(found[0]), text.replace("\t", " "))
    bare = text if inside else text.replace(",", "")
    if _PLAIN.match(bare) and text == text.strip() and " #" not in text and _is_word(text):
        return text
    doubled = text.replace("'", "''")
    return f"'{doubled}'"


def _is_word(text: str) -> bool:
    """Whether the text without quotes is read as a text."""
    try:
        return bool(scalar(text) == text)
    except Refused:
        return False


def expression(text: str) -> str:
    """Return an expression as YAML, in quotes where a bracket or a comma needs them."""
    if _OPERATORS.match(text):
        return text
    doubled = text.replace("'", "''")
    return f"'{doubled}'"
