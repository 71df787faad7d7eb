"""A target captured by a process of its own, because what Python has imported of one revision it
does not import again of another.
"""

from __future__ import annotations

import multiprocessing
import os
import sys
from multiprocessing.connection import Connection
from pathlib import Path
from types import ModuleType
from typing import NamedTuple

from archprof.capturing.inputs import input_specs
from archprof.capturing.tape import Tape
from archprof.capturing.tape_reader import tape_of
from archprof.capturing.tape_writer import tape_text
from archprof.capturing.targets import target
from archprof.language.override import parse_override
from archprof.problem import Mark, ProblemError
from archprof.processes import safe_path
from archprof.targets import captured


class AtRevision(NamedTuple):
    """A target with its inputs and values as they were typed; the working directory in which it is
    captured; and the folder with the files of a revision, which messages call `revision`.
    """

    target: str
    inputs: tuple[str, ...]
    values: tuple[str, ...]
    place: str
    folder: str
    revision: str


def captured_at(request: AtRevision) -> Tape:
    """Return the tape of a target, captured by a new process in another folder.

    Raises ProblemError where the target cannot be captured there, or its process ends early.
    """
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe(duplex=False)
    process = context.Process(target=_serve, args=(theirs, request), name="archprof capture")
    with safe_path():
        process.start()
    theirs.close()
    try:
        succeeded, text, hint = ours.recv()
    except EOFError:
        process.join()
        succeeded, text, hint = False, f"its process ended with exit code {process.exitcode}", ""
    process.join()
    if not succeeded:
        message = f"at {request.revision} it cannot be captured: {text}"
        hint = hint or "the target must be there at both revisions"
        raise ProblemError.of(Mark(request.target), "capture", message, hint)
    return tape_of(text.encode(), request.target)


def _serve(connection: Connection, request: AtRevision) -> None:
    """Send the tape as text, or why there is none."""
    os.chdir(request.place)
    sys.dont_write_bytecode = True
    try:
        connection.send((True, tape_text(_tape(request)), ""))
    except ProblemError as error:
        said = "; ".join(f"{p.mark}: {p.message}" for p in error.problems)
        connection.send((False, said, error.problems[0].hint))


def _tape(request: AtRevision) -> Tape:
    found = target(request.target)
    if found is None:
        raise ProblemError.of(Mark(request.target), "network", "it is not captured")
    values = dict(parse_override(text, "--arg") for text in request.values)
    tape = captured(found, input_specs(request.inputs), values).tape
    if found.kind == "package":
        _inside(found.place, Path(request.folder), request.revision)
    return tape


def _inside(package: str, folder: Path, revision: str) -> None:
    """Raise ProblemError where a package was not imported from the folder of the revision."""
    module: ModuleType = sys.modules[package]
    file = Path(module.__file__ or "")
    if not file.resolve().is_relative_to(folder.resolve()):
        message = f"`{package}` is imported from {file.parent}, and not from {revision}"
        hint = "set PYTHONPATH to its folder in the repository, such as src; or name its file"
        raise ProblemError.of(Mark(package), "capture", message, hint)
