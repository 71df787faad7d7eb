"""The command line: it starts a command, and knows what becomes of every kind of failure.

Nothing that takes time is imported before `run` listens to signals.
"""

from __future__ import annotations

import errno
import gc
import os
import sys
import warnings

TYPE_CHECKING = False  # as typing has it, whose import takes longer than all else here
if TYPE_CHECKING:
    from typing import Any, NoReturn

    from archprof.cli.signals import Signals

OK, DIFFERS, MISUSED, BUG, INTERRUPTED = 0, 1, 2, 3, 130
NO_MEMORY = -1
MOST_SHOWN = 2_000  # characters of click's own complaint, which quotes whatever was typed


def run() -> NoReturn:
    """Run a command and leave with the exit code that says how it went.

    This is the console script. 0: fine; 1: what was checked does not hold; 2: wrong use, a bad spec
    or a limit; 3: a bug; 130: interrupted, 143: terminated, 129: hung up.
    """
    try:
        from archprof.cli.signals import Signals

        signals = Signals()
    except KeyboardInterrupt:
        os.write(2, b"interrupted\n")
        os._exit(INTERRUPTED)
    # so short a process leaves no garbage worth looking for, on its way or at its end: a seventh of
    # a summary
    gc.set_threshold(100_000)
    try:
        status = _run(signals)
    except KeyboardInterrupt:  # once more, while the first was answered
        status = signals.heard()
    signals.close()
    gc.freeze()
    sys.exit(status)


def _run(signals: Signals | None = None) -> int:
    failure: Exception | None = None
    status = BUG
    try:
        status = _command()
    except BrokenPipeError:  # the reader of a pipe has left, as `| head` does
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        status = OK
    except KeyboardInterrupt:
        status = INTERRUPTED
    except MemoryError:
        status = NO_MEMORY
    except Exception as error:  # noqa: BLE001 - the last line of defence: a bug is reported, never shown raw
        failure = error
    # also where an import in C swallowed it, or made another error of it
    if signals and signals.number:
        return signals.heard()
    if failure is not None:
        status = _other(failure)
    if status == INTERRUPTED:
        print("interrupted", file=sys.stderr)
    if status == NO_MEMORY:  # printed here, where the failure keeps nothing any more
        print(
            "archprof: error: not enough memory for this; a smaller network, or more memory",
            file=sys.stderr,
        )
        return MISUSED
    return status


def _command() -> int:
    from archprof.show import terminal

    terminal.prepare()
    if sys.argv[1:] == ["--version"]:
        from archprof import __version__

        print(f"archprof {__version__}")
        return OK
    # torch's remark on the copy it makes, which the analysis counts
    warnings.filterwarnings("ignore", "Using padding='same' with even kernel")
    from archprof.cli.lean_yaml import LeanYaml

    if "yaml" not in sys.modules:
        sys.meta_path.insert(0, LeanYaml())
    status = _answer(sys.argv[1:])
    sys.stdout.flush()
    return status if isinstance(status, int) else OK


def _answer(words: list[str]) -> Any:
    """Run a command line, and return what its command returns, or the exit code of its problems.

    This and what it calls is short: where memory has ended CPython 3.11 tries forever to leave a
    `with` or an `except` behind the 256th instruction of a function, whose number needs memory.
    """
    from archprof.allowance import Allowance
    from archprof.cli.application import start
    from archprof.cli.options import complain
    from archprof.limits import usual
    from archprof.problem import ProblemError

    try:
        with Allowance(usual(), f"archprof {''.join(words[:1])}"):
            return start(words)
    except ProblemError as error:
        return complain(error.problems)
    # typer leaves with 1 when the reader of a pipe has left; here that would say that a check
    # failed
    except SystemExit as end:
        if isinstance(end.__context__, BrokenPipeError):
            return OK
        raise


def _other(error: Any) -> int:
    """Report any other failure and return the exit code.

    Click's own usage errors are shown as click shows them, an unwritable file in one line; anything
    else is a bug.
    """
    from archprof.units import printable

    show = getattr(error, "show", None)
    if show is not None:
        message = getattr(error, "message", "")
        if len(message) > MOST_SHOWN:
            error.message = f"{message[: MOST_SHOWN // 2]} … {message[-MOST_SHOWN // 2 :]}"
        show()
        return getattr(error, "exit_code", MISUSED)
    # click makes an Abort of an EOFError, where it is what runs the command
    if type(error).__name__ == "Abort" or isinstance(error, EOFError):
        return INTERRUPTED
    if _no_room(error):
        return NO_MEMORY
    if isinstance(error, OSError):
        file = f": {error.filename}" if error.filename else ""
        message = f"archprof: error: {error.strerror or error}{file}"
        print(printable(message), file=sys.stderr)
        return MISUSED
    return _bug(error)


def _no_room(error: Exception) -> bool:
    """Whether memory is what lacks, in other words.

    For instance for a library that could not be loaded, or a process that could not be started.
    """
    if getattr(error, "errno", None) == errno.ENOMEM:
        return True
    return isinstance(error, ImportError) and "failed to map segment" in str(error)


def _bug(error: Exception) -> int:
    try:
        import traceback

        what = f"{type(error).__name__}: {str(error)[:200]}"
        bug(what, "".join(traceback.format_exception(error)))
    except (MemoryError, ImportError):  # no room for the libraries that a report needs
        return NO_MEMORY
    return BUG


def bug(what: str, text: str) -> None:
    """Print that there is a bug, and where its traceback is."""
    import tempfile

    from archprof import __version__
    from archprof.units import printable

    try:
        with tempfile.NamedTemporaryFile(
            "w", prefix="archprof-", suffix=".txt", delete=False, encoding="utf-8", errors="replace"
        ) as file:
            file.write(f"archprof {__version__}\n{' '.join(sys.argv)}\n{text}")
        where = f"the traceback is in {file.name}"
    except OSError:
        where = f"no place to write the traceback; it ended with\n{text[-500:].rstrip()}"
    print(f"archprof: a bug in archprof ({printable(what)}); {where}", file=sys.stderr)
