"""`archprof conventions`: what every number counts."""

from __future__ import annotations

import sys

from archprof.cli.options import Format, FormatOption, Output


def conventions(format: FormatOption = Format.table, output: Output = None) -> int:
    """What `--count` names, and what one output element of each op costs in FLOPs.

    Example: archprof conventions --format md
    """
    from archprof.report import terminal
    from archprof.report.conventions import conventions_data, conventions_tables
    from archprof.report.table import render, show

    if format is Format.json:
        import json

        terminal.emit(json.dumps(conventions_data(), indent=1), output)
    elif format is Format.table and output is None and sys.stdout.isatty():
        for table in conventions_tables():
            show(table, terminal.console())
    else:
        terminal.emit("\n".join(render(table, format.value) for table in conventions_tables()), output)
    return 0
