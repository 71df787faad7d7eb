"""The page of a rule: what it finds and why it matters, specs that pass, specs that fail, what
`check` says of these, and how the rule is left out.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from archprof.commands.check.check_file import check
from archprof.commands.check.check_options import Options
from archprof.commands.check.check_run import outcome
from archprof.commands.check.config import Config
from archprof.commands.check.rules import RULES, fault, manual
from archprof.language.files import Source
from archprof.show.markdown_page import code, fenced, heading, prose

_EXAMPLE = re.compile(r"^(PASS|FAIL):\n```(yaml|console)\n(.*?)^```\n?", re.DOTALL | re.MULTILINE)
FILE = "net.yaml"  # what an example is called


class RuleExample(NamedTuple):
    """A spec, or a command, that passes or fails; `said` is what `check` says of one that fails."""

    passes: bool
    language: str
    text: str
    said: str


class RulePage(NamedTuple):
    """A rule: `about` is its manual by paragraphs, the first of which says what it finds."""

    name: str
    severity: str
    about: tuple[str, ...]
    examples: tuple[RuleExample, ...]
    left_out: str


def rule_page(name: str) -> RulePage:
    """Return the page of a rule, its examples checked."""
    text = manual(name)
    about = _EXAMPLE.sub("", text).strip().split("\n\n")
    examples = [
        RuleExample(kind == "PASS", language, spec, _said(name, spec) if kind == "FAIL" else "")
        for kind, language, spec in _EXAMPLE.findall(text)
    ]
    return RulePage(
        name, RULES[name].severity.value, tuple(about), tuple(examples), _left_out(name)
    )


def _said(rule: str, text: str) -> str:
    """Return what `check` says by a rule about an example, "" where that is a command."""
    if text.startswith("$"):
        return ""
    source, config, options = Source(None, FILE, text.encode()), Config(), Options()
    report = check(source, config, options)
    latencies = [finding for _, finding in report.latencies]
    found = outcome([(source, config)], [report], options, more=latencies).findings
    return "\n".join(str(finding) for finding in found if finding.problem.rule == rule)


def _left_out(name: str) -> str:
    """Return how the rule is left out, or why it cannot be."""
    if refused := fault(name):
        message, _ = refused
        return f"{message[0].upper()}{message[1:]}."
    return (
        f"To leave it out: `--ignore {name}` for a run, or in a spec, with a reason,"
        f" `# archprof: ignore[{name}] REASON`."
    )


def page_text(page: RulePage) -> str:
    """Return the page of a rule for a terminal."""
    parts = [f"{page.name} · {page.severity}", *page.about]
    for example in page.examples:
        title = "PASS" if example.passes else "FAIL"
        said = f"\n{example.said}" if example.said else ""
        parts.append(f"{title}:\n{fenced(example.language, example.text)}{said}")
    return "\n\n".join([*parts, page.left_out]) + "\n"


def page_markdown(page: RulePage, level: int = 1) -> str:
    """Return the page of a rule as Markdown, under a heading of this level."""
    weighs = "an error" if page.severity == "error" else f"a {page.severity}"
    parts = [heading(level, code(page.name)), f"Weighs: {weighs}.", *map(prose, page.about)]
    for example in page.examples:
        parts.append("Passes:" if example.passes else "Is found:")
        parts.append(fenced(example.language, example.text))
        if example.said:
            parts.append(fenced("text", example.said))
    return "\n\n".join([*parts, prose(page.left_out)]) + "\n"
