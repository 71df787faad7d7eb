"""Annotations as GitHub's runner reads them: its parser is written out here, after
actions/runner's ActionCommand.cs.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from archprof.commands.check.text_report import as_commands
from archprof.problem import Mark, Problem, Severity
from archprof.show.annotations import commands, relative
from archprof.units import inert
from tests.show.nasty import NASTY, harmless, nasty


def parsed(line: str) -> tuple[str, dict[str, str], str] | None:
    """Command, properties and message of a line, None where the runner takes it for output."""
    line = line.lstrip()
    if not line.startswith("::"):
        return None
    head, sign, message = line[2:].partition("::")
    assert sign
    name, _, listed = head.partition(" ")
    properties = dict(part.split("=", 1) for part in listed.split(","))
    for code, character in (("%3A", ":"), ("%2C", ","), ("%0D", "\r"), ("%0A", "\n"), ("%25", "%")):
        properties = {key: value.replace(code, character) for key, value in properties.items()}
        message = message.replace(code, character) if code not in ("%3A", "%2C") else message
    return name, properties, message


def test_a_line_a_finding() -> None:
    found = [
        (
            Severity.warning,
            Problem(Mark("specs/a.yaml", 4, 6), "conv-bias", "says: 100 %, so", "do this"),
        ),
        (Severity.error, Problem(Mark("b.yaml"), "file", "is not there")),
        (Severity.note, Problem(Mark("b.yaml", 1, 1), "latency", "cannot tell")),
    ]
    assert (
        commands(found)
        == """::warning file=specs/a.yaml,line=4,col=6,title=archprof conv-bias::\
says: 100 %25, so; hint: do this
::error file=b.yaml,title=archprof file::is not there
::notice file=b.yaml,line=1,col=1,title=archprof latency::cannot tell
"""
    )
    assert parsed(commands(found).splitlines()[0]) == (
        "warning",
        {"file": "specs/a.yaml", "line": "4", "col": "6", "title": "archprof conv-bias"},
        "says: 100 %, so; hint: do this",
    )


def test_words_command_nothing() -> None:
    said = as_commands(nasty())
    assert harmless(said)
    found = [parsed(line) for line in said.splitlines()]
    # these and no other
    assert [command and command[0] for command in found] == ["error", "error", "warning", "notice"]
    for command in found:
        assert command
        assert set(command[1]) <= {"file", "line", "col", "title"}
        assert "\n" not in command[2]
    assert "##[" not in said
    assert "##vso[" not in said
    assert "::stop-commands::x" in said  # it is shown, in the middle of a line


def test_files_are_named_from_where_the_runner_stands(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert relative(str(tmp_path / "specs" / "a.yaml")) == "specs/a.yaml"
    assert relative("specs/a.yaml") == "specs/a.yaml"
    outside = str(tmp_path.parent / "b.yaml")
    assert relative(outside) == outside.replace(os.sep, "/")


@pytest.mark.parametrize(
    "line",
    [
        "::error::x",
        "  ::set-output name=a::b",
        "##[error]x",
        "a ##[group]",
        "##vso[task.logissue]",
        "##teamcity[a]",
        "::",
    ],
)
def test_what_is_made_inert(line: str) -> None:
    said = inert(line)
    assert said != line
    assert not said.lstrip().startswith("::")
    assert not re.search(r"##\w*\[", said)
    assert inert(said) == said


@pytest.mark.parametrize(
    "line", ["", "a.yaml:1:1: error: x::y [z]", "  # a comment ## with [brackets]", "x = a[1]"]
)
def test_what_is_left_as_it_is(line: str) -> None:
    assert inert(line) == line


def test_nasty_is_nasty() -> None:
    """What these tests throw would command something if it were let."""
    assert any(parsed(line) for line in NASTY.splitlines())
