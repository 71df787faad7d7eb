"""The one way to complain: a problem has a place, a rule, a message and a way out."""

from __future__ import annotations

import re
from collections.abc import Iterable
from enum import StrEnum
from typing import Any, NamedTuple, Self

from archprof.record import Record
from archprof.units import printable

MAX_PROBLEMS = 100  # of one file
MAX_COMPARED = 1000  # names; comparing is slow, and a hostile file has thousands
MAX_LENGTH = 100
MAX_QUOTED = 1_000  # characters of a message; longer ones lose their middle
# the rules of what a spec says must hold; the network can be built all the same
STATED = frozenset({"expect", "shape-assertion"})
# with these a command still has its result: what is stated does not hold, or a cost is unknown
FINDINGS = STATED | {"unknown-cost"}


class Severity(StrEnum):
    """How much a problem weighs.

    An error fails the run, a warning does where it is strict, a note never.
    """

    error = "error"
    warning = "warning"
    note = "note"


class Mark(NamedTuple):
    """A place in a spec: file, line and column, both from 1; line 0 is the file as a whole."""

    file: str
    line: int = 0
    column: int = 0

    def __str__(self) -> str:
        if not self.line:
            return self.file
        place = f"{self.file}:{self.line}"
        return f"{place}:{self.column}" if self.column else place


class Problem(Record):
    """One complaint.

    `chain` lists the layers that led here, outermost first, as "path (file:line)".
    """

    mark: Mark
    rule: str
    message: str
    hint: str = ""
    chain: tuple[str, ...] = ()
    source_line: str = ""  # of the place; problems are equal without it

    def __init__(
        self,
        mark: Mark,
        rule: str,
        message: str,
        hint: str = "",
        chain: tuple[str, ...] = (),
        source_line: str = "",
    ) -> None:
        super().__init__(mark, rule, _shortened(message), _shortened(hint), chain, source_line)

    def _key(self) -> tuple[Any, ...]:
        return self.mark, self.rule, self.message, self.hint, self.chain

    def __str__(self) -> str:
        return self.text()

    def text(self, severity: str = "error") -> str:
        """Return the problem as text: place, message, the line with a caret, chain and hint."""
        lines = [
            f"{printable(str(self.mark))}: {severity}: {printable(self.message)} [{self.rule}]"
        ]
        if self.source_line:
            lines += _excerpt(self.source_line, self.mark.column)
        chain = self.chain
        if len(chain) > 8:
            chain = (*chain[:4], f"… {len(chain) - 7} more …", *chain[-3:])
        for link in chain:
            shown = link if len(link) <= 120 else f"{link[:40]}…{link[-79:]}"
            lines.append(f"  in {printable(shown)}")
        if self.hint:
            lines.append(f"  hint: {printable(self.hint)}")
        return "\n".join(lines)


def _shortened(text: str) -> str:
    """Return a text that quotes what a file says, without its middle where it is too long."""
    if len(text) <= MAX_QUOTED:
        return text
    return f"{text[: MAX_QUOTED // 2]} … {text[-MAX_QUOTED // 4 :]}"


class ProblemError(Exception):
    """Raised with every problem found so far; `problems` is sorted by place."""

    def __init__(self, problems: Iterable[Problem]):
        unique = dict.fromkeys(problems)
        self.problems = tuple(sorted(unique, key=lambda p: (p.mark, p.rule, p.message)))
        super().__init__("\n".join(str(p) for p in self.problems))

    def __reduce__(self) -> tuple[type[Self], tuple[tuple[Problem, ...]]]:
        """Say how another process makes it again: of its problems, not of its text."""
        return type(self), (self.problems,)

    @classmethod
    def of(cls, mark: Mark, rule: str, message: str, hint: str = "") -> Self:
        """Return the error of a single problem."""
        return cls([Problem(mark, rule, message, hint)])


