"""Write the pages of docs/reference that come from the code: python scripts/render_reference.py.

The tests render them again and compare; `language.md` beside them is written by hand.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

from archprof.commands.check.rule_page import page_markdown as rule_markdown
from archprof.commands.check.rule_page import rule_page
from archprof.commands.check.rules import RULES, needed, summary
from archprof.commands.reference.op_page import by_family, op_page
from archprof.commands.reference.op_tables import list_markdown
from archprof.commands.reference.op_tables import page_markdown as op_markdown
from archprof.commands.summary.conventions import conventions_tables
from archprof.show.markdown_page import code, heading, pipe_table, prose
from archprof.show.table import Table

sys.path.insert(0, str(Path(__file__).parent))
from reference_commands import commands_page
from reference_schemas import schemas_page

FOLDER = Path(__file__).parent.parent / "docs" / "reference"

OPS = """\
# Ops

Every operation of [the language](language.md): its settings, an example, the formulas of its shape
and its cost with the example's numbers, and what autograd keeps of it. `archprof ops OP` prints
the same. Names and defaults are torch's; dimensions are counted without the batch, so that the
channels of C×H×W are `dim: 0`. Input channels are not given: they are those that arrive.

A setting may be an expression, such as `out: $width * 2`. Beside its own settings every op takes
the keys of a layer: `from`, `when`, `repeat`, `name`, `shape`, `share`, `init` and `aux`.
[Conventions](conventions.md) says what the counts mean, and how other tools count.

"""
RULES_HEAD = """\
# Rules

What `archprof check` looks for. `archprof check --explain RULE` prints a rule's page, and
`archprof check --rules` lists them. An error fails a run; a warning does with `--strict`; a note
never does. Errors that keep a network from being built cannot be left out; any other rule can: for
a run with `--ignore RULE`, in a spec with a comment that says why,
`# archprof: ignore[RULE] REASON`.

"""
CONVENTIONS = """\
# Conventions

`--count NAME` of `archprof summary` chooses whose arithmetic is printed. `archprof conventions`
prints these tables. Each preset of a tool equals what that tool prints, integer for integer, for
archprof's own torch model of a network; [Ops](ops.md) has the formulas behind them.

"""
CODES = frozenset({"--count", "Op"})  # columns of names


def ops_page() -> str:
    """Return the page of all ops."""
    pages = [op_markdown(op_page(op), 2) for op in by_family()]
    return OPS + list_markdown(linked=True) + "\n" + "\n".join(pages)


def rules_page() -> str:
    """Return the page of all rules."""
    rows = [
        [f"[`{name}`](#{name})", entry.severity.value, _may_go(name), prose(summary(name))]
        for name, entry in RULES.items()
    ]
    titles = ("Rule", "Weighs", "Can be left out", "What it finds")
    pages = [rule_markdown(rule_page(name), 2) for name in RULES]
    return RULES_HEAD + pipe_table(titles, rows) + "\n\n" + "\n".join(pages)


def _may_go(name: str) -> str:
    return "no" if needed(name) else "yes"


def conventions_page() -> str:
    """Return the page of counting conventions."""
    return CONVENTIONS + "\n".join(map(_section, conventions_tables()))


def _section(table: Table) -> str:
    rows = [
        [
            ", ".join(map(code, cell.split(", "))) if column.title in CODES else prose(cell)
            for column, cell in zip(table.columns, row, strict=True)
        ]
        for row in table.rows
    ]
    parts = [heading(2, prose(table.title)), pipe_table([c.title for c in table.columns], rows)]
    parts += [f"{label}: {prose(text)}" for label, text in table.notes]
    return "\n\n".join(parts) + "\n"


PAGES: dict[str, Callable[[], str]] = {
    "ops.md": ops_page,
    "rules.md": rules_page,
    "commands.md": commands_page,
    "schemas.md": schemas_page,
    "conventions.md": conventions_page,
}


def main() -> int:
    """Write every page."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, page in PAGES.items():
        (FOLDER / name).write_text(page(), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
