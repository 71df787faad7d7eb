"""Rules as the command line names them: --select and --ignore, --rules and --explain."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from archprof.commands.check.rules import RULES, fault, summary
from archprof.problem import Mark, Problem, ProblemError, nearest
from archprof.show import terminal
from archprof.show.table import Table, TableColumn, put

LISTED = "`archprof check --rules` lists them"


def selected_rules(names: str | None) -> frozenset[str] | None:
    """Return the rules that --select names, None where it is not given. Raises ProblemError."""
    if names is None:
        return None
    chosen = _split(names)
    faults = {name: _unknown(name) for name in chosen if name not in RULES}
    return _checked("--select", chosen, faults)


def ignored_rules(names: str | None) -> frozenset[str]:
    """Return the rules that --ignore names.

    Raises ProblemError for names that are not rules, and for rules that cannot be left out.
    """
    if names is None:
        return frozenset()
    chosen = _split(names)
    faults = {name: wrong for name in chosen if (wrong := fault(name))}
    return _checked("--ignore", chosen, faults)


def _split(names: str) -> list[str]:
    return [name.strip() for name in names.split(",") if name.strip()]


def _unknown(name: str) -> tuple[str, str]:
    return f"there is no rule `{name}`", nearest(name, RULES) or LISTED


def _checked(option: str, chosen: list[str], faults: dict[str, tuple[str, str]]) -> frozenset[str]:
    """Return the chosen rules. Raises ProblemError for faults, and where nothing is chosen."""
    problems = [
        Problem(Mark(option), "option", message, hint or LISTED)
        for message, hint in faults.values()
    ]
    if not chosen:
        problems = [Problem(Mark(option), "option", "names no rule", LISTED)]
    if problems:
        raise ProblemError(problems)
    return frozenset(chosen)


def list_rules(output: Path | None) -> None:
    """Write the table of all rules."""
    columns = (
        TableColumn("Rule", right=False),
        TableColumn("Weighs", right=False),
        TableColumn("What it finds", right=False, wraps=True),
    )
    rows = [(name, entry.severity.value, summary(name)) for name, entry in RULES.items()]
    put([Table(columns, rows)], "table", output)


def explain_rules(names: Sequence[str], output: Path | None) -> None:
    """Write the pages of rules, or the table of all where none is named.

    Raises ProblemError for names that are not rules.
    """
    if not names:
        list_rules(output)
        return
    _checked("--explain", [*names], {name: _unknown(name) for name in names if name not in RULES})
    from archprof.commands.check.rule_page import page_text, rule_page

    terminal.emit("\n".join(page_text(rule_page(name)) for name in names), output)
