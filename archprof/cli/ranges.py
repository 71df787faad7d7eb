"""Lists and ranges on the command line: 1,8,32 · 1..256 · 160..320/32 · 3x224x224,3x384x384."""

from __future__ import annotations

import re
from collections.abc import Collection

from archprof.language.kinds import parse_shape
from archprof.problem import Mark, ProblemError, nearest

MOST, MANY = 1_000_000, 100
INPUTS = (
    "a shape such as 3x320x320, a side such as 320, sides as 160..320/32, or several with commas"
)
_ITEM = re.compile(r"(\d{1,7})(?:\.\.(\d{1,7})(?:/(\d{1,7}))?)?")


def numbers(text: str, option: str) -> list[int]:
    """Return numbers from 1 to a million, in the order written, each once.

    1..256 goes by doubling, 160..320/32 by steps. Raises ProblemError naming the option.
    """
    found: dict[int, None] = {}
    for part in text.split(","):
        match = _ITEM.fullmatch(part.strip())
        if not match:
            raise refused(
                option,
                f"`{part}` is neither a number nor a range",
                "1,8,32 or 1..256 (by doubling) or 160..320/32 (by steps)",
            )
        first, last = int(match[1]), int(match[2] or match[1])
        step = int(match[3]) if match[3] else None
        found.update(dict.fromkeys(_range(part, option, first, last, step)))
        if len(found) > MANY:
            raise refused(option, f"`{text}` is more than {MANY} numbers", "a larger step")
    return list(found)


def inputs(text: str, option: str) -> list[tuple[int, ...]]:
    """Return inputs in the order written, each once: a shape, or a side as a tuple of one number.

    Raises ProblemError naming the option.
    """
    found: dict[tuple[int, ...], None] = {}
    for part in text.split(","):
        shape = parse_shape(part.strip())
        if shape is None and not _ITEM.fullmatch(part.strip()):
            raise refused(option, f"`{part}` is not an input", INPUTS)
        if shape:
            found[shape] = None
        else:
            found.update(dict.fromkeys((side,) for side in numbers(part, option)))
        if len(found) > MANY:
            raise refused(option, f"`{text}` is more than {MANY} inputs", "a larger step")
    return list(found)


def _range(part: str, option: str, first: int, last: int, step: int | None) -> list[int]:
    if not 1 <= first <= last <= MOST or step == 0:
        raise refused(
            option, f"`{part}`: expected 1 to {MOST:,}, the smaller first", "1..256 or 160..320/32"
        )
    if step:
        return list(range(first, last + 1, step))[: MANY + 1]
    powers = [first]
    while powers[-1] * 2 <= last:
        powers.append(powers[-1] * 2)
    return powers


def names(text: str, option: str, known: Collection[str]) -> list[str]:
    """Return names from a comma-separated list, each once.

    Raises ProblemError for one that is not known.
    """
    found = list(dict.fromkeys(part.strip() for part in text.split(",")))
    for name in found:
        if name not in known:
            raise refused(
                option,
                f"there is no `{name}`",
                nearest(name, known) or f"one of {', '.join(known)}",
            )
    return found


def refused(option: str, message: str, hint: str) -> ProblemError:
    """Return the error of an option's value."""
    return ProblemError.of(Mark(option), "option", message, hint)
