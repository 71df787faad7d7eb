"""The table of commands, each a function in the file of its name."""

from __future__ import annotations

from importlib import import_module
from typing import Annotated

import typer

from archprof import __version__

COMMANDS = ("summary", "list", "explain", "compare", "diff", "roadmap", "bench", "device", "lecture", "solve", "quiz", "grade",
            "verify", "check", "fmt", "new", "conventions", "schema")


def application(first: str) -> typer.Typer:
    """The program with the command `first` alone, or with all where none is called so: building all takes as long as reading a network."""
    app = typer.Typer(name="archprof", no_args_is_help=True, pretty_exceptions_enable=False, rich_markup_mode="rich",
                      context_settings={"help_option_names": ["-h", "--help"]})
    app.callback()(_options)
    for name in (first,) if first in COMMANDS else COMMANDS:
        app.command()(getattr(import_module(f"archprof.cli.{name}"), name))
    return app


def _version(asked: bool) -> None:
    if asked:
        print(f"archprof {__version__}")
        raise typer.Exit


def _options(version: Annotated[bool, typer.Option("--version", help="Show the version and stop.", callback=_version, is_eager=True)] = False) -> None:
    """What does this vision network cost, and why? Every number exact, from a YAML spec, without running it."""
