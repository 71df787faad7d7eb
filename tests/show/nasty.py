"""Findings whose every word tries to be more than a word."""

from __future__ import annotations

import unicodedata

from archprof.commands.check.base import Finding
from archprof.commands.check.check_run import Outcome
from archprof.problem import Mark, Problem, Severity

NASTY = (
    "::error file=x,line=1::injected\r\n::stop-commands::x\n##[add-mask]y ##vso[task.setvariable]z"
    " \x1b[31mred\x1b[0m \x1b]0;title\x07 <script>alert(1)</script> ]]> <![CDATA[ &amp;"
    " %0A::warning::z [click](http://evil.example) {0} \u202ertl \x00 \ufffe \ud800 \x85\u2028 ${{"
    " secrets.X }} 'q' \"q\" ,:"
)
FILE = "::error file=x::\n<b>,50%25[a](b)\x1b[31m.yaml"


def nasty() -> Outcome:
    """One of each severity, and one of the file as a whole."""
    findings = [
        Finding(Problem(Mark(FILE, 3, 2), rule, NASTY, NASTY, (NASTY,), NASTY), severity, NASTY)
        for rule, severity in (
            ("kind", Severity.error),
            ("conv-bias", Severity.warning),
            ("latency", Severity.note),
        )
    ]
    return Outcome(
        (Finding(Problem(Mark(FILE), "file", NASTY), Severity.error), *findings),
        {FILE: (NASTY,)},
        (),
    )


def harmless(text: str) -> bool:
    """Nothing but line feeds and characters that are seen."""
    return not [
        c for c in text if c != "\n" and unicodedata.category(c) in ("Cc", "Cf", "Cs", "Zl", "Zp")
    ]
