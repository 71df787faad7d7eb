"""`archprof schema`: the JSON Schema of a spec, of a file of claims, or of the JSON that `summary` and `bench` print."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from archprof.cli.options import Output


class Of(StrEnum):
    """What a schema describes."""

    spec = "spec"
    lecture = "lecture"
    summary = "summary"
    bench = "bench"


def schema(
    of: Annotated[Of, typer.Argument(help="spec: a spec file; lecture: a file of claims; summary, bench: the JSON of that command.")] = Of.spec,
    output: Output = None,
) -> int:
    """The JSON Schema of spec files and of files of claims, for editors and other tools.

    Example: archprof schema -o schema.json
    """
    import json

    from archprof.show import terminal

    if of is Of.spec:
        from archprof.language.schema import spec_schema

        data = spec_schema()
    elif of is Of.lecture:
        from archprof.commands.lecture.schema import lecture_schema

        data = lecture_schema()
    elif of is Of.bench:
        from archprof.commands.measure.contract import bench_schema

        data = bench_schema()
    else:
        from archprof.commands.summary.contract import summary_schema

        data = summary_schema()
    terminal.emit(json.dumps(data, indent=1), output)
    return 0
