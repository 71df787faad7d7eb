"""What is to be small and what large: `min macs, max params`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from archprof.ops.base import shown
from archprof.problem import Mark, ProblemError, nearest
from archprof.sweeping.space.bounds import DIRECTIONS, QUANTITIES, Objective, objective

if TYPE_CHECKING:
    from numpy import ndarray

MOST = 6


def objectives(
    text: str | Sequence[str], columns: Sequence[str], option: str = "--front"
) -> tuple[Objective, ...]:
    """Return what a text such as `min macs, max params`, or several of them, want.

    `columns` are the numbers that may be compared beside totals. Raises ProblemError for another
    text, an unknown number, one that is there twice, and more than six.
    """
    texts = [text] if isinstance(text, str) else text
    parts = [part for one in texts for part in str(one).split(",")]
    found = []
    for part in parts:
        one = objective(part, tuple(columns))
        if one is None:
            raise _refused_part(part, columns, option)
        found.append(one)
    names = [one.quantity for one in found]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        message = f"{shown(twice)} is an objective twice"
        raise ProblemError.of(Mark(option), "option", message, "leave one of them out")
    if not found:
        hint = f"give it, for instance {option} 'min macs, max params'"
        raise ProblemError.of(Mark(option), "option", "the space has no `front`", hint)
    if len(found) > MOST:
        message = f"found {len(found)} objectives, expected at most {MOST}"
        hint = "make limits of the others: --where 'params <= 40M'"
        raise ProblemError.of(Mark(option), "option", message, hint)
    return tuple(found)


def cost(wanted: Objective, values: ndarray[Any, Any]) -> ndarray[Any, Any]:
    """Return the values of an objective so that less is better; whole numbers stay whole."""
    return -values if wanted.most else values


def _refused_part(part: str, columns: Sequence[str], option: str) -> ProblemError:
    direction, _, name = part.strip().partition(" ")
    if direction in DIRECTIONS and name:
        message = f"there is no number {shown(name.strip())}"
        hint = nearest(name.strip(), [*QUANTITIES, *columns], "numbers")
    else:
        message = f"{shown(part)} is not an objective, expected min or max and a number's name"
        hint = "for instance 'min macs, max params'"
    return ProblemError.of(Mark(option), "option", message, hint)
