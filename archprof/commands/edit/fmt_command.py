"""`archprof fmt`: spec files in one style."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated

from archprof.cli.declared import Argument, Option

if TYPE_CHECKING:
    from archprof.language.files import Source


def fmt(
    paths: Annotated[
        list[str],
        Argument(
            metavar="PATH…",
            help=(
                "Spec files, folders of them, globs in quotes, shipped networks; - is standard"
                " input."
            ),
            show_default=False,
        ),
    ],
    check: Annotated[
        bool,
        Option(
            "--check",
            help=(
                "Write nothing; name the files that are not in the style, and exit with 1 for any."
            ),
        ),
    ] = False,
    diff: Annotated[
        bool,
        Option(
            "--diff",
            help="Write nothing; show what would change, and exit with 1 where anything would.",
        ),
    ] = False,
) -> int:
    """Format spec files: spaces, indentation, blank lines and quotes.

    Words, values, comments, their order and the line breaks stay.

    Example: archprof fmt --check specs/
    """
    from archprof.allowance import share
    from archprof.cli.options import complain, standard_input
    from archprof.commands.edit.formatting import formatted
    from archprof.language.files import find
    from archprof.language.text import MAX_BYTES, decode, read
    from archprof.problem import Problem, ProblemError
    from archprof.units import inert, number_of, printable

    problems: list[Problem] = []
    files = changed = 0
    sources = find(paths, problems)
    share(len(sources))
    for source in sources:
        try:
            if source.path:
                text = read(source.path, source.name)[0]
            else:
                text = decode(standard_input(MAX_BYTES + 1), source.name)
            result = formatted(text, source.name)
            files += 1
            changed += result != text
            if diff:
                _show_diff(text, result, source.name)
            elif not check:
                _write(source, text, result)
            elif result != text:
                print(inert(printable(source.name)))
        except ProblemError as error:
            problems += error.problems
    sys.stdout.flush()
    complain(problems)
    dry = check or diff
    done = "would change" if dry else "formatted"
    print(f"{number_of(files, 'file')}, {changed or 'none'} {done}", file=sys.stderr)
    if problems:
        return 2
    return 1 if changed and dry else 0


def _show_diff(text: str, result: str, name: str) -> None:
    from archprof.units import inert, printable

    for line in _diff(text, result, name):
        print(inert(printable(line) if sys.stdout.isatty() else line))


def _write(source: Source, text: str, result: str) -> None:
    """Write the formatted text to where the spec is from. Raises ProblemError for a shipped one."""
    from archprof.problem import Mark, ProblemError
    from archprof.show import terminal

    if source.path is None:
        sys.stdout.write(result)
    elif result != text and source.shipped:
        hint = "--check or --diff shows what would change; `archprof new` makes a copy"
        message = "it comes with archprof and is not written to"
        raise ProblemError.of(Mark(source.name), "file", message, hint)
    elif result != text:
        terminal.write_whole(source.path, result)


def _diff(old: str, new: str, name: str) -> Iterator[str]:
    """Return the lines of a unified diff."""
    import difflib

    def rows(text: str) -> list[str]:
        *whole, last = text.split("\n")
        if last:
            whole.append(f"{last}\n\\ No newline at end of file")
        return whole

    return difflib.unified_diff(rows(old), rows(new), name, f"{name} (formatted)", lineterm="")
