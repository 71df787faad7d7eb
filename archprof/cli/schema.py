"""`archprof schema`: the JSON Schema of a spec, or of what `summary --format json` prints."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from archprof.cli.options import Output


class Of(StrEnum):
    """What a schema describes."""

    spec = "spec"
    summary = "summary"


def schema(of: Annotated[Of, typer.Argument(help="spec: a spec file; summary: the JSON of `archprof summary`.")] = Of.spec, output: Output = None) -> int:
    """The JSON Schema of spec files, for editors and other tools.

    Example: archprof schema -o schema.json
    """
    import json

    from archprof.report import terminal

    if of is Of.spec:
        from archprof.spec.schema import spec_schema

        data = spec_schema()
    else:
        from archprof.report.contract import summary_schema

        data = summary_schema()
    terminal.emit(json.dumps(data, indent=1), output)
    return 0
