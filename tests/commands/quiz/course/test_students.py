"""Lists of names: each student has a file and a seed of their own, the same on every machine."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from archprof.commands.quiz.course.students import file_names, read_students, students_of
from archprof.problem import ProblemError


@pytest.fixture
def names(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return Path("names.csv")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Ada\nAlan\n", ["Ada", "Alan"]),
        ("Name,Group\nAda,1\n\nAlan,2\n", ["Ada", "Alan"]),
        ("id,Student\n7,Ada\n", ["Ada"]),
        ('"Lovelace, Ada"\n', ["Lovelace, Ada"]),
    ],
)
def test_names(names: Path, text: str, found: list[str]) -> None:
    names.write_text(text, encoding="utf-8")
    assert [student.name for student in read_students(names, 1)] == found


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "names.csv: error: there are no names in it"),
        ("name\n", "there are no names in it"),
        ("Ada\nAlan\nAda\n", "names.csv:3:1: error: `Ada` is in line 1 too"),
        ("id,name\n1\n", "names.csv:2:1: error: a line without a name"),
        ("x" * 201, "a name of 201 characters, at most 200"),
        ("\n".join(map(str, range(2001))), "names.csv:2001:1: error: more than 2,000 names"),
    ],
)
def test_lists_that_are_none(names: Path, text: str, message: str) -> None:
    names.write_text(text, encoding="utf-8")
    with pytest.raises(ProblemError) as raised:
        read_students(names, 1)
    assert message in str(raised.value)


def test_seeds_follow_from_the_class_and_the_name_alone() -> None:
    """The first eight bytes of SHA-256 of the class's seed, the name and the attempt."""
    [alone] = students_of(["Ada"], 5)
    digest = hashlib.sha256(b"5\nAda\n0").digest()
    assert alone.seed == int.from_bytes(digest[:8], "big") % 10**9
    assert students_of(["Alan", "Ada"], 5)[1].seed == alone.seed
    assert students_of(["Ada"], 6)[0].seed != alone.seed
    many = students_of([str(n) for n in range(2000)], 5)
    assert len({student.seed for student in many}) == 2000


def test_files_have_safe_names_of_their_own() -> None:
    names = [
        "Ada Lovelace",
        "ada  lovelace",
        "../../etc/passwd",
        "\x1b[31m",
        "李明",
        "",
        "Zoë",
        "a" * 99,
    ]
    assert file_names(names) == [
        "ada_lovelace",
        "ada_lovelace_2",
        "etc_passwd",
        "31m",
        "student",
        "student_2",
        "zoe",
        "a" * 60,
    ]
