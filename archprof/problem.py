"""The one way to complain: a problem has a place, a rule, a message and a way out."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass, field

from archprof.units import printable


@dataclass(frozen=True, slots=True, order=True)
class Mark:
    """A place in a spec: file, line and column, both counted from 1; line 0 means the file as a whole."""

    file: str
    line: int = 0
    column: int = 0

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}" if self.line else self.file


@dataclass(frozen=True, slots=True)
class Problem:
    """One complaint. `chain` lists the layers that led here, outermost first, as "path (file:line)"."""

    mark: Mark
    rule: str
    message: str
    hint: str = ""
    chain: tuple[str, ...] = ()
    source_line: str = field(default="", compare=False)

    def __str__(self) -> str:
        """The problem as text: place and message, the line with a caret, the chain, the way out."""
        lines = [f"{printable(str(self.mark))}: error: {printable(self.message)} [{self.rule}]"]
        if self.source_line:
            lines += _excerpt(printable(self.source_line), self.mark.column)
        lines += [f"  in {printable(link)}" for link in self.chain]
        if self.hint:
            lines.append(f"  hint: {printable(self.hint)}")
        return "\n".join(lines)


class ProblemError(Exception):
    """Raised with every problem found so far; `problems` is sorted by place."""

    def __init__(self, problems: Iterable[Problem]):
        unique = dict.fromkeys(problems)
        self.problems = tuple(sorted(unique, key=lambda p: (p.mark, p.rule, p.message)))
        super().__init__("\n".join(str(p) for p in self.problems))


def nearest(name: str, known: Iterable[str], what: str = "") -> str:
    """A hint naming the known name closest to `name`, or all of them when none is close and they are few."""
    known = sorted(known)
    close = difflib.get_close_matches(name, known, n=1, cutoff=0.6)
    if close:
        return f"did you mean `{close[0]}`?"
    if not known:
        return f"there is no {what} here" if what else ""
    if len(known) <= 16:
        return f"known{' ' + what if what else ''}: {', '.join(known)}"
    return ""


def _excerpt(line: str, column: int, width: int = 100) -> list[str]:
    """The source line and a caret under `column` (from 1), cut to a window when the line is long."""
    left = max(0, column - 1 - width // 2) if len(line) > width else 0
    shown = line[left : left + width]
    return [f"    {shown}", "    " + " " * (column - 1 - left) + "^"]
