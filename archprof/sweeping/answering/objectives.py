"""What is to be small and what large: `min macs, max params`."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING, Any

from archprof.ops.base import shown
from archprof.problem import Mark, ProblemError, nearest
from archprof.record import Record

if TYPE_CHECKING:
    from numpy import ndarray

MOST = 6
_EXAMPLE = "for instance 'min macs, max params'"


class Objective(Record):
    """A column whose small values are wanted, or with `largest` its large ones."""

    name: str
    largest: bool = False

    def __str__(self) -> str:
        return f"{'max' if self.largest else 'min'} {self.name}"

    def cost(self, values: ndarray[Any, Any]) -> ndarray[Any, Any]:
        """Return the values so that less is better. Whole numbers stay whole."""
        return -values if self.largest else values


def objectives(text: str | Sequence[str], option: str = "--front") -> tuple[Objective, ...]:
    """Return what a text such as `min macs, max params`, or a list of its parts, asks for.

    Raises ProblemError for another text, a name that is there twice, and more than six.
    """
    parts = text.split(",") if isinstance(text, str) else list(text)
    found = tuple(_objective(part, option) for part in parts)
    names = [one.name for one in found]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise _refused(option, f"{shown(twice)} is an objective twice", "leave one of them out")
    if not 1 <= len(found) <= MOST:
        message = f"found {len(found)} objectives, expected 1 to {MOST}"
        raise _refused(option, message, "make limits of the others, as --where 'params <= 40M'")
    return found


def refuse_unknown(
    asked: Sequence[Objective], known: Collection[str], option: str = "--front"
) -> None:
    """Raise ProblemError where an objective is not a column of numbers."""
    for one in asked:
        if one.name not in known:
            message = f"there is no number {shown(one.name)}"
            raise _refused(option, message, nearest(one.name, known, "numbers"))


def _objective(text: object, option: str) -> Objective:
    words = text.split() if isinstance(text, str) else []
    if len(words) != 2 or words[0] not in ("min", "max"):
        message = f"{shown(text)} is not an objective, expected min or max and a name"
        raise _refused(option, message, _EXAMPLE)
    return Objective(words[1], words[0] == "max")


def _refused(option: str, message: str, hint: str) -> ProblemError:
    return ProblemError.of(Mark(option), "option", message, hint)
