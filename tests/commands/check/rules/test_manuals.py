"""Every rule's manual: its examples are run, and every rule that can be printed has one."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from archprof.commands.check import rules
from archprof.commands.check.rules import RULES
from archprof.problem import Severity
from tests.command_line import Run
from tests.commands.check.checked import result

PACKAGE = Path(rules.__file__).parents[3]
EXAMPLE = re.compile(r"^(PASS|FAIL):\n```(yaml|console)\n(.*?)^```", re.DOTALL | re.MULTILINE)
ELSEWHERE = {"override", "option", "format", "git", "condition", "fail-on", "first", "flat"}
"""Of the command line, and words that `complain` is given in other places; no spec is told
these.
"""


def examples(kind: str) -> list[tuple[str, str, str]]:
    """Rule, language and text of all examples of a kind."""
    return [
        (name, language, text)
        for name in RULES
        for found, language, text in EXAMPLE.findall(rules.manual(name))
        if found == kind
    ]


@pytest.mark.parametrize(
    ("rule", "language", "text"),
    examples("PASS"),
    ids=lambda value: value if value in RULES else "",
)
def test_what_passes(rule: str, language: str, text: str) -> None:
    found = [
        finding
        for finding in result(text).findings
        if finding.problem.rule == rule or finding.severity is Severity.error
    ]
    assert (language, found) == ("yaml", [])


@pytest.mark.parametrize(
    ("rule", "language", "text"),
    examples("FAIL"),
    ids=lambda value: value if value in RULES else "",
)
def test_what_fails(run: Run, rule: str, language: str, text: str) -> None:
    if language == "console":
        done = run(*text.removeprefix("$ archprof ").split())
        assert done.code != 0
        assert f"[{rule}]" in done.out
        return
    found = [finding for finding in result(text).findings if finding.problem.rule == rule]
    assert found
    assert {finding.severity for finding in found} == {RULES[rule].severity}
    assert all(finding.problem.mark.line and finding.problem.source_line for finding in found)


def test_all_that_is_printed_of_what_fails() -> None:
    """Place, message and way out of every example, checked by hand: `examples.txt`."""
    printed = [
        f"{finding}\n"
        for rule, language, text in examples("FAIL")
        if language == "yaml"
        for finding in result(text).findings
        if finding.problem.rule == rule
    ]
    expected = Path(__file__).with_name("examples.txt").read_text(encoding="utf-8")
    assert "\n".join(printed) == expected


@pytest.mark.parametrize("rule", RULES)
def test_manual_is_whole(rule: str) -> None:
    text = rules.manual(rule)
    kinds = {kind for kind, _, _ in EXAMPLE.findall(text)}
    assert kinds == {"PASS", "FAIL"}
    assert text.count("```") == 2 * len(EXAMPLE.findall(text))
    assert re.match(r"[A-Z`].*[.]$", rules.summary(rule))
    assert (RULES[rule].looks_at in ("document", "network", "layer")) == hasattr(
        rules.module(rule), "check"
    )


def test_table_and_files_are_the_same() -> None:
    files = {path.stem for path in Path(rules.__file__).parent.glob("*.py")} - {"__init__"}
    assert files == {RULES[name].file or name.replace("-", "_") for name in RULES}
    # no file can be called so on Windows
    assert not any(stem.upper() in ("AUX", "CON", "NUL", "PRN") for stem in files)


def test_every_rule_that_a_spec_can_be_told_is_in_the_table() -> None:
    """The literal rules of all complaints in the rooms that read specs and build graphs."""
    found: set[str] = set()
    for path in [
        p
        for room in ("language", "graph", "commands/check")
        for p in (PACKAGE / room).rglob("*.py")
        if p.parent.name != "writing"  # complains of networks that become specs
    ]:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and len(node.args) > 1:
                called = ""
                if isinstance(node.func, ast.Attribute):
                    called = node.func.attr
                elif isinstance(node.func, ast.Name):
                    called = node.func.id
                rule = node.args[0 if called == "Refused" else 1]
                if (
                    called in ("complain", "_complain", "_stop", "add", "Problem", "Refused")
                    and isinstance(rule, ast.Constant)
                    and isinstance(rule.value, str)
                ):
                    found.add(rule.value)
    known = {rule for rule in found if re.fullmatch(r"[a-z-]+", rule)}
    assert {"yaml", "shape", "in-place", "conv-bias" if "conv-bias" in known else "shadow"} <= known
    assert known - {"config", "bug"} - ELSEWHERE <= set(RULES)


def test_what_is_needed_cannot_be_left_out() -> None:
    assert rules.fault("yaml")
    assert rules.fault("nonsense")
    assert rules.fault("expect") is None
    assert rules.fault("conv-bias") is None
