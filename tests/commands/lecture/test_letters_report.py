"""reports/lectures/ and their index are what the tool says today, at night witnesses and all."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

import pytest

from archprof.commands.lecture.claims.document import Claim
from archprof.commands.lecture.claims.library import shipped_lectures
from archprof.commands.lecture.deciding.deciding import consult_all, decide
from archprof.commands.lecture.deciding.decision import Witnesses
from archprof.commands.lecture.deciding.subjects import Subjects
from archprof.commands.lecture.running import experiments
from scripts.render_letters import FOLDER, INDEX, rendered
from tests.effort import NIGHTLY


def experiments_alone(subjects: Subjects, claims: Iterable[Claim]) -> Witnesses:
    """Nobody reports of a network, and what claims say of experiments is tried."""
    return Witnesses(run=experiments.run)


@pytest.mark.slow
def test_the_letters_are_rendered_again() -> None:
    """`python scripts/render_letters.py` writes them.

    In a letter is what the analysis says: of 100 networks torch and fvcore say the same at night.
    """
    outcome = decide(consult=consult_all if NIGHTLY else experiments_alone)
    assert not outcome.missing
    for path, text in rendered(outcome).items():
        assert path.read_text(encoding="utf-8") == text, path
    assert all(d.as_recorded for _, judged in outcome.judged for d in judged.everything)


def test_there_is_one_for_each_source() -> None:
    names = {f"{lecture.path.stem}.md" for lecture in shipped_lectures()}
    assert {path.name for path in FOLDER.iterdir()} == names
    links = re.findall(r"\]\(lectures/([^)]+)\)", INDEX.read_text(encoding="utf-8"))
    assert sorted(links) == sorted(names)


@pytest.mark.parametrize("path", [INDEX, *sorted(FOLDER.glob("*.md"))], ids=lambda path: path.stem)
def test_no_row_is_wider_than_a_page_renders(path: Path) -> None:
    """A Markdown table has one line per row, with as many cells as its head."""
    text = path.read_text(encoding="utf-8")
    for block in re.findall(r"(?:^\|.*\n)+", text, re.M):
        cells = {len(re.findall(r"(?<!\\)\|", line)) for line in block.splitlines()}
        assert len(cells) == 1, block[:300]
