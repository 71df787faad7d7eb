"""Values of parameters that are typed: `--set groups=1,32`, which replace those of the space."""

from __future__ import annotations

import re
from collections.abc import Sequence

from archprof.language.document import Template
from archprof.language.pieces import Pieces
from archprof.language.source import parse
from archprof.ops.base import shown
from archprof.problem import Mark, ProblemError, Problems, nearest
from archprof.sweeping.space.axis import SpaceParameter
from archprof.sweeping.space.parameter_reader import ParameterReader
from archprof.sweeping.space.space import Space

MOST_TEXT = 10_000
_GIVEN = re.compile(r"\s*([A-Za-z]\w*)\s*=\s*(.+?)\s*")


def with_given(space: Space, given: Sequence[str]) -> Space:
    """Return the space with other values of some parameters, each `NAME=VALUES`.

    VALUES are as in a space file, `16..64` or `{range: 16..64, step: 16}`, or values with commas
    between: `1,32`. A parameter that the network alone has is added. Raises ProblemError for an
    unknown parameter, and for what has no such values.
    """
    for text in given:
        space = _with_one(space, text)
    return space


def _with_one(space: Space, text: str) -> Space:
    found = _GIVEN.fullmatch(text[:MOST_TEXT])
    if not found:
        hint = "for instance groups=1,32 or width=16..64"
        message = f"{shown(text)}, expected a parameter and its values"
        raise ProblemError.of(Mark("--set"), "option", message, hint)
    name, values = found.groups()
    own = [one.name for one in space.parameters]
    params = [*space.network.document.params, "input"]
    if name not in (*own, *params):
        message = f"there is no parameter {shown(name)}"
        hint = nearest(name, [*own, *params], "parameters")
        raise ProblemError.of(Mark("--set"), "option", message, hint)
    parameter, setting = _read(name, values)
    given = (*space.given, text)
    if name in own:
        parameters = tuple(parameter if one.name == name else one for one in space.parameters)
        return space.replaced(parameters=parameters, given=given)
    settings = {**space.settings, name: setting}
    parameters = (*space.parameters, parameter)
    return space.replaced(parameters=parameters, settings=settings, given=given)


def _read(name: str, values: str) -> tuple[SpaceParameter, Template]:
    """Return a parameter, and the setting that gives it to the network. Raises ProblemError."""
    written = f"{name}: {_as_yaml(values)}"
    problems = Problems()
    document = parse(written, f"--set {name}", problems)
    pieces = Pieces(written, problems)
    pieces.scope |= {name}
    mark = document.mark
    if not isinstance(document.data, dict) or name not in document.data:
        raise ProblemError(problems or [])
    parameter = ParameterReader(pieces).parameter(name, document.data[name], mark)
    setting = Template(pieces.expression(f"${name}", mark), mark, False)
    if problems:
        raise ProblemError(problems)
    return parameter, setting


def _as_yaml(values: str) -> str:
    """Return values as a space file writes them."""
    if values[0] in "[{" or ".." in values:
        return values
    return f"{{choice: [{values}]}}"
