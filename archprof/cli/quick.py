"""Command lines read without typer, whose import takes longer than a whole summary.

Only what is plainly right is read here: whole names of options, values that have their type. Help,
completion and whatever else there is are left to typer, which reads the same declarations.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from enum import Enum
from pathlib import Path
from types import NoneType
from typing import Any, get_args, get_origin, get_type_hints

from archprof.cli.declared import Argument, Option

LONGEST_NUMBER = 9  # digits


class NotPlain(Exception):
    """The command line is for typer to read."""


class _Parameter:
    """What a command's function takes: its type, its declaration, and what it is by itself."""

    __slots__ = ("declared", "default", "is_list", "kind", "name", "needed")

    def __init__(self, name: str, annotation: Any, defaults: dict[str, Any]):
        if not hasattr(annotation, "__metadata__"):
            raise NotPlain  # such as click's context
        kind, (self.declared,) = annotation.__origin__, annotation.__metadata__
        chosen = [part for part in get_args(kind) if part is not NoneType]
        if NoneType in get_args(kind):  # such as `int | None`
            (kind,) = chosen
        self.is_list = get_origin(kind) is list
        self.kind = get_args(kind)[0] if self.is_list else kind
        self.name, self.default = name, defaults.get(name)
        self.needed = name not in defaults

    @property
    def names(self) -> Sequence[str]:
        """What it is called on the command line; nothing for an argument."""
        if isinstance(self.declared, Argument):
            return ()
        return self.declared.names or (f"--{self.name.replace('_', '-')}",)

    def value(self, texts: Sequence[str] | None) -> Any:
        """Return the value of what was typed for it, None for nothing. Raises NotPlain."""
        if texts is None:
            return self.default
        if self.kind is bool:
            return True
        values = [_converted(text, self.kind, self.declared) for text in texts]
        if self.is_list:
            return values
        if len(values) != 1:
            raise NotPlain
        return values[0]


def quick(command: Callable[..., Any], words: Sequence[str]) -> dict[str, Any] | None:
    """Return what the words of a command line give a command, by the names of its parameters.

    None where typer must read them.
    """
    if os.name == "nt":  # where typer puts files in place of patterns
        return None
    try:
        parameters = list(_parameters(command))
        given = _given(parameters, words)
        return {p.name: p.value(given.get(p.name)) for p in parameters}
    except NotPlain:
        return None


def _parameters(command: Callable[..., Any]) -> Iterator[_Parameter]:
    """Yield the parameters of a function; `inspect` says the same, but its import takes time."""
    code = command.__code__
    names = code.co_varnames[: code.co_argcount]
    values = command.__defaults__ or ()
    defaults = dict(zip(names[len(names) - len(values) :], values, strict=True))
    annotations = get_type_hints(command, include_extras=True)
    for name in names:
        yield _Parameter(name, annotations[name], defaults)


def _given(parameters: Sequence[_Parameter], words: Sequence[str]) -> dict[str, list[str]]:
    """Return the words by the parameter that they are for. Raises NotPlain."""
    options = {name: p for p in parameters for name in p.names}
    found: dict[str, list[str]] = {}
    places: list[str] = []
    rest = iter(words)
    for word in rest:
        if not word:
            raise NotPlain
        if word[0] != "-":
            places.append(word)
            continue
        name, equals, text = word.partition("=")
        option = options.get(name)
        if option is None:
            raise NotPlain
        if option.kind is bool:
            text = _flag(option, equals)
        else:
            text = _text(name, text if equals else None, rest)
        found.setdefault(option.name, []).append(text)
    return found | _placed([p for p in parameters if not p.names], places)


def _flag(option: _Parameter, equals: str) -> str:
    """Return the text of an option that takes none. Raises NotPlain."""
    if equals or option.default is not False:
        raise NotPlain
    return ""


def _text(name: str, text: str | None, rest: Iterator[str]) -> str:
    """Return the text of an option, behind its equals sign or the next word. Raises NotPlain."""
    if text is None:
        text = next(rest, "")
    elif not name.startswith("--"):
        raise NotPlain
    if not text or text[0] == "-":
        raise NotPlain
    return text


def _placed(arguments: Sequence[_Parameter], places: list[str]) -> dict[str, list[str]]:
    """Return the words that are not options by the argument that they are for.

    A list takes all that are left. Raises NotPlain for too few or too many.
    """
    found: dict[str, list[str]] = {}
    for argument in arguments:
        taken = len(places) if argument.is_list else 1
        if places:
            found[argument.name] = places[:taken]
        elif argument.needed:
            raise NotPlain
        places = places[taken:]
    if places:
        raise NotPlain
    return found


def _converted(text: str, kind: Any, declared: Option | Argument) -> Any:
    """Return a text as a value of a type. Raises NotPlain."""
    if kind is str:
        return text
    if kind in (int, float):
        return _number(text, kind, declared)
    if kind is Path:
        if os.path.exists(text) and not os.access(text, os.R_OK):
            raise NotPlain
        return Path(text)
    if issubclass(kind, Enum) and any(text == member.value for member in kind):
        return kind(text)
    raise NotPlain


def _number(text: str, kind: type[int] | type[float], declared: Option | Argument) -> int | float:
    if not text.isascii() or not text.isdigit() or len(text) > LONGEST_NUMBER:
        raise NotPlain
    value = kind(text)
    if isinstance(declared, Option):
        too_small = declared.min is not None and value < declared.min
        too_large = declared.max is not None and value > declared.max
        if too_small or too_large:
            raise NotPlain
    return value
