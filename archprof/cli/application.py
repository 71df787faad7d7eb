"""The table of commands."""

from __future__ import annotations

import inspect
from importlib import import_module
from typing import Annotated

import typer

from archprof import __version__

COMMANDS = {
    "summary": "summary.command",
    "list": "summary.list_command",
    "explain": "summary.explain_command",
    "compare": "compare.command",
    "diff": "diff.command",
    "roadmap": "summary.roadmap_command",
    "bench": "measure.command",
    "history": "measure.history_command",
    "device": "measure.device_command",
    "lecture": "lecture.command",
    "solve": "lecture.solve_command",
    "quiz": "quiz.command",
    "grade": "quiz.grade_command",
    "verify": "verify.command",
    "check": "check.command",
    "fmt": "edit.fmt_command",
    "new": "edit.new_command",
    "ops": "reference.ops_command",
    "conventions": "summary.conventions_command",
    "schema": "edit.schema_command",
}
"""Where in `archprof/commands` the function of a command is, which has the command's name."""


def application(first: str) -> typer.Typer:
    """Return the program with the command `first` alone, or with all where it names none.

    Building all takes as long as reading a network.
    """
    app = typer.Typer(
        name="archprof",
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        rich_markup_mode="rich",
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    app.callback()(_options)
    for name in (first,) if first in COMMANDS else COMMANDS:
        function = getattr(import_module(f"archprof.commands.{COMMANDS[name]}"), name)
        app.command(help=_paragraphs(function.__doc__ or ""))(function)
    return app


def _paragraphs(text: str) -> str:
    """Return a docstring with each paragraph in one line, which the terminal's width alone wraps:
    typer keeps the line ends of some.
    """
    paragraphs = inspect.cleandoc(text).split("\n\n")
    return "\n\n".join(paragraph.replace("\n", " ") for paragraph in paragraphs)


def _version(requested: bool) -> None:
    if requested:
        print(f"archprof {__version__}")
        raise typer.Exit


def _options(
    version: Annotated[
        bool,
        typer.Option(
            "--version", help="Show the version and stop.", callback=_version, is_eager=True
        ),
    ] = False,
) -> None:
    """What does this vision network cost, and why? Every number exact, from a YAML spec, without
    running it.
    """
