"""A constructor and the arguments that are to be given to it, compared before it is called."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from archprof.problem import Mark, ProblemError, nearest

_KEYWORDS = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)


def names_of(function: Callable[..., Any]) -> set[str] | None:
    """Return the names of the arguments that a function takes; None where it takes any name, or
    does not say.
    """
    try:
        parameters = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):
        return None
    if any(parameter.kind is parameter.VAR_KEYWORD for parameter in parameters):
        return None
    return {parameter.name for parameter in parameters if parameter.kind in _KEYWORDS}


def refuse_unknown(text: str, known: Iterable[str] | None, values: Mapping[str, Any]) -> None:
    """Raise ProblemError for an argument that a target's constructor does not take.

    `known`: the arguments that it takes, None where that is not known.
    """
    if known is None:
        return
    known = sorted(known)
    for name in values:
        if name not in known:
            message = f"it takes no argument `{name}`"
            hint = nearest(name, known, "arguments") if known else "leave --arg out"
            raise ProblemError.of(Mark(text), "capture", message, hint)


def settings_of(configuration: type) -> set[str] | None:
    """Return the names that a configuration of Hugging Face's has, which takes any name and keeps
    it; None where they are not known.
    """
    names = names_of(configuration)
    if names is not None:
        return names
    try:
        usual = configuration()
    except Exception:  # noqa: BLE001 - it cannot be made without arguments
        return None
    parameters = inspect.signature(configuration).parameters
    return {name for name in (*vars(usual), *parameters) if not name.startswith("_")}
