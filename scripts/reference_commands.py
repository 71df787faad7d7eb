"""The page of commands: arguments, options and an example of each, from their own declarations."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from typing import Any

from typer.main import get_command

from archprof.cli.application import COMMANDS, application
from archprof.commands.edit.schema_command import PRINTED_BY, Of
from archprof.show.markdown_page import code, fenced, heading, pipe_table, prose

HEAD = """\
# Commands

`archprof COMMAND --help` prints the same. Exit codes: 0 fine; 1 what was checked does not hold;
2 wrong use or a bad spec; 3 a bug in archprof; 130 interrupted.

Reports go to standard output, or with `--output FILE` into a file, whole or not at all; errors go
to standard error. What each command prints with `--format json` is on the page of
[JSON Schemas](schemas.md).

"""
EXAMPLE = "Example: "


def commands_page() -> str:
    """Return the page, one section for each command."""
    commands = get_command(application("")).commands  # type: ignore[attr-defined]
    rows = [[f"[`{name}`](#{name})", _summary(commands[name])] for name in COMMANDS]
    sections = ["\n\n".join(_section(name, commands[name])) + "\n" for name in COMMANDS]
    return HEAD + pipe_table(("Command", "What it does"), rows) + "\n\n" + "\n".join(sections)


def _paragraphs(command: Any) -> list[str]:
    return inspect.cleandoc(command.help or "").split("\n\n")


def _summary(command: Any) -> str:
    return prose(_paragraphs(command)[0]).removesuffix(".")


def _section(name: str, command: Any) -> Iterator[str]:
    shown = [parameter for parameter in command.params if not parameter.hidden]
    arguments = [p for p in shown if p.param_type_name == "argument"]
    options = [p for p in shown if p.param_type_name == "option" and p.name != "help"]
    yield heading(2, name)
    yield fenced("text", " ".join(["archprof", name, "[OPTIONS]", *map(_usage, arguments)]))
    for text in _paragraphs(command):
        if text.startswith(EXAMPLE):
            yield fenced("sh", text.removeprefix(EXAMPLE))
        else:
            yield prose(text)
    if arguments:
        yield pipe_table(
            ("Argument", "Meaning"), [[code(_called(a)), _about(a)] for a in arguments]
        )
    if options:
        rows = [[_flags(option), _default(option), _about(option)] for option in options]
        yield pipe_table(("Option", "Default", "Meaning"), rows)
    if schema := _schema(name):
        yield f"JSON: [`archprof schema {schema}`](schemas.md#{schema})."


def _called(parameter: Any) -> str:
    return str(parameter.metavar or parameter.name.upper())


def _usage(argument: Any) -> str:
    called = _called(argument)
    return called if argument.required else f"[{called}]"


def _about(parameter: Any) -> str:
    return prose(parameter.help or "")


def _flags(option: Any) -> str:
    """Return the words of an option, the long one first, and what it takes."""
    words = sorted((*option.opts, *option.secondary_opts), key=lambda word: word[:2] != "--")
    takes = "" if option.is_flag else f" {option.metavar or _kind(option)}"
    return ", ".join(code(word + takes) for word in words)


def _kind(option: Any) -> str:
    choices = getattr(option.type, "choices", None)
    return "|".join(map(str, choices)) if choices else option.type.name.upper()


def _default(option: Any) -> str:
    if isinstance(option.show_default, str):
        return option.show_default
    default = option.default
    if option.is_flag or default is None or not option.show_default:
        return ""
    return code(str(getattr(default, "value", default)))


def _schema(command: str) -> str:
    """Return the schema of what the command prints as JSON, "" where it has none."""
    printed = {PRINTED_BY.get(of, of.value): of.value for of in Of if of is not Of.lecture}
    return printed.get(command, "")
