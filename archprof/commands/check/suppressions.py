"""Suppressions in comments of a spec, such as `# archprof: ignore[conv-bias] as published`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from archprof.commands.check.rules import fault
from archprof.language.comments import comments
from archprof.language.text import lines
from archprof.problem import Mark, Problem

WORD = "archprof:"
WHOLE_FILE = 0  # in the place of a line
_FORM = re.compile(r"archprof:\s*(ignore|ignore-file)\s*\[([^\]]*)\]\s*(.*)\Z")
_USAGE = "# archprof: ignore[RULE] REASON, or ignore-file[RULE] REASON"


class Suppression(NamedTuple):
    """A rule that is suppressed at one line of a file, or in all of it (line 0).

    `mark` is the place of the comment.
    """

    mark: Mark
    rule: str
    line: int


def suppressions(text: str, file: str) -> tuple[list[Suppression], list[Problem]]:
    """Return the suppressions in the comments of a file, and what is wrong with such comments."""
    found: list[Suppression] = []
    problems: list[Problem] = []
    rows: list[str] = []
    following: list[int] = []
    for number, column, comment in comments(text, WORD):
        rows = rows or lines(text)
        following = following or _following(rows)
        mark = Mark(file, number, column)
        match = _FORM.match(comment)
        names = [name.strip() for name in match[2].split(",") if name.strip()] if match else []
        if not match or not names:
            message = "this comment speaks to archprof, and names no rule to ignore"
            problems.append(Problem(mark, "suppression", message, _USAGE))
            continue
        if not match[3].strip():
            listed = ", ".join(f"`{name}`" for name in names)
            message = f"{listed} is ignored without a reason"
            problems.append(Problem(mark, "suppression", message, _USAGE))
        if match[1] == "ignore-file":
            line = WHOLE_FILE
        elif rows[number - 1][: column - 1].strip():  # the comment is behind something
            line = number
        else:
            line = following[number - 1]
        for name in names:
            if wrong := fault(name):
                problems.append(Problem(mark, "suppression", *wrong))
            else:
                found.append(Suppression(mark, name, line))
    return found, problems


def _following(rows: list[str]) -> list[int]:
    """Return for each line the number of the next one with more than a comment, its own for none.

    All at once, from below: a file may have a hundred thousand comments.
    """
    numbers = list(range(1, len(rows) + 1))
    below = 0
    for i in range(len(rows) - 1, -1, -1):
        numbers[i] = below or i + 1
        if rows[i].strip() and not rows[i].lstrip().startswith("#"):
            below = i + 1
    return numbers


class Suppressions:
    """The suppressions of a file and of the files it uses, and which of them were needed.

    What `checked`, the file itself, ignores as a whole it ignores in the shared blocks it uses as
    well. `used` has the places that were needed, each with its rule.
    """

    def __init__(self, texts: dict[str, str], checked: str = ""):
        self.checked = checked
        self.problems: list[Problem] = []
        self.declared: dict[tuple[str, int, str], Mark] = {}
        self.used: set[tuple[Mark, str]] = set()
        for file, text in texts.items():
            found, problems = suppressions(text, file)
            self.problems += problems
            self.declared |= {(file, s.line, s.rule): s.mark for s in found}

    def hides(self, problem: Problem) -> bool:
        """Return whether the problem is suppressed, and note the suppressions as used."""
        file, rule = problem.mark.file, problem.rule
        keys = [
            (file, problem.mark.line, rule),
            (file, WHOLE_FILE, rule),
            (self.checked, WHOLE_FILE, rule),
        ]
        marks = [self.declared[key] for key in keys if key in self.declared]
        self.used |= {(mark, rule) for mark in marks}
        return bool(marks)

    def idle(self, file: str) -> Iterator[tuple[str, Problem]]:
        """Yield for each suppression of a file its rule, and the problem where nothing needs it."""
        for (name, line, rule), mark in self.declared.items():
            if name == file:
                top = mark.line == 1 and line != WHOLE_FILE
                yield rule, idle(mark, rule, top=top)


def idle(mark: Mark, rule: str, row: str = "", top: bool = False) -> Problem:
    """Return the problem of a suppression that nothing needed; `row` is its line.

    At the `top` of a spec the whole file may have been meant.
    """
    hint = "remove it"
    if top:
        whole = f"# archprof: ignore-file[{rule}] REASON"
        hint = f"for the whole file it is `{whole}`; otherwise remove it"
    message = f"`{rule}` has nothing to suppress here"
    return Problem(mark, "unused-suppression", message, hint, source_line=row)
