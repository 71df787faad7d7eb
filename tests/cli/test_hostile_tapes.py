"""Words of a tape in reports: inert in every format, as words of a spec are."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from tests.cli.test_hostile import harmless
from tests.cli.test_injection import FORMATS, WORDS, as_browsers_see_it
from tests.command_line import Run
from tests.tapes import data

pytestmark = pytest.mark.filterwarnings("ignore")

REPORTS = [
    ("summary", "net.tape.json"),
    ("summary", "net.tape.json", "--full", "--columns", "source,layer,op,notes"),
    ("explain", "net.tape.json"),
    ("compare", "net.tape.json", "other.tape.json"),
    ("capture", "net.tape.json"),
]
OTHERS = [
    ("explain", "net.tape.json", "none"),
    ("diff", "net.tape.json", "other.tape.json"),
    ("check", "net.tape.json"),
    ("solve", "net.tape.json", "1M"),
    ("quiz", "net.tape.json", "--blank", "1"),
    ("verify", "net.tape.json"),
    ("bench", "net.tape.json"),
    ("summary", "broken.tape.json"),
    ("summary", "net.tape.json", "--strict"),
]


def worded(word: str) -> dict[str, Any]:
    """A tape that says this wherever it can say anything."""
    tape = data()
    tape.update(name=word, heading=word, made_by=word, training=None, arguments={word: word})
    tape["files"] = [word] * len(tape["files"])
    tape["inputs"] = {word: next(iter(tape["inputs"].values()))}
    for weight in tape["weights"]:
        weight[0] += word
        weight[5] += word if weight[5] else ""
    for call in tape["modules"]:
        call[0] += word
        call[1] += word
    for operation in tape["operations"]:
        operation[1][word] = word
    tape["operations"][-1][0] = word
    tape["operations"][-2][0] = f"aten.{word}"
    return tape


TRIED = ("lines", "workflow", "escapes", "html", "mention", "latex", "formula", "csv")
"""Of WORDS, those that differ in what would take them for more than text."""


@pytest.fixture(params=TRIED)
def hostile(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.chdir(tmp_path)
    word = WORDS[request.param]
    tape = worded(word)
    tape["stopped"] = [word, 3, word]
    (tmp_path / "net.tape.json").write_text(json.dumps(tape), encoding="utf-8")
    (tmp_path / "other.tape.json").write_text(json.dumps(data()), encoding="utf-8")
    (tmp_path / "broken.tape.json").write_text(
        json.dumps({**tape, "tensors": [word]}), encoding="utf-8"
    )
    return word


def no_command(text: str) -> bool:
    """Whether GitHub's runner takes no line for a command."""
    return not re.search(r"^\s*(::|##\[)", text, re.MULTILINE)


def test_words_stay_words(run: Run, hostile: str) -> None:
    for report in REPORTS:
        for format in FORMATS:
            done = run(*report, "--format", format)
            assert done.code == 0 or "is unknown" in done.err, (report, done.err)
            assert harmless(done.out), (report, format)
            assert harmless(done.err)
            if format == "json" and done.out:
                json.loads(done.out)
            if format == "md" and done.out:
                as_browsers_see_it(done.out)
            if format == "table":
                assert no_command(done.out), report
            if format == "csv":
                assert not re.search(r'(^|,)"?([=@]|[+-]\D)', done.out, re.MULTILINE), report


def test_words_of_other_commands_too(run: Run, hostile: str) -> None:
    for command in OTHERS:
        done = run(*command)
        assert done.code in (0, 1, 2), command
        for text in (done.out, done.err):
            assert harmless(text), command
            assert no_command(text), command


@pytest.mark.parametrize("hostile", ["lines", "escapes", "html", "latex"], indirect=True)
@pytest.mark.parametrize("to", ["yaml", "torch", "dot", "mermaid", "json", "model-explorer"])
def test_words_in_exports(run: Run, hostile: str, to: str) -> None:
    done = run("export", "net.tape.json", "--to", to)
    assert done.code in (0, 1, 2), done.err
    assert "Traceback" not in done.err
    assert harmless(done.out)
    assert harmless(done.err)
    if to == "torch" and done.out:
        compile(done.out, "exported.py", "exec")
    if to in ("json", "model-explorer") and done.out:
        json.loads(done.out)
    if to == "dot":
        assert "\n<script" not in done.out
