"""The shipped claims of the five lectures against their texts: quoted as printed, nothing left."""

from __future__ import annotations

from pathlib import Path

import pytest

from archprof.commands.lecture.texts.coverage import coverage
from archprof.commands.lecture.texts.quotes import LectureText, read_text
from tests.commands.lecture.turning import shipped

TEXTS = Path(__file__).parents[2] / "data" / "lectures"
NAMES = ("cs7643_l8", "cs7643_cnns", "cs462_l14", "cs282a_l10", "modern_cnn")


def text_of(name: str) -> LectureText:
    return read_text(TEXTS / f"{name}.txt")


@pytest.mark.parametrize("name", NAMES)
def test_every_figure_and_checkable_sentence_is_quoted(name: str) -> None:
    found = coverage(shipped(f"{name}.yaml"), text_of(name))
    assert found.figures > 20
    assert found.uncovered == ()


@pytest.mark.parametrize("name", NAMES)
def test_every_quotation_is_in_the_text(name: str) -> None:
    assert coverage(shipped(f"{name}.yaml"), text_of(name)).misquoted == ()


@pytest.mark.parametrize("name", NAMES)
def test_slides_have_the_titles_that_the_text_prints(name: str) -> None:
    text = text_of(name)
    titles = {claim.slide for claim in shipped(f"{name}.yaml").claims.values()}
    assert [title for title in titles if not text.spans(title)] == []
