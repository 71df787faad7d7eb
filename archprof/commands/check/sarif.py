"""The findings of a check as SARIF 2.1.0, which code scanning reads.

The standard is OASIS, Static Analysis Results Interchange Format.
"""

from __future__ import annotations

import hashlib
import json
from typing import Any
from urllib.parse import quote

from archprof import __version__
from archprof.commands.check.base import Finding
from archprof.commands.check.check_run import Outcome
from archprof.commands.check.rules import RULES, manual, summary
from archprof.problem import Severity
from archprof.show.annotations import inert_json, relative
from archprof.units import printable

SCHEMA = (
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
)
LEVELS = {Severity.error: "error", Severity.warning: "warning", Severity.note: "note"}


def sarif(outcome: Outcome) -> str:
    """Return the JSON of one run: the rules that found something, and their findings.

    Bugs of archprof are notifications.
    """
    findings = [finding for finding in outcome.findings if finding.problem.rule in RULES]
    names = sorted({finding.problem.rule for finding in findings})
    driver = {
        "name": "archprof",
        "version": __version__,
        "semanticVersion": __version__,
        "rules": [_rule(name) for name in names],
    }
    bugs = [
        {"level": "error", "message": {"text": _text(f.problem.message)}}
        for f in outcome.findings
        if f.problem.rule not in RULES
    ]
    invocation: dict[str, Any] = {
        "executionSuccessful": not bugs,
        "toolExecutionNotifications": bugs,
    }
    if outcome.configurations:
        invocation["properties"] = {
            "configurations": {
                relative(file): name for file, name in outcome.configurations.items()
            }
        }
    results = [_result(finding, names) for finding in findings]
    run = {
        "tool": {"driver": driver},
        "invocations": [invocation],
        "columnKind": "unicodeCodePoints",
        "results": results,
    }
    return (
        inert_json(json.dumps({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}, indent=1))
        + "\n"
    )


def _rule(name: str) -> dict[str, Any]:
    return {
        "id": name,
        "shortDescription": {"text": summary(name)},
        "help": {"text": manual(name), "markdown": manual(name)},
        "defaultConfiguration": {"level": LEVELS[RULES[name].severity]},
    }


def _result(finding: Finding, names: list[str]) -> dict[str, Any]:
    problem = finding.problem
    location: dict[str, Any] = {
        "artifactLocation": {"uri": quote(relative(problem.mark.file), errors="surrogateescape")}
    }
    if problem.mark.line:
        location["region"] = {"startLine": problem.mark.line, "startColumn": problem.mark.column}
        if problem.source_line:
            location["region"]["snippet"] = {"text": printable(problem.source_line)}
    said = "; ".join(filter(None, (problem.message, problem.hint)))
    identity = "\0".join(
        (
            problem.rule,
            relative(problem.mark.file),
            problem.source_line.strip(),
            finding.network,
            problem.message,
        )
    )
    return {
        "ruleId": problem.rule,
        "ruleIndex": names.index(problem.rule),
        "level": LEVELS[finding.severity],
        "message": {"text": _text(said)},
        "locations": [{"physicalLocation": location}],
        "partialFingerprints": {
            "finding/v1": hashlib.sha256(identity.encode("utf-8", "backslashreplace")).hexdigest()
        },
    }


def _text(text: str) -> str:
    """Return a message without links, `[text](target)` (Section 3.11.6 of the standard)."""
    return printable(text).replace("](", "] (")
