"""What of a text no claim quotes, as tables: whole, and in the lines of a narrow terminal."""

from __future__ import annotations

from archprof.commands.lecture.texts.coverage import Coverage, Misquoted, Uncovered
from archprof.commands.lecture.texts.quotes import LectureText
from archprof.commands.lecture.writing.coverage_tables import coverage_tables
from archprof.show.table import Table, lines

TEXT = LectureText("slides.txt", "# AlexNet\n\nIt has  60M\nparameters.\n")
NEAREST = TEXT.sentences[1]
FOUND = Coverage(
    TEXT,
    (
        Uncovered((3,), "It has  60M\nparameters.", ("60M",)),
        Uncovered((5, 7, 9), "of 11x11 and of 5x5", ("11x11", "5x5")),
        Uncovered((6, 8, 10, 12, 14), "Every filter is small", ()),
    ),
    (
        Misquoted("A-1", "has 70M\nparameters", NEAREST),
        Misquoted("A-2", "nowhere", None),
        Misquoted("A-3", "61M", None, stated=True),
    ),
    figures=5,
    sentences=1,
)


def text(table: Table, width: int) -> list[str]:
    return ["".join(part for part, _ in line).rstrip() for line in lines(table, width)]


def test_tables() -> None:
    """Spaces and line breaks are one space; of five lines three are named."""
    uncovered, misquoted = coverage_tables(FOUND)
    assert uncovered.title == "3 sentences that no claim quotes"
    assert uncovered.rows == [
        ["3", "60M", "It has 60M parameters."],
        ["5, 7, 9", "11x11, 5x5", "of 11x11 and of 5x5"],
        ["6, 8, 10 and 2 more", "a statement", "Every filter is small"],
    ]
    assert uncovered.notes == [("read", "slides.txt: 5 figures, 1 sentence that could be checked")]
    assert misquoted.title == "3 quotations that the text does not have"
    assert misquoted.rows == [
        ["A-1", "has 70M parameters", "3", "It has 60M parameters."],
        ["A-2", "nowhere", "", ""],
        ["A-3", "61M", "", "stated, and not quoted"],
    ]


def test_of_a_long_sentence_its_beginning() -> None:
    """400 letters are whole, of 401 the first 400."""
    long = tuple(Uncovered((1,), "a" * letters, ()) for letters in (400, 401))
    (table,) = coverage_tables(FOUND._replace(uncovered=long, misquoted=()))
    assert [row[-1] for row in table.rows] == ["a" * 400, "a" * 400 + "…"]
    assert table.title == "2 sentences that no claim quotes"


def test_in_lines() -> None:
    """Texts on the left, each in as many lines as it needs."""
    uncovered, misquoted = coverage_tables(FOUND)
    assert text(uncovered, 36) == [
        "3 sentences that no claim quotes",
        "Line         Not covered Sentence",
        "─────────────────────────────────────",
        "3            60M         It has 60M",
        "                         parameters.",
        "5, 7, 9      11x11, 5x5  of 11x11 and",
        "                         of 5x5",
        "6, 8, 10 and a statement Every filter",
        "2 more                   is small",
        "read slides.txt: 5 figures, 1",
        "     sentence that could be checked",
    ]
    assert text(misquoted, 45) == [
        "3 quotations that the text does not have",
        "Claim Quotes           Line Nearest",
        "─────────────────────────────────────────────",
        "A-1   has 70M          3    It has 60M",
        "      parameters            parameters.",
        "A-2   nowhere",
        "A-3   61M                   stated, and not",
        "                            quoted",
    ]
