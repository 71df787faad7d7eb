"""`archprof schema`: the JSON Schema of specs, of files of claims, and of other commands' JSON."""

from __future__ import annotations

from enum import StrEnum
from importlib import import_module
from typing import Annotated

import typer

from archprof.cli.options import Output


class Of(StrEnum):
    """What a schema describes."""

    spec = "spec"
    lecture = "lecture"
    summary = "summary"
    bench = "bench"


MAKERS = {
    Of.spec: ("archprof.language.schema", "spec_schema"),
    Of.lecture: ("archprof.commands.lecture.schema", "lecture_schema"),
    Of.summary: ("archprof.commands.summary.contract", "summary_schema"),
    Of.bench: ("archprof.commands.measure.contract", "bench_schema"),
}
"""The module and the function that makes each schema.

They are imported when they are needed: some load pydantic.
"""


def schema(
    of: Annotated[
        Of,
        typer.Argument(
            help=(
                "spec: a spec file; lecture: a file of claims; summary, bench: the JSON of that"
                " command."
            )
        ),
    ] = Of.spec,
    output: Output = None,
) -> int:
    """The JSON Schema of spec files and of files of claims, for editors and other tools.

    Example: archprof schema -o schema.json
    """
    import json

    from archprof.show import terminal

    module, function = MAKERS[of]
    terminal.emit(json.dumps(getattr(import_module(module), function)(), indent=1), output)
    return 0
