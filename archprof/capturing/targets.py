"""Targets that are not specs: a module in a package or a file, an exported program, ONNX, a tape.

Their text is looked at here, and how a .json file begins; nothing is imported.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Literal

from archprof.language.reading import read_bytes
from archprof.language.shipped_folder import specs_folder
from archprof.record import Record

TAPE, ONNX, PROGRAM = ".tape.json", ".onnx", ".pt2"
SPECS = (".yaml", ".yml")
JSON = ".json"
TAPE_BEGINS = re.compile(rb'\s*\{\s*"archprof_tape"')

CODE = frozenset({"package", "file", "program"})
"""The kinds of targets whose capture runs somebody's code, or has torch read a file of it."""

EXAMPLES = "torchvision:resnet50, timm:NAME, package.module:Class, model.py:build, net.onnx"

_MODULE = re.compile(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)*\Z")
_NAME = re.compile(r"[\w.\-/]+\Z")


class Target(Record):
    """A network that is captured.

    `place` is a file, or the package to import; `name` what is taken from it: a class, a function,
    a module, or a name of torchvision's or timm's. `submodule` is the path of a part of it.
    """

    text: str
    kind: Literal["package", "file", "program", "onnx", "tape"]
    place: str
    name: str = ""
    submodule: str = ""


def target(text: str) -> Target | None:
    """Return what a text names where that is captured; None for what only a spec can be."""
    for ending, kind in ((TAPE, "tape"), (ONNX, "onnx"), (PROGRAM, "program")):
        if text.endswith(ending):
            return Target(text, kind, text)  # type: ignore[arg-type]
    if text.endswith(JSON) and _begins_as_tape(Path(text)):
        return Target(text, "tape", text)
    place, colon, rest = text.partition(":")
    name, _, submodule = rest.partition(":")
    if place.endswith(SPECS) or name.endswith(SPECS):  # PATH:VARIANT, REVISION:PATH
        return None
    if not colon or not _NAME.match(name):
        return None
    if place.endswith(".py"):
        return Target(text, "file", place, name, submodule)
    if _MODULE.match(place) and not _is_family(place):
        return Target(text, "package", place, name, submodule)
    return None


def _begins_as_tape(path: Path) -> bool:
    """Whether a file begins as `archprof capture` writes a tape, whatever its name is."""
    try:
        return TAPE_BEGINS.match(read_bytes(path, 100)) is not None
    except (OSError, ValueError):  # what reads the file says what is wrong with it
        return False


def _is_family(name: str) -> bool:
    """Whether it is the name of a shipped spec, whose variants go by their own names."""
    return (specs_folder() / f"{name}.yaml").is_file()
