"""JUnit XML as CI servers read it."""

from __future__ import annotations

from xml.etree import ElementTree

from archprof.commands.check.base import Finding
from archprof.commands.check.check_run import Outcome
from archprof.commands.check.junit import WHOLE, junit
from archprof.problem import Mark, Problem, Severity
from tests.show.nasty import harmless, nasty


def finding(file: str, network: str, severity: Severity, message: str = "says so") -> Finding:
    return Finding(
        Problem(Mark(file, 4, 6), "conv-bias", message, "do this", (), "  a: {op: relu}"),
        severity,
        network,
    )


def test_a_suite_a_file_and_a_case_a_network() -> None:
    found = (
        finding("a.yaml", "one", Severity.error),
        finding("a.yaml", "one", Severity.error, "and more"),
        finding("a.yaml", "two", Severity.warning),
        finding("b.yaml", "", Severity.error),
        finding("b.yaml", "four", Severity.note, "cannot tell"),
    )
    root = ElementTree.fromstring(
        junit(
            Outcome(
                found, {"a.yaml": ("one", "two", "three"), "b.yaml": ("four",), "c.yaml": ()}, ()
            )
        )
    )
    assert (root.tag, root.attrib) == (
        "testsuites",
        {"name": "archprof check", "tests": "7", "failures": "2", "skipped": "1", "errors": "0"},
    )
    suites = {suite.get("name"): suite for suite in root}
    assert [case.get("name") for case in suites["a.yaml"]] == [WHOLE, "one", "two", "three"]
    assert {
        name: (suite.get("tests"), suite.get("failures"), suite.get("skipped"))
        for name, suite in suites.items()
    } == {"a.yaml": ("4", "1", "0"), "b.yaml": ("2", "1", "1"), "c.yaml": ("1", "0", "0")}
    failure = suites["a.yaml"].find("testcase[@name='one']/failure")
    assert failure is not None
    assert (failure.get("message"), failure.get("type")) == ("says so, and 1 more", "conv-bias")
    assert failure.text is not None
    assert failure.text.startswith(
        "a.yaml:4:6: error: says so [conv-bias]\n      a: {op: relu}\n         ^\n  hint: do"
        " this\na.yaml:4:6: error: and more"
    )
    warned = suites["a.yaml"].find("testcase[@name='two']")
    assert warned is not None
    assert [child.tag for child in warned] == ["system-out"]
    skipped = suites["b.yaml"].find("testcase[@name='four']/skipped")
    assert skipped is not None
    assert skipped.get("message") == "cannot tell"


def test_an_error_in_a_file_that_was_only_used_has_a_suite() -> None:
    root = ElementTree.fromstring(
        junit(Outcome((finding("blocks.yaml", "", Severity.error),), {"a.yaml": ()}, ()))
    )
    assert [suite.get("name") for suite in root] == ["a.yaml", "blocks.yaml"]


def test_words_are_no_markup() -> None:
    text = junit(nasty())
    assert harmless(text)
    assert "<script>" not in text
    assert "<![CDATA[" not in text
    root = ElementTree.fromstring(text)
    assert {element.tag for element in root.iter()} == {
        "testsuites",
        "testsuite",
        "testcase",
        "failure",
        "system-out",
    }
    said = "".join(root.itertext())
    assert "<script>alert(1)</script>" in said  # shown
    assert not any(line.lstrip().startswith("::") for line in text.splitlines())
    assert "##[" not in text
