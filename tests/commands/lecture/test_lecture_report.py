"""reports/lecture.md is what the tool says today, witnesses and all; and what it says reads
well.
"""

import re
from pathlib import Path

import pytest

from archprof.commands.lecture.deciding.deciding import consult_all, decide
from archprof.commands.lecture.writing.report import report

REPORT = Path(__file__).parents[3] / "reports" / "lecture.md"


@pytest.mark.slow
def test_the_report_is_rendered_again() -> None:
    """`archprof lecture --format md -o reports/lecture.md` writes it."""
    outcome = decide(consult=consult_all)
    assert not outcome.missing
    assert report(outcome) == REPORT.read_text(encoding="utf-8").removesuffix("\n") + "\n"
    assert all(d.as_recorded for _, judged in outcome.judged for d in judged.decisions)


def test_it_opens_with_what_was_checked_and_how() -> None:
    text = REPORT.read_text(encoding="utf-8")
    opening = text.partition("## Summary")[0]
    assert re.search(r"\d+ claims of \d+ sources, \d+ statements", opening)
    for word in ("by hand", "analysis", "torch", "fvcore", "differs", "undecidable"):
        assert word in opening
    headings = re.findall(r"^## (.*)$", text, re.M)
    assert headings[:5] == [
        "Summary",
        "Errata",
        "Differences that are no error of the lecture",
        "Contradictions",
        "What an analysis cannot decide",
    ]


def test_each_erratum_says_what_is_stated_and_what_is_so() -> None:
    errata = REPORT.read_text(encoding="utf-8").partition("## Errata")[2].partition("\n## ")[0]
    assert "not verified" not in errata
    entries = re.findall(r"^- \*\*([^*]+)\*\*", errata, re.M)
    assert {"K-02", "L8-33", "L8-38", "L8-43", "L8-44", "EECS-04", "EECS-08", "CS231N-06"} <= set(
        entries
    )
    for entry in errata.split("\n- **")[1:]:
        assert "  - " in entry, entry
        assert "stated" in entry, entry


def test_no_row_is_wider_than_a_page_renders() -> None:
    """A Markdown table has one line per row, with as many cells as its head."""
    for block in re.findall(r"(?:^\|.*\n)+", REPORT.read_text(encoding="utf-8"), re.M):
        cells = {len(re.findall(r"(?<!\\)\|", line)) for line in block.splitlines()}
        assert len(cells) == 1, block[:300]
