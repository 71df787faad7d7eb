"""What a parameter of a space is drawn from: ranges and choices, read."""

from __future__ import annotations

import re
from decimal import Decimal
from fractions import Fraction
from math import lcm
from typing import Any

from archprof.language.expression import is_expression
from archprof.language.pieces import Pieces
from archprof.language.value import Value
from archprof.ops.base import shown
from archprof.problem import Mark
from archprof.sweeping.space.axis import FAULTY, Choices, Continuous, Steps, Values
from archprof.sweeping.space.words import RANGE

MOST_CHOICES = 10_000
EXACT = 2**53  # whole numbers up to which a float is exact

_NUMBER = r"([-+]?[0-9][0-9_]*(?:\.[0-9]+)?)"
_RANGE = re.compile(rf"\s*{_NUMBER}\s*\.\.\s*{_NUMBER}\s*\Z")
_SLIP = re.compile(
    rf"\s*(?:(?:range|interval|uniform|randint)\s*)?[(\[]?\s*{_NUMBER}\s*(?:\.\.\.+|[-:,;–…]|to)\s*{_NUMBER}\s*[)\]]?\s*\Z"
)


def values_of(entry: dict[str, Value], whole: Value, what: str, pieces: Pieces) -> Values:
    """Return the values of an entry with `range` or `choice`; `whole` is where it is written."""
    if "range" in entry and "choice" in entry:
        message = f"{what} has a `range` and a `choice`"
        pieces.complain(entry["choice"].mark, "kind", message, "keep one of them")
    elif "range" in entry:
        return _range(entry, what, pieces)
    elif "choice" in entry:
        for key in RANGE:
            if key in entry:
                message = f"{what} has a `choice`, and `{key}` beside it"
                pieces.complain(whole.places()[key], "kind", message, f"`{key}` is of a `range`")
        return _choices(entry["choice"], what, pieces)
    elif not {"step", "log", "when", "each"}.isdisjoint(entry) or not whole.data:
        pieces.complain(
            whole.mark,
            "missing",
            f"{what} has neither a `range` nor a `choice`",
            "{range: 1..8} or {choice: [1, 2, 4]}",
        )
    return FAULTY


def range_of(value: Value, what: str, pieces: Pieces) -> Values:
    """Return the values of a range alone, such as `1..8`."""
    return _range({"range": value}, what, pieces)


# --- ranges ---


def _range(entry: dict[str, Value], what: str, pieces: Pieces) -> Values:
    """Return the values of a range with its `step` and its `log`."""
    log = pieces.flag(entry.get("log"), "log")
    ends = _ends(entry["range"], what, pieces)
    step = _step(entry.get("step"), what, pieces)
    if ends is None or ("step" in entry and step is None):
        return FAULTY
    (low, high), text = ends, str(entry["range"].data)
    mark = entry["range"].mark
    if low > high:
        turned = "..".join(part.strip() for part in reversed(text.split("..")))
        pieces.complain(mark, "kind", f"the range of {what} goes down: {text}", f"write {turned}")
        return FAULTY
    if log and low <= 0:
        message = f"the range of {what} begins at {_plain(low)}, and is logarithmic"
        pieces.complain(mark, "kind", message, "begin above 0")
        return FAULTY
    if max(abs(low), abs(high)) > EXACT:
        message = f"the range of {what} is {text}, expected numbers up to {EXACT:,}"
        pieces.complain(mark, "limit", message)
        return FAULTY
    whole = "." not in text.replace("..", "")
    if step is None and not whole:
        return Continuous(float(low), float(high), log)
    return _steps(entry, (low, high, step or Fraction(1)), whole, log, what, pieces)


