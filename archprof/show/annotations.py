"""Problems as commands to GitHub's runner, which shows them at the line in a pull request; and
text that is not a command.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable

from archprof.problem import Problem, Severity
from archprof.units import printable

COMMANDS = {Severity.error: "error", Severity.warning: "warning", Severity.note: "notice"}
# as actions/toolkit escapes them, packages/core/src/command.ts
_DATA = {"%": "%25", "\r": "%0D", "\n": "%0A"}
_BRACKET = r"##(?=\w*\[)"
_PROPERTY = _DATA | {":": "%3A", ",": "%2C"}


def commands(found: Iterable[tuple[Severity, Problem]]) -> str:
    """Return one `::error file=…,line=…,col=…,title=…::message` a problem; the file relative to
    where the command runs, as the runner wants it.
    """
    lines = []
    for severity, problem in found:
        properties = {"file": relative(problem.mark.file)}
        if problem.mark.line:
            properties |= {"line": str(problem.mark.line), "col": str(problem.mark.column)}
        properties["title"] = f"archprof {problem.rule}"
        text = problem.message + (f"; hint: {problem.hint}" if problem.hint else "")
        listed = ",".join(
            f"{key}={_escaped(value, _PROPERTY)}" for key, value in properties.items()
        )
        lines.append(_brackets(f"::{COMMANDS[severity]} {listed}::{_escaped(text, _DATA)}\n"))
    return "".join(lines)


def relative(file: str) -> str:
    """Return a path relative to the working directory where it lies in it, with forward slashes."""
    short = os.path.relpath(file) if os.path.isabs(file) else file
    return (file if short.startswith(os.pardir) else short).replace(os.sep, "/")


def inert_json(text: str) -> str:
    """Return the same of JSON, where such a thing can only be in a string: it reads the same."""
    return re.sub(_BRACKET, r"#\\u0023", text)


def _brackets(line: str) -> str:
    return re.sub(_BRACKET, r"#\\x23", line)


def _escaped(text: str, table: dict[str, str]) -> str:
    return "".join(table.get(c, c) for c in printable(text))
