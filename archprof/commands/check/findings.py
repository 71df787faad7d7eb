"""What a check found, as text for people and as data."""

from __future__ import annotations

from typing import Any

from archprof.commands.check.base import Finding
from archprof.commands.check.running import Outcome
from archprof.problem import Severity
from archprof.show.annotations import commands, inert_json
from archprof.units import inert, printable

SCHEMA = 1


def text(outcome: Outcome) -> str:
    """`file:line:col: error: message [rule]`, the line with a caret, and the way out, of every
    finding in order of place.
    """
    return "".join(
        f"{inert(line)}\n" for finding in outcome.findings for line in str(finding).split("\n")
    )


def as_commands(outcome: Outcome) -> str:
    """Return the findings as GitHub's runner reads them."""
    return commands((finding.severity, finding.problem) for finding in outcome.findings)


def as_json(outcome: Outcome) -> str:
    """The findings as data: a line and a column of 0 mean the file as a whole."""
    import json

    data = {
        "schema": SCHEMA,
        "files": [
            {
                "file": name,
                "networks": list(networks),
                "configuration": outcome.configurations.get(name),
            }
            for name, networks in outcome.files.items()
        ],
        "findings": [_finding(finding) for finding in outcome.findings],
        **{f"{severity}s": outcome.count(severity) for severity in Severity},
    }
    return inert_json(json.dumps(data, indent=1)) + "\n"


def _finding(finding: Finding) -> dict[str, Any]:
    problem = finding.problem
    return {
        "file": problem.mark.file,
        "line": problem.mark.line,
        "column": problem.mark.column,
        "severity": finding.severity.value,
        "rule": problem.rule,
        "message": problem.message,
        "hint": problem.hint,
        "network": finding.network or None,
        "chain": list(problem.chain),
        "source": problem.source_line,
    }


def counted(outcome: Outcome) -> str:
    """3 files, 2 networks, 4 problems (1 warning), 1 note, by archprof.toml; an error in 1 file
    kept its networks from being checked.
    """
    warnings, notes = outcome.count(Severity.warning), outcome.count(Severity.note)
    problems = outcome.count(Severity.error, Severity.warning)
    counts = {
        "file": len(outcome.files),
        "network": sum(map(len, outcome.files.values())),
        "problem": problems,
    }
    parts = [f"{n or 'no'} {what}{'s' if n != 1 else ''}" for what, n in counts.items()]
    if warnings:
        parts[-1] += (
            f" ({'all' if warnings == problems else warnings} warnings)"
            if warnings > 1
            else f" ({'a' if problems == 1 else '1'} warning)"
        )
    if notes:
        parts.append(f"{notes} note{'s' if notes != 1 else ''}")
    if outcome.passed_over:
        file, spec = ("file", "spec") if outcome.passed_over == 1 else ("files", "specs")
        parts.append(f"{outcome.passed_over} YAML {file} passed over as no {spec}")
    if outcome.configurations:
        parts.append(f"by {_listed(sorted(set(outcome.configurations.values())))}")
    said = ", ".join(parts)
    stopped = len(outcome.stopped)
    return said + (
        f"; errors in {stopped} file{'s' * (stopped > 1)} kept {'their' if stopped > 1 else 'its'}"
        " networks from being checked"
        if stopped
        else ""
    )


def _listed(names: list[str]) -> str:
    """`a, b and c` of up to three names, and how many more there are."""
    shown = [printable(name) for name in names[:3]]
    if len(names) > len(shown):
        return f"{', '.join(shown)} and {len(names) - len(shown)} more"
    return " and ".join(filter(None, (", ".join(shown[:-1]), shown[-1])))
