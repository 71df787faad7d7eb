"""`archprof conventions`: what every number counts."""

from __future__ import annotations

from archprof.cli.options import Format, FormatOption, Output


def conventions(format: FormatOption = Format.table, output: Output = None) -> int:
    """What `--count` names, and what one output element of each op costs in FLOPs.

    Example: archprof conventions --format md
    """
    from archprof.commands.summary.conventions import conventions_data, conventions_tables
    from archprof.show import terminal
    from archprof.show.table import put

    if format is Format.json:
        import json

        terminal.emit(json.dumps(conventions_data(), indent=1), output)
    else:
        put(conventions_tables(), format.value, output)
    return 0