def _steps(
    entry: dict[str, Value],
    numbers: tuple[Fraction, Fraction, Fraction],
    whole: bool,
    log: bool,
    what: str,
    pieces: Pieces,
) -> Values:
    """Return numbers from `low` in steps, the last of which has to be `high`."""
    low, high, step = numbers
    mark = entry["step"].mark if "step" in entry else entry["range"].mark
    turns = (high - low) / step
    if turns.denominator != 1:
        last = low + step * (turns.numerator // turns.denominator)
        pieces.complain(
            mark,
            "kind",
            f"steps of {_plain(step)} from {_plain(low)} do not end at {_plain(high)}",
            f"write {_plain(low)}..{_plain(last)}",
        )
        return FAULTY
    over = lcm(low.denominator, step.denominator)
    if max(abs(low), abs(high)) * over > EXACT or over > EXACT:
        message = f"the range of {what} has more digits than a number of 53 bits"
        pieces.complain(mark, "limit", message, "fewer digits")
        return FAULTY
    whole = whole and step.denominator == 1
    return Steps(int(low * over), int(step * over), over, int(turns) + 1, whole, log)


def _ends(value: Value, what: str, pieces: Pieces) -> tuple[Fraction, Fraction] | None:
    """Return the ends of `1..8`, None for what is not a range."""
    found = _RANGE.match(value.data) if isinstance(value.data, str) else None
    if found and len(value.data) <= 80:
        return _fraction(found[1]), _fraction(found[2])
    pieces.complain(
        value.mark,
        "kind",
        f"the range of {what} is {shown(value.plain())}, expected two numbers such as 1..8",
        range_hint(value.plain()),
    )
    return None


def _step(value: Value | None, what: str, pieces: Pieces) -> Fraction | None:
    """Return the step of a range, None for a missing or a faulty one."""
    if value is None:
        return None
    if type(value.data) in (int, float) and value.data > 0:
        return _fraction(repr(value.data))
    message = f"the step of {what} is {shown(value.plain())}, expected a number above 0"
    pieces.complain(value.mark, "kind", message)
    return None


def range_hint(plain: Any) -> str:
    """Return the way out for what is not a range."""
    if isinstance(plain, list) and len(plain) == 2:
        return f"write {plain[0]}..{plain[1]}" if all(map(_is_number, plain)) else ""
    if is_expression(plain):
        return "the ends are plain numbers: a `where:` leaves out what depends on others"
    found = _SLIP.match(plain) if isinstance(plain, str) and len(plain) <= 80 else None
    return f"write {found[1]}..{found[2]}" if found else ""


def _fraction(text: str) -> Fraction:
    """Return the number that a text of decimals is, exactly."""
    return Fraction(text.replace("_", ""))


def _plain(number: Fraction) -> str:
    """Return a number as it is written in a space."""
    return format(Decimal(number.numerator) / Decimal(number.denominator), "f")


# --- choices ---


ChoiceFault = tuple[Mark, str, str, str]
"""What is wrong with a choice: the place, the rule, the message and the hint."""


def _choices(value: Value, what: str, pieces: Pieces) -> Values:
    """Return the values of `choice: [1, 2, 4]`."""
    fault = _fault_of_choices(value, what)
    if fault is not None:
        pieces.complain(*fault)
        return FAULTY
    plain = value.plain()
    if _kind(plain[0]) == "numbers" and not all(type(one) is int for one in plain):
        plain = [float(one) for one in plain]
    return Choices(tuple(plain))


def _fault_of_choices(value: Value, what: str) -> ChoiceFault | None:
    """Return what is wrong with the values to choose from, None for nothing."""
    plain = value.plain()
    if not isinstance(plain, list) or not plain:
        message = f"the choice of {what} is {shown(plain)}, expected a list of values"
        hint = f"write range: {plain}" if _is_range(plain) else "choice: [1, 2, 4]"
        return value.mark, "kind", message, hint
    if len(plain) > MOST_CHOICES:
        message = f"{what} chooses between {len(plain):,} values, at most {MOST_CHOICES:,}"
        return value.mark, "limit", message, "a range has as many numbers as you like"
    for item in value.data:
        if not _kind(item.plain()):
            return _fault_of_choice(item, what)
    kinds = sorted({_kind(one) for one in plain})
    if len(kinds) > 1:
        message = f"{what} chooses between values of different kinds: {' and '.join(kinds)}"
        return value.mark, "kind", message, "two parameters, and a `when` in one of them"
    return _fault_of_repeats(value, what)


def _fault_of_choice(item: Value, what: str) -> ChoiceFault:
    """Return what is wrong with a value that cannot be chosen."""
    plain, hint = item.plain(), ""
    if is_expression(plain):
        hint = "a derived value is an expression under `let:` or `set:`"
    elif _is_range(plain):
        hint = "a range is not one of several choices: two parameters, or a range alone"
    message = (
        f"{what} chooses {shown(plain)}, expected a number, a text, true, false or a list of such"
    )
    return item.mark, "kind", message, hint


def _fault_of_repeats(value: Value, what: str) -> ChoiceFault | None:
    """Return what is wrong where a value is there twice."""
    seen: set[str] = set()
    for item in value.data:
        # 1 and 1.0 are one number
        plain = item.plain()
        name = repr(float(plain)) if _is_number(plain) else repr(plain)
        if name in seen:
            return (
                item.mark,
                "duplicate",
                f"{what} chooses {shown(plain)} twice",
                "remove one of them",
            )
        seen.add(name)
    return None


def _is_range(plain: Any) -> bool:
    """Whether a value is written as a range is: 1..8."""
    return isinstance(plain, str) and _RANGE.match(plain) is not None


def _kind(value: Any) -> str:
    """Return what kind of choice a value is, "" for none."""
    if _is_number(value):
        return "numbers"
    if type(value) is bool:
        return "truth values"
    if isinstance(value, str) and not is_expression(value) and not _is_range(value):
        return "texts"
    if isinstance(value, list) and all(_kind(one) for one in value):
        return "lists"
    return ""


def _is_number(value: Any) -> bool:
    return type(value) in (int, float)
