"""The findings of a check as JUnit XML, which most CI servers show.

A file is a suite, a network is a case.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from archprof.commands.check.base import Finding
from archprof.commands.check.check_run import Outcome
from archprof.problem import Severity
from archprof.units import inert, printable

WHOLE = "spec"  # the case of what is the file's and no network's
# characters that XML 1.0 does not have (Section 2.2)
_FOREIGN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def junit(outcome: Outcome) -> str:
    """Return the XML: errors fail their case, a note skips it, warnings are its output."""
    root = Element("testsuites", name="archprof check")
    by_file: dict[str, list[Finding]] = {name: [] for name in outcome.files}
    for finding in outcome.findings:
        by_file.setdefault(finding.problem.mark.file, []).append(finding)
    totals = [0, 0, 0]
    for file, findings in by_file.items():
        suite = SubElement(root, "testsuite", name=_clean(file))
        if file in outcome.configurations:
            SubElement(
                SubElement(suite, "properties"),
                "property",
                name="configuration",
                value=_clean(outcome.configurations[file]),
            )
        cases = dict.fromkeys(
            (WHOLE, *outcome.files.get(file, ()), *(f.network or WHOLE for f in findings))
        )
        counts = [len(cases), 0, 0]
        for name in cases:
            mine = [f for f in findings if (f.network or WHOLE) == name]
            case = SubElement(
                suite, "testcase", classname=_clean(file), name=_clean(name), time="0"
            )
            counts[1] += _failed(case, [f for f in mine if f.severity is Severity.error])
            counts[2] += _skipped(case, mine)
            if warned := [f for f in mine if f.severity is Severity.warning]:
                SubElement(case, "system-out").text = _text(warned)
        _set(suite, counts)
        totals = [a + b for a, b in zip(totals, counts, strict=True)]
    _set(root, totals)
    indent(root, " ")
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + tostring(root, encoding="unicode") + "\n"


def _failed(case: Element, errors: Sequence[Finding]) -> bool:
    """Mark a case as failed that has errors, and return whether it is."""
    if errors:
        problem = errors[0].problem
        more = f", and {len(errors) - 1} more" if len(errors) > 1 else ""
        SubElement(
            case, "failure", type=problem.rule, message=_clean(problem.message) + more
        ).text = _text(errors)
    return bool(errors)


def _skipped(case: Element, findings: Sequence[Finding]) -> bool:
    """Mark a case as skipped that has a note and no error, and return whether it is."""
    notes = [f for f in findings if f.severity is Severity.note]
    skipped = bool(notes) and not any(f.severity is Severity.error for f in findings)
    if skipped:
        SubElement(case, "skipped", message=_clean(notes[0].problem.message))
    return skipped


def _set(element: Element, counts: Sequence[int]) -> None:
    for name, count in zip(("tests", "failures", "skipped"), counts, strict=True):
        element.set(name, str(count))
    element.set("errors", "0")


def _text(findings: Sequence[Finding]) -> str:
    return "\n".join(
        inert(_FOREIGN.sub("?", line)) for finding in findings for line in str(finding).split("\n")
    )


def _clean(text: str) -> str:
    return inert(_FOREIGN.sub("?", printable(text)))
