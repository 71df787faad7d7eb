"""`archprof new`: a spec to start from."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Annotated

from archprof.cli.declared import Argument, Option
from archprof.cli.options import complete_network

UNUSED = ("unused-block", "unused-parameter", "unused-input", "unused-suppression", "unknown-key")
"""What a copy leaves out; a key is unknown where the blocks that took it are left out."""
"""The rules that find what a variant does not need of its family's file."""


def new(
    name: Annotated[
        str,
        Argument(
            metavar="NAME",
            help="What the network is called, or the path of the new file; NAME.yaml is written.",
            show_default=False,
        ),
    ],
    origin: Annotated[
        str | None,
        Option(
            "--from",
            metavar="NET",
            help="Copy this shipped network instead.",
            autocompletion=complete_network,
            show_default=False,
        ),
    ] = None,
) -> int:
    """Write a commented spec to start from: a small residual network, or a copy of a shipped one.

    Never over a file that exists.

    Example: archprof new mynet --from resnet18
    """
    from archprof.commands.edit.starter import copied, starter
    from archprof.language.find import find_shipped
    from archprof.language.words import NETWORK
    from archprof.problem import Mark, Problem, ProblemError
    from archprof.show import terminal
    from archprof.units import printable

    path = Path(name if name.endswith((".yaml", ".yml")) else f"{name}.yaml")

    def refuse(message: str, hint: str) -> ProblemError:
        return ProblemError([Problem(Mark(str(path)), "file", message, hint)])

    if not NETWORK.match(path.stem):
        raise refuse(
            f"`{path.stem}` cannot name a network, expected letters, digits, _ . and -",
            "choose another NAME",
        )
    if path.exists() or path.is_symlink():
        raise refuse("there is such a file already", "choose another NAME, or remove it")
    if origin is None:
        text = starter(path.stem)
    else:
        text = _reduced(copied(find_shipped(origin), path.stem))
    terminal.write_whole(path, text)
    done = (
        f"{path} written: `archprof summary {path}` shows what it costs, `archprof check {path}`"
        " checks it"
    )
    print(printable(done), file=sys.stderr)
    return 0


def _reduced(text: str) -> str:
    """Return the text without what nothing uses, as `check` finds it."""
    from archprof.commands.check.check_file import check
    from archprof.commands.check.check_options import Options
    from archprof.commands.check.check_run import outcome
    from archprof.commands.check.config import Config
    from archprof.commands.edit import editing
    from archprof.language.files import Source

    options = Options()
    while True:
        work = Source(None, "copy", text.encode()), Config()
        found = [
            f.problem
            for f in outcome([work], [check(*work, options)], options).findings
            if f.problem.rule in UNUSED and f.problem.mark.file == "copy"
        ]
        before = text
        for problem in reversed(found):  # from below, so that the places above stay
            if problem.rule == "unused-suppression":
                text = editing.without_comment(text, problem.mark.line, problem.mark.column)
            elif (place := editing.at(text, problem.mark.line, problem.mark.column)) is not None:
                text = editing.without(text, *place)
        if text == before:
            return _without_use(text)


def _without_use(text: str) -> str:
    """Return the text without `use:`, if it takes no block from the files there."""
    from archprof.commands.edit import editing
    from archprof.language.loader import load_text

    rest = editing.without(text, "use")
    taken = any(re.search(rf"\b{name}\b", rest) for name in load_text(text).homes)
    return text if taken else rest
