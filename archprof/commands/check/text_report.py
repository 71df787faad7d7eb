"""The findings of a check as text, as annotations and as JSON."""

from __future__ import annotations

from typing import Any

from archprof.commands.check.base import Finding
from archprof.commands.check.check_run import Outcome
from archprof.problem import Severity
from archprof.show.annotations import commands, inert_json
from archprof.units import inert, printable

SCHEMA = 1


def text(outcome: Outcome) -> str:
    """Return the findings in order of place, each over several lines.

    They are `file:line:col: error: message [rule]`, the line with a caret, and the way out.
    """
    rows = [line for finding in outcome.findings for line in str(finding).split("\n")]
    return "".join(f"{inert(line)}\n" for line in rows)


def as_commands(outcome: Outcome) -> str:
    """Return the findings as GitHub's runner reads them."""
    return commands((finding.severity, finding.problem) for finding in outcome.findings)


def as_json(outcome: Outcome) -> str:
    """Return the findings as JSON; line 0 and column 0 mean the file as a whole."""
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
    """Return how many files, networks, spaces and findings there are, and what could not be
    checked.

    3 files, 2 networks, 4 problems (1 warning), 1 note, by archprof.toml; errors in 1 file kept its
    networks from being checked.
    """
    parts = [_number(len(outcome.files), "file")]
    networks = sum(map(len, outcome.files.values()))
    if networks or not outcome.spaces:
        parts.append(_number(networks, "network"))
    if outcome.spaces:
        parts.append(_number(outcome.spaces, "space"))
    problems = outcome.count(Severity.error, Severity.warning)
    parts.append(_number(problems, "problem") + _warnings(outcome))
    if notes := outcome.count(Severity.note):
        parts.append(_number(notes, "note"))
    if outcome.passed_over:
        files = "YAML file passed over as no spec"
        if outcome.passed_over > 1:
            files = "YAML files passed over as no specs"
        parts.append(f"{outcome.passed_over} {files}")
    if outcome.configurations:
        parts.append(f"by {_listed(sorted(set(outcome.configurations.values())))}")
    text = ", ".join(parts)
    if stopped := len(outcome.stopped):
        whose = "their" if stopped > 1 else "its"
        files = _number(stopped, "file")
        text += f"; errors in {files} kept {whose} networks from being checked"
    return text


def _number(n: int, what: str) -> str:
    """Return `no files`, `1 file`, `2 files`."""
    return f"{n or 'no'} {what}{'' if n == 1 else 's'}"


def _warnings(outcome: Outcome) -> str:
    """Return in brackets how many of the problems are warnings, "" for none."""
    warnings = outcome.count(Severity.warning)
    problems = outcome.count(Severity.error, Severity.warning)
    if not warnings:
        return ""
    if warnings == 1:
        return " (a warning)" if problems == 1 else " (1 warning)"
    return " (all warnings)" if warnings == problems else f" ({warnings} warnings)"


def _listed(names: list[str]) -> str:
    """Return `a, b and c`; of more than three names the first three and how many more there are."""
    shown = [printable(name) for name in names[:3]]
    if len(names) > len(shown):
        return f"{', '.join(shown)} and {len(names) - len(shown)} more"
    if len(shown) == 1:
        return shown[0]
    return f"{', '.join(shown[:-1])} and {shown[-1]}"
