"""What is wrong between the parts of a space, and between them and its network."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from archprof.foreign import SETTINGS
from archprof.language.document import Template
from archprof.language.functions import ExpressionError
from archprof.language.hints import condition_hint
from archprof.language.kinds import parse_shape
from archprof.language.override import override
from archprof.language.pieces import Pieces
from archprof.ops.base import shown
from archprof.problem import ProblemError, closest
from archprof.sweeping.space.names import names_of
from archprof.sweeping.space.space import Space


def check(space: Space, pieces: Pieces) -> None:
    """Complain of what does not go together.

    Values are looked at in one variant, in which each axis has its first value; where an expression
    has none there, nothing is complained of: a `where` may leave that variant out.
    """
    _check_use(space, pieces)
    values = _first_values(space)
    for template in space.where:
        answer = _evaluated(template, values)
        if answer is not None and type(answer) is not bool:
            message = f"`{template.plain()}` is {shown(answer)}, expected true or false"
            hint = condition_hint(None, ())
            pieces.complain(template.mark, "kind", message, hint)
    for name, template in space.settings.items():
        _check_setting(space, name, template, values, pieces)


def _check_use(space: Space, pieces: Pieces) -> None:
    """Complain of parameters and derived values that nothing uses."""
    whens = [axis.when for axis in space.axes if axis.when is not None]
    everything = [*space.lets.values(), *space.settings.values(), *space.where, *whens]
    used = {name for template in everything for name in names_of(template)}
    own = space.network.document.params
    for parameter in space.parameters:
        if parameter.name not in used:
            name = parameter.name
            pieces.complain(
                parameter.mark,
                "unused",
                f"{space.network.name} has no parameter `{name}`, and no expression uses it",
                SETTINGS.hint(name, (*own, "input"), "parameters"),
            )
    for name, template in space.lets.items():
        if name not in used:
            hint = "`set:` gives it to the network"
            if name in own:
                hint = f"set: {{{name}: ${name}}} gives it to the network"
            elif near := closest(name, own):
                hint = f"did you mean set: {{{near}: ${name}}}?"
            pieces.complain(template.mark, "unused", f"no expression uses `{name}`", hint)


def _first_values(space: Space) -> dict[str, Any]:
    """Return the values of the first point by name, those derived included, as far as there are."""
    values: dict[str, Any] = {
        one.name: one.value([axis.first for axis in one.axes]) for one in space.parameters
    }
    for name, template in space.lets.items():
        found = _evaluated(template, values)
        if found is not None:
            values[name] = found
    return values


def _evaluated(template: Template, values: Mapping[str, Any]) -> Any:
    """Return a template's value, None where it has none."""
    try:
        return template.evaluate(values)
    except ExpressionError:
        return None


def _check_setting(
    space: Space, name: str, template: Template, values: Mapping[str, Any], pieces: Pieces
) -> None:
    """Complain of a setting that the network does not have, or that is of another kind."""
    network, own = space.network, space.network.document.params
    value = _evaluated(template, values)
    if name == "input":
        _check_input(space, value, template, pieces)
    elif name not in own:
        message = f"{network.name} has no parameter `{name}`"
        hint = SETTINGS.hint(name, (*own, "input"), "parameters")
        pieces.complain(template.mark, "override", message, hint)
    elif value is not None:
        try:
            override(network, {name: value})
        except ProblemError as error:
            for problem in error.problems:
                pieces.complain(template.mark, problem.rule, problem.message, problem.hint)


def _check_input(space: Space, value: Any, template: Template, pieces: Pieces) -> None:
    """Complain of an input that is no shape, or of none to replace."""
    if not space.network.inputs:
        message = f"{space.network.name} states no input that `input` could replace"
        pieces.complain(template.mark, "override", message)
    elif value is not None and parse_shape(value) is None:
        message = f"`input` is {shown(value)}, expected a whole number or a shape such as 3x224x224"
        hint = (
            "round it: round($input) or make_divisible($input, 8)" if type(value) is float else ""
        )
        pieces.complain(template.mark, "kind", message, hint)