class Problems(list[Problem]):
    """Problems as they are found, one after the other."""

    def add(self, mark: Mark, rule: str, message: str, hint: str = "") -> None:
        """Note one more problem.

        Raises ProblemError with all of them when they are too many to be read.
        """
        self.append(Problem(mark, rule, message, hint))
        if len(self) >= MAX_PROBLEMS:
            text = f"{MAX_PROBLEMS} problems and more: the rest is not shown"
            raise ProblemError([*self, Problem(Mark(mark.file), "limit", text)])


def closest(name: str, known: Iterable[str]) -> str | None:
    """Return the known name that `name` is a slip of the hand for, None where there is none.

    Names are compared word by word, so that `max_training_memory` is not a slip for
    `max_peak_memory`: of a word of four letters and more one may be wrong, of eight and more two.
    Case, `_`, `-` and dots between words may differ.
    """
    from difflib import SequenceMatcher  # whose import takes time, and which only slips need

    known = sorted(known)
    if len(known) > MAX_COMPARED:
        alike = [one for one in known if one[:3] == name[:3] and abs(len(one) - len(name)) <= 2]
        known = alike[:MAX_COMPARED]
    name = name[:MAX_LENGTH]
    found: dict[str, tuple[int, float, str]] = {}  # by known name how near it is
    for other in known:
        slips = _slips(name, other)
        if slips is not None:
            found[other] = -slips, SequenceMatcher(None, name, other).ratio(), other
    return max(found, key=lambda other: found[other], default=None)


def _slips(name: str, other: str) -> int | None:
    """Return in how many letters two names differ, None for too many."""
    mine, theirs = _words(name), _words(other)
    if "".join(mine) == "".join(theirs):
        return 0
    if len(mine) != len(theirs):
        mine, theirs = ["".join(mine)], ["".join(theirs)]
    total = 0
    for one, another in zip(mine, theirs, strict=True):
        longer = max(len(one), len(another))
        allowed = 0
        if longer >= 4:
            allowed = 2 if longer >= 8 else 1
        slips = next((n for n in range(allowed + 1) if _within(one, another, n)), None)
        if slips is None:
            return None
        total += slips
    return total


def _words(name: str) -> list[str]:
    return [word for word in re.split(r"[\W_]+", name.lower()) if word]


def _within(one: str, another: str, slips: int) -> bool:
    """Whether at most `slips` slips turn one word into the other.

    A slip is a letter too many, too few or wrong, or two letters in the wrong order.
    """
    same = next(
        (i for i, (a, b) in enumerate(zip(one, another, strict=False)) if a != b),
        min(len(one), len(another)),
    )
    one, another = one[same:], another[same:]
    if not one or not another or slips == 0:
        return len(one) + len(another) <= slips
    if one[:2] == another[1::-1] and len(one) > 1 and _within(one[2:], another[2:], slips - 1):
        return True
    return any(
        _within(a, b, slips - 1)
        for a, b in ((one[1:], another[1:]), (one[1:], another), (one, another[1:]))
    )


def nearest(name: str, known: Iterable[str], what: str = "") -> str:
    """Return a hint with the known name closest to `name`, or with all when they are few."""
    known = list(known)
    close = closest(name, known)
    if close:
        return f"did you mean `{close}`?"
    if not known:
        return f"there are no {what} here" if what else ""
    if len(known) > 20:
        return ""
    listed = ", ".join(sorted(known))
    return f"known {what}: {listed}" if what else f"known: {listed}"


def _excerpt(line: str, column: int, width: int = 100) -> list[str]:
    """Return the source line and a caret under `column`, which counts from 1.

    A long line is cut to a window, with … where something is left out.
    """
    left = max(0, column - 1 - width // 2) if len(line) > width else 0
    before, after = line[left : column - 1], line[column - 1 : left + width]
    if left:
        before = f"…{before[1:]}"
    if len(line) > left + width:
        after = f"{after[:-1]}…"
    before, after = printable(before), printable(after)
    return [f"    {before}{after}".rstrip(), "    " + " " * len(before) + "^"]
