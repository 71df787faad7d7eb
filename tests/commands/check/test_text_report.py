"""Findings as text and as data."""

from __future__ import annotations

import json

import pytest

from archprof.commands.check.base import Finding
from archprof.commands.check.check_run import Outcome
from archprof.commands.check.text_report import as_json, counted, text
from archprof.problem import Mark, Problem, Severity
from tests.show.nasty import FILE, NASTY, harmless, nasty

FOUND = Outcome(
    (
        Finding(
            Problem(
                Mark("a.yaml", 4, 6),
                "conv-bias",
                "says so",
                "do this",
                ("in layer1",),
                "  a: {op: relu}",
            ),
            Severity.warning,
            "net",
        ),
        Finding(Problem(Mark("b.yaml"), "file", "is not there"), Severity.error),
    ),
    {"a.yaml": ("net",), "b.yaml": ()},
    (),
)


def test_text() -> None:
    assert (
        text(FOUND)
        == """a.yaml:4:6: warning: says so [conv-bias]
      a: {op: relu}
         ^
  in in layer1
  hint: do this
b.yaml: error: is not there [file]
"""
    )


def test_networks_that_were_not_checked_are_told_of() -> None:
    assert (
        counted(FOUND._replace(stopped=("b.yaml",)))
        == "2 files, 1 network, 2 problems (1 warning); errors in 1 file kept its networks from"
        " being checked"
    )
    assert counted(FOUND._replace(stopped=("a.yaml", "b.yaml"))).endswith(
        "; errors in 2 files kept their networks from being checked"
    )


def test_data() -> None:
    data = json.loads(as_json(FOUND))
    assert data["findings"][0] == {
        "file": "a.yaml",
        "line": 4,
        "column": 6,
        "severity": "warning",
        "rule": "conv-bias",
        "message": "says so",
        "hint": "do this",
        "network": "net",
        "chain": ["in layer1"],
        "source": "  a: {op: relu}",
    }
    assert data["findings"][1]["network"] is None
    assert data["files"] == [
        {"file": "a.yaml", "networks": ["net"], "configuration": None},
        {"file": "b.yaml", "networks": [], "configuration": None},
    ]
    assert (data["schema"], data["errors"], data["warnings"], data["notes"]) == (1, 1, 1, 0)


@pytest.mark.parametrize(
    ("severities", "says"),
    [
        ("", "2 files, 1 network, no problems"),
        ("e", "2 files, 1 network, 1 problem"),
        ("w", "2 files, 1 network, 1 problem (a warning)"),
        ("eww", "2 files, 1 network, 3 problems (2 warnings)"),
        ("eew", "2 files, 1 network, 3 problems (1 warning)"),
        ("ww", "2 files, 1 network, 2 problems (all warnings)"),
        ("n", "2 files, 1 network, no problems, 1 note"),
        ("enn", "2 files, 1 network, 1 problem, 2 notes"),
    ],
)
def test_counts(severities: str, says: str) -> None:
    weights = {"e": Severity.error, "w": Severity.warning, "n": Severity.note}
    found = tuple(
        Finding(Problem(Mark("a", i), "kind", ""), weights[letter])
        for i, letter in enumerate(severities)
    )
    assert counted(FOUND._replace(findings=found)) == says


def test_text_commands_no_terminal_and_no_runner() -> None:
    said = text(nasty())
    assert harmless(said)
    lines = said.splitlines()
    assert not any(line.lstrip().startswith("::") for line in lines)
    assert "##[" not in said
    assert "##vso[" not in said
    # a file of such a name is still named
    assert lines[0].startswith("\\x3a:error file=x::\\x0a<b>")


def test_data_is_data() -> None:
    said = as_json(nasty())
    assert said.isascii()
    assert harmless(said)
    assert "##[" not in said  # not even as data on standard output
    assert json.loads(said)["findings"][1]["message"] == NASTY
    assert json.loads(said)["files"][0]["file"] == FILE
