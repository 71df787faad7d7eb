"""The table of commands, and how one is started."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import typer

COMMANDS = {
    "summary": "summary.command",
    "capture": "capture.command",
    "list": "summary.list_command",
    "explain": "summary.explain_command",
    "page": "page.command",
    "compare": "compare.command",
    "diff": "diff.command",
    "fit": "fit.command",
    "sweep": "sweep.command",
    "search": "sweep.search_command",
    "latency": "sweep.latency_command",
    "roadmap": "summary.roadmap_command",
    "bench": "measure.command",
    "history": "measure.history.command",
    "device": "measure.device.command",
    "lecture": "lecture.command",
    "solve": "lecture.solve_command",
    "quiz": "quiz.command",
    "grade": "quiz.grade_command",
    "verify": "verify.command",
    "check": "check.command",
    "fmt": "edit.fmt_command",
    "new": "edit.new_command",
    "export": "export.command",
    "plot": "plot.command",
    "ops": "reference.ops_command",
    "conventions": "summary.conventions_command",
    "schema": "edit.schema_command",
}
"""Where in `archprof/commands` the function of a command is, which has the command's name."""


COMPLETION = "_ARCHPROF_COMPLETE"  # in the environment: a shell asks what may follow


def start(words: Sequence[str]) -> Any:
    """Run the command that a command line names, and return what it returns.

    Typer is imported only where it is needed: it takes longer than all else.
    """
    from archprof.cli.quick import quick

    first = words[0] if words else ""
    if first in COMMANDS and not os.environ.get(COMPLETION):
        command = _function(first)
        given = quick(command, words[1:])
        if given is not None:
            return command(**given)
    return application(first)(prog_name="archprof", standalone_mode=False)


def application(first: str) -> typer.Typer:
    """Return the program with the command `first` alone, or with all where it names none.

    Building all takes as long as reading a network.
    """
    from archprof.cli.typer_program import program

    return program(_function(name) for name in ((first,) if first in COMMANDS else COMMANDS))


def _function(name: str) -> Callable[..., Any]:
    found: Callable[..., Any] = getattr(import_module(f"archprof.commands.{COMMANDS[name]}"), name)
    return found
