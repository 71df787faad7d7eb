"""The program as typer sees it, for help, completion, errors, and whatever is not read quickly."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable
from functools import wraps
from typing import Annotated, Any, get_type_hints

import typer

from archprof import __version__
from archprof.cli.declared import Argument, Option


def program(commands: Iterable[Callable[..., Any]]) -> typer.Typer:
    """Return the program with these commands."""
    app = typer.Typer(
        name="archprof",
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        rich_markup_mode="rich",
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    app.callback()(_options)
    for command in commands:
        described = app.command(help=_paragraphs(command.__doc__ or ""))
        described(with_typers_declarations(command))
    return app


def _paragraphs(text: str) -> str:
    """Return a docstring with each paragraph in one line, which the terminal's width alone wraps:
    typer keeps the line ends of some.
    """
    paragraphs = inspect.cleandoc(text).split("\n\n")
    return "\n\n".join(paragraph.replace("\n", " ") for paragraph in paragraphs)


def with_typers_declarations(command: Callable[..., Any]) -> Callable[..., Any]:
    """Return the command with typer's own records in place of those of `declared.py`."""

    @wraps(command)
    def same(*positional: Any, **named: Any) -> Any:
        return command(*positional, **named)

    annotations = {
        name: _translated(annotation)
        for name, annotation in get_type_hints(command, include_extras=True).items()
    }
    signature = inspect.signature(command)
    parameters = [
        parameter.replace(annotation=annotations[name])
        for name, parameter in signature.parameters.items()
    ]
    same.__annotations__ = annotations
    same.__signature__ = signature.replace(parameters=parameters)  # type: ignore[attr-defined]
    return same


def _translated(annotation: Any) -> Any:
    declared = getattr(annotation, "__metadata__", (None,))[0]
    if isinstance(declared, Option):
        settings = {name: getattr(declared, name) for name in Option.__slots__ if name != "names"}
        return Annotated[annotation.__origin__, typer.Option(*declared.names, **settings)]
    if isinstance(declared, Argument):
        settings = {name: getattr(declared, name) for name in Argument.__slots__}
        return Annotated[annotation.__origin__, typer.Argument(**settings)]
    return annotation


def _version(requested: bool) -> None:
    if requested:
        print(f"archprof {__version__}")
        raise typer.Exit


def _options(
    version: Annotated[
        bool,
        typer.Option(
            "--version", help="Show the version and stop.", callback=_version, is_eager=True
        ),
    ] = False,
) -> None:
    """What does this vision network cost, and why? Every number exact, from a YAML spec, without
    running it.
    """
