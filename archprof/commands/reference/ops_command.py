"""`archprof ops`: the operations of the language."""

from __future__ import annotations

from typing import Annotated

from archprof.cli.declared import Argument
from archprof.cli.options import Format, FormatOption, Output


def complete_op(incomplete: str) -> list[str]:
    """Return the ops that begin with what is typed."""
    from archprof.ops import OPS

    return [name for name in OPS if name.startswith(incomplete)]


def ops(
    op: Annotated[
        str | None,
        Argument(
            help="The op to show; without it, all of them.",
            autocompletion=complete_op,
            show_default=False,
        ),
    ] = None,
    format: FormatOption = Format.table,
    output: Output = None,
) -> int:
    """Every op of the language; of one its settings, its formulas, what autograd keeps of it, and
    an example.

    Example: archprof ops conv2d
    """
    if op is None:
        _list(format, output)
    else:
        _show(op, format, output)
    return 0


def _list(format: Format, output: Output) -> None:
    from archprof.commands.reference.op_page import list_data
    from archprof.commands.reference.op_tables import list_markdown, ops_table
    from archprof.show import terminal
    from archprof.show.table import put

    if format is Format.json:
        import json

        terminal.emit(json.dumps(list_data(), indent=1), output)
    elif format is Format.md:
        terminal.emit(list_markdown(), output)
    else:
        put([ops_table()], format.value, output)


def _show(name: str, format: Format, output: Output) -> None:
    """Write the page of an op. Raises ProblemError where there is no such op."""
    from archprof.commands.reference.op_page import op_page
    from archprof.commands.reference.op_tables import (
        page_lines,
        page_markdown,
        settings_table,
        working_table,
    )
    from archprof.foreign import op_hint
    from archprof.ops import OPS
    from archprof.problem import Mark, ProblemError
    from archprof.show import terminal
    from archprof.show.table import put, put_lines

    if name not in OPS:
        message = f"there is no op `{name}`"
        raise ProblemError.of(Mark("ops"), "unknown-op", message, op_hint(name, OPS))
    page = op_page(OPS[name])
    if format is Format.table:
        put_lines(page_lines(page, terminal.width()), output)
    elif format is Format.md:
        terminal.emit(page_markdown(page), output)
    elif format is Format.json:
        import json

        terminal.emit(json.dumps(page.data(), indent=1), output)
    else:
        put([settings_table(page), working_table(page)], format.value, output)
