"""Parameters and inputs of a network replaced, as `--set` and `--input` do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from archprof.foreign import SETTINGS
from archprof.language.kinds import kind_hint, parse_shape, same_kind
from archprof.language.network import Network
from archprof.language.source import parse
from archprof.language.text import with_lines
from archprof.ops.base import Shape, shown
from archprof.problem import Mark, Problem, ProblemError, Problems, nearest
from archprof.record import NOTHING


def override(
    network: Network,
    values: Mapping[str, Any],
    input_shape: Shape | None = None,
    named: Mapping[str, Shape] = NOTHING,
) -> Network:
    """Return the network with parameters and inputs replaced: the first, and others by name.

    Raises ProblemError for parameters and inputs that it does not have, and values of another kind.
    """
    problems = [problem for name in named if (problem := _input_fault(network, name))]
    for name, value in values.items():
        problem = _fault(network, name, value)
        if problem:
            problems.append(problem)
    if problems:
        raise ProblemError(problems)
    return network.replaced(
        overrides={**network.overrides, **values},
        input=input_shape or named.get(_first(network)) or network.input,
        others={
            **network.others,
            **{name: shape for name, shape in named.items() if name != _first(network)},
        },
    )


def _first(network: Network) -> str:
    """Return the name of a network's first input."""
    own = network.own_inputs
    return own[0].name if own else "input"


def _input_fault(network: Network, name: str) -> Problem | None:
    names = [one.name for one in network.own_inputs]
    if name in names:
        return None
    message = f"{network.name} has no input `{name}`"
    return Problem(Mark("--input"), "override", message, nearest(name, names, "inputs"))


def by_order(network: Network, given: Sequence[tuple[str, Shape]]) -> dict[str, Shape]:
    """Return shapes by the names of a network's inputs; those without a name, "", are of the next
    inputs in order.

    Raises ProblemError where there are more than the network takes, or two of one.
    """
    names = [one.name for one in network.own_inputs]
    taken = {name for name, _ in given if name}
    free = iter([name for name in names if name not in taken])
    found: dict[str, Shape] = {}
    for name, shape in given:
        meant = name or next(free, "")
        if not meant or meant in found:
            message = f"found {len(given)} inputs, expected at most {len(names)}"
            hint = f"{network.name} takes {', '.join(names)}: --input {names[-1]}=SHAPE"
            raise ProblemError.of(Mark("--input"), "override", message, hint)
        found[meant] = shape
    return found


def _fault(network: Network, name: str, value: Any) -> Problem | None:
    params = network.document.params
    if name not in params:
        message = f"{network.name} has no parameter `{name}`"
        hint = SETTINGS.hint(name, params, "parameters") or "its spec has no `params`"
        return Problem(Mark("--set"), "override", message, hint)
    of_variant = network.variant.values.get(name) if network.variant else None
    present = of_variant or params[name]
    if present is None or not present.constant or same_kind(present.plain(), value):
        return None
    return Problem(
        Mark("--set"),
        "override",
        f"{name} is {shown(value)}, expected the kind of its present value"
        f" {shown(present.plain())}",
        kind_hint(present.plain(), value),
    )


def parse_override(text: str, option: str = "--set") -> tuple[str, Any]:
    """Return `depths=[3,4,23,3]`, given to an option, as a name and a value, read as YAML.

    Raises ProblemError.
    """
    name, sign, value = text.partition("=")
    if not sign or not name.strip():
        raise ProblemError.of(
            Mark(option),
            "override",
            f"{shown(text)}, expected NAME=VALUE",
            f"for instance {option} depths=[3,4,23,3]",
        )
    if not value.strip():
        return name.strip(), ""
    found = Problems()
    parsed = parse(value, f"{option} {name.strip()}", found)
    if found:
        raise ProblemError(with_lines(found, {found[0].mark.file: value}))
    return name.strip(), parsed.plain()


def parse_input(text: str) -> tuple[int, ...]:
    """Return `3x224x224` as a shape. Raises ProblemError."""
    shape = parse_shape(text.strip())
    if shape is None:
        message = f"{shown(text)}, expected a shape such as 3x224x224"
        raise ProblemError.of(Mark("--input"), "override", message)
    return shape
