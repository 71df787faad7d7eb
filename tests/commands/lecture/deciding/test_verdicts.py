"""Verdicts: their words, which may be recorded, and the worst of several."""

from __future__ import annotations

import pytest

from archprof.commands.lecture.deciding.verdicts import (
    AS_PUBLISHED,
    DIFFERS,
    HOLDS,
    HOLDS_AS,
    NOT_MODELLED,
    NOT_RUN,
    ROUNDED,
    UNDECIDABLE,
    Verdict,
    recordable,
    worst,
)

FROM_BEST_TO_WORST = (
    HOLDS,
    ROUNDED,
    AS_PUBLISHED,
    HOLDS_AS,
    UNDECIDABLE,
    NOT_MODELLED,
    NOT_RUN,
    DIFFERS,
)


@pytest.mark.parametrize("place", range(len(FROM_BEST_TO_WORST)))
def test_the_whole_is_as_its_weakest_part(place: int) -> None:
    verdicts = [Verdict(kind) for kind in FROM_BEST_TO_WORST[: place + 1]]
    assert worst(verdicts).kind == FROM_BEST_TO_WORST[place]
    assert worst(reversed(verdicts)).kind == FROM_BEST_TO_WORST[place]


def test_of_nothing_nothing_is_known() -> None:
    assert worst([]) == Verdict(UNDECIDABLE)


def test_words() -> None:
    assert Verdict(HOLDS_AS, reading=("MACs", "without biases")).word == (
        "holds as MACs, without biases"
    )
    assert [Verdict(kind).word for kind in (HOLDS, ROUNDED, DIFFERS)] == [
        "holds",
        "holds rounded",
        "differs",
    ]


def test_what_is_true() -> None:
    assert [Verdict(kind).is_true for kind in FROM_BEST_TO_WORST] == [True] * 4 + [False] * 4


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        *(
            (text, True)
            for text in ("holds", "holds rounded", "differs", "undecidable", "not modelled")
        ),
        ("holds as MACs", True),
        ("holds, as published", True),
        ("holds as ", False),  # as nothing
        ("holds as", False),
        ("not run", False),  # depends on where it runs
        ("", False),
    ],
)
def test_what_a_file_may_record(text: str, expected: bool) -> None:
    assert recordable(text) is expected
