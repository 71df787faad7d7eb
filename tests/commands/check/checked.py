"""Texts held to the rules, as the command holds files to them."""

from __future__ import annotations

from pathlib import Path

from archprof.commands.check.check_file import check
from archprof.commands.check.check_options import Options
from archprof.commands.check.check_run import Outcome, outcome
from archprof.commands.check.conditions import Conditions
from archprof.commands.check.config import Config
from archprof.commands.check.file_report import FileReport
from archprof.language.files import Source

NOTHING = Config()


def report(text: str, config: Config = NOTHING, **options: object) -> FileReport:
    """What one file comes to."""
    return check(Source(None, "net.yaml", text.encode()), config, Options(**options))  # type: ignore[arg-type]


def result(text: str, config: Config = NOTHING, **options: object) -> Outcome:
    """What a run over one file comes to, latency budgets unmeasured; a rule that raises is a
    bug, not a finding of another rule.
    """
    asked = Options(**options)  # type: ignore[arg-type]
    source = Source(None, "net.yaml", text.encode())
    found = report(text, config, **options)
    assert not found.bug, found.bug
    return outcome(
        [(source, config)], [found], asked, (), [finding for _, finding in found.latencies]
    )


def said(text: str, rule: str, at: Conditions | None = None) -> list[tuple[int, str]]:
    """Line and message of what one rule finds."""
    options = {"at": at} if at else {}
    return [
        (f.problem.mark.line, f.problem.message)
        for f in result(text, **options).findings
        if f.problem.rule == rule
    ]


def net(*layers: str, head: str = "input: 3x32x32", tail: str = "") -> str:
    """A spec from its layers, the first of which stands in line 4."""
    return (
        "\n".join(["name: net", head, "layers:", *(f"  {layer}" for layer in layers), tail]) + "\n"
    )


def write(folder: Path, name: str, text: str) -> Path:
    """A file with this text, folders made."""
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def whole(text: str, rule: str) -> str:
    """All that is printed of what one rule finds."""
    return "\n".join(str(f) for f in result(text).findings if f.problem.rule == rule)
