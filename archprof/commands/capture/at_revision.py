"""A target captured in a folder of its own: run as a process, because what Python has imported of
one revision it does not import again of another.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from types import ModuleType

from archprof.capture.inputs import input_specs
from archprof.capture.tape import Tape
from archprof.capture.tape_writer import tape_text
from archprof.capture.targets import target
from archprof.language.override import parse_override
from archprof.problem import Mark, ProblemError
from archprof.targets import captured


def main() -> int:
    """Read a request from standard input: `target`, `inputs`, `values`, `folder`, the `revision`'s
    name, and the `output` file. Return 0 where the tape was written there, 2 with the problem on
    standard error.
    """
    request = json.load(sys.stdin)
    try:
        tape = _tape(request)
    except ProblemError as error:
        print(error, file=sys.stderr)
        return 2
    Path(request["output"]).write_text(tape_text(tape), encoding="utf-8")
    return 0


def _tape(request: dict[str, object]) -> Tape:
    found = target(str(request["target"]))
    if found is None:
        raise ProblemError.of(Mark(str(request["target"])), "network", "it is not captured")
    values = dict(parse_override(str(text)) for text in _listed(request["values"]))
    inputs = input_specs([str(text) for text in _listed(request["inputs"])])
    tape = captured(found, inputs, values).tape
    if found.kind == "package":
        _inside(found.place, Path(str(request["folder"])), str(request["revision"]))
    return tape


def _listed(given: object) -> list[object]:
    return given if isinstance(given, list) else []


def _inside(package: str, folder: Path, revision: str) -> None:
    """Raise ProblemError where a package was not imported from the folder of the revision."""
    module: ModuleType = sys.modules[package]
    file = Path(module.__file__ or "")
    if not file.resolve().is_relative_to(folder.resolve()):
        message = f"`{package}` is imported from {file.parent}, and not from {revision}"
        hint = "set PYTHONPATH to its folder in the repository, such as src; or name its file"
        raise ProblemError.of(Mark(package), "capture", message, hint)


if __name__ == "__main__":
    raise SystemExit(main())
