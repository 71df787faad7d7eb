"""The command line: one file per command, one table of them here, and what becomes of every kind of failure."""

from __future__ import annotations

import gc
import os
import sys
import warnings
from importlib import import_module
from typing import Annotated, NoReturn

import typer

from archprof import __version__
from archprof.units import printable

OK, DIFFERS, MISUSED, BUG, INTERRUPTED = 0, 1, 2, 3, 130

COMMANDS = ("summary", "list", "explain", "compare", "diff", "roadmap", "bench", "device", "lecture", "solve", "quiz", "grade",
            "verify", "check", "fmt", "new", "conventions", "schema")  # each a function in the file of its name


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


def run() -> NoReturn:
    """The console script: runs a command and leaves with the exit code that says how it went.

    0 fine; 1 the thing checked does not hold; 2 wrong use or a bad spec; 3 a bug; 130 interrupted.
    """
    gc.set_threshold(100_000)  # so short a process leaves no garbage worth looking for, on its way or at its end: a seventh of a summary
    status = _run()
    gc.freeze()
    sys.exit(status)


def _run() -> int:
    from archprof.report import terminal

    terminal.prepare()
    warnings.filterwarnings("ignore", "Using padding='same' with even kernel")  # torch's remark on the copy it makes, which the analysis counts
    try:
        return _command()
    except BrokenPipeError:  # the reader of a pipe has left, as `| head` does
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return OK
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        return INTERRUPTED
    except Exception as error:  # noqa: BLE001 - the last line of defence: a bug is reported, never shown raw
        return _other(error)


def _command() -> int:
    from archprof.cli.options import complain
    from archprof.problem import ProblemError

    try:
        status = application("".join(sys.argv[1:2]))(prog_name="archprof", standalone_mode=False)
    except ProblemError as error:
        status = complain(error.problems)
    except SystemExit as end:  # typer leaves with 1 when the reader of a pipe has left; here that would say that a check failed
        if isinstance(end.__context__, BrokenPipeError):
            return OK
        raise
    if status == INTERRUPTED:  # typer's silent answer to Ctrl-C
        print("interrupted", file=sys.stderr)
    sys.stdout.flush()
    return status if isinstance(status, int) else OK


def _other(error: Exception) -> int:
    """Click's own usage errors as click shows them; an unwritable file as one line; anything else is a bug."""
    show = getattr(error, "show", None)
    if show is not None:
        show()
        return getattr(error, "exit_code", MISUSED)
    if type(error).__name__ == "Abort":
        print("interrupted", file=sys.stderr)
        return INTERRUPTED
    if isinstance(error, OSError):
        print(printable(f"archprof: error: {error.strerror or error}{f': {error.filename}' if error.filename else ''}"), file=sys.stderr)
        return MISUSED
    return _bug(error)


def _bug(error: Exception) -> int:
    import traceback

    bug(f"{type(error).__name__}: {str(error)[:200]}", "".join(traceback.format_exception(error)))
    return BUG


def bug(what: str, text: str) -> None:
    """Says that there is a bug, and where its traceback is."""
    import tempfile

    try:
        with tempfile.NamedTemporaryFile("w", prefix="archprof-", suffix=".txt", delete=False, encoding="utf-8", errors="replace") as file:
            file.write(f"archprof {__version__}\n{' '.join(sys.argv)}\n{text}")
        where = f"the traceback is in {file.name}"
    except OSError:
        where = f"no place to write the traceback; it ended with\n{text[-500:].rstrip()}"
    print(f"archprof: a bug in archprof ({printable(what)}); {where}", file=sys.stderr)
