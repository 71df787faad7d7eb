"""What a spec says shall not be complained of, and why: `# archprof: ignore[conv-bias] so has
the public implementation`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from archprof.commands.check.rules import fault
from archprof.language.comments import comments
from archprof.language.text import lines
from archprof.problem import Mark, Problem

WORD = "archprof:"
_FORM = re.compile(r"archprof:\s*(ignore|ignore-file)\s*\[([^\]]*)\]\s*(.*)\Z")
_USAGE = "# archprof: ignore[RULE] REASON, or ignore-file[RULE] REASON"


class Suppression(NamedTuple):
    """Rules left out at one line of a file, or (line 0) in all of it.

    `mark` is the place that says so.
    """

    mark: Mark
    rule: str
    line: int


def suppressions(text: str, file: str) -> tuple[list[Suppression], list[Problem]]:
    """Those that the comments of a file ask for, and what is wrong with comments that ask for
    none.
    """
    found: list[Suppression] = []
    problems: list[Problem] = []
    rows: list[str] = []
    for number, column, comment in comments(text, WORD):
        rows = rows or lines(text)
        mark = Mark(file, number, column)
        match = _FORM.match(comment)
        names = [name.strip() for name in match[2].split(",") if name.strip()] if match else []
        if not match or not names:
            problems.append(
                Problem(
                    mark,
                    "suppression",
                    "this comment speaks to archprof, and names no rule to ignore",
                    _USAGE,
                )
            )
            continue
        if not match[3].strip():
            problems.append(
                Problem(
                    mark,
                    "suppression",
                    f"{', '.join(f'`{name}`' for name in names)} is ignored without a reason",
                    _USAGE,
                )
            )
        line = (
            0
            if match[1] == "ignore-file"
            else number
            if rows[number - 1][: column - 1].strip()
            else _next(rows, number)
        )
        for name in names:
            if wrong := fault(name):
                problems.append(Problem(mark, "suppression", *wrong))
            else:
                found.append(Suppression(mark, name, line))
    return found, problems


def _next(rows: list[str], number: int) -> int:
    """The line after this one that says something."""
    return next(
        (
            n
            for n, row in enumerate(rows[number:], number + 1)
            if row.strip() and not row.lstrip().startswith("#")
        ),
        number,
    )


class Suppressions:
    """Those of one file and of the files it uses, as findings come to be held against them.

    `used` are the places that were needed.
    """

    def __init__(self, texts: dict[str, str]):
        self.problems: list[Problem] = []
        self.declared: dict[tuple[str, int, str], Mark] = {}
        self.used: set[tuple[Mark, str]] = set()
        for file, text in texts.items():
            found, problems = suppressions(text, file)
            self.problems += problems
            self.declared |= {(file, s.line, s.rule): s.mark for s in found}

    def hides(self, problem: Problem) -> bool:
        """Whether the problem shall not be shown; what hides it counts as used."""
        keys = [(problem.mark.file, line, problem.rule) for line in (problem.mark.line, 0)]
        marks = [self.declared[key] for key in keys if key in self.declared]
        self.used |= {(mark, problem.rule) for mark in marks}
        return bool(marks)

    def idle(self, file: str) -> Iterator[tuple[str, Problem]]:
        """For each rule that a place in one file leaves out, what to say where nothing needed
        that.
        """
        yield from (
            (rule, idle(mark, rule, top=mark.line == 1 and line > 0))
            for (name, line, rule), mark in self.declared.items()
            if name == file
        )


def idle(mark: Mark, rule: str, row: str = "", top: bool = False) -> Problem:
    """The complaint about a suppression that nothing needed; `row` is its line.

    At the `top` of a spec the whole file may have been meant.
    """
    hint = (
        f"for the whole file it is `# archprof: ignore-file[{rule}] REASON`; otherwise remove it"
        if top
        else "remove it"
    )
    return Problem(
        mark, "unused-suppression", f"`{rule}` has nothing to suppress here", hint, source_line=row
    )
