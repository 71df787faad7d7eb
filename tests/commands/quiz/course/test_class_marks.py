"""A folder of sheets: whose each is, what it is marked by, and what a class has in common."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from pathlib import Path

import pytest

from archprof.commands.quiz.course.class_key import KeyedQuizzes, key_csv, read_key
from archprof.commands.quiz.course.class_marks import (
    ClassMarks,
    SheetMarks,
    mark_class,
    one_marked,
)
from archprof.commands.quiz.course.students import Student, students_of
from archprof.commands.quiz.making.making import make
from archprof.commands.quiz.making.quiz import Cell, Quiz, QuizRequest
from archprof.commands.quiz.marking.grading import grade
from archprof.commands.quiz.sheets.sheet import answered, plain
from archprof.commands.quiz.sheets.sheet_reader import read_answers
from archprof.problem import ProblemError

REQUEST = QuizRequest("alexnet", 4, 5, ("output", "params"), last="conv3")
STUDENTS = students_of(["Ada", "Alan", "Zoë"], REQUEST.seed)


def quiz_of(student: Student) -> Quiz:
    return make(REQUEST._replace(seed=student.seed))


def key(quiz: Quiz) -> dict[Cell, str]:
    return {cell: plain(quiz.contents[cell]) for cell in quiz.blanks}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """With the key of a class and the sheets of all, of which each is right."""
    monkeypatch.chdir(tmp_path)
    Path("key.csv").write_text(key_csv(REQUEST, STUDENTS), encoding="utf-8")
    Path("sheets").mkdir()
    for student in STUDENTS:
        hand_in(student.sheet, quiz_of(student))
    return Path("sheets")


def hand_in(name: str, quiz: Quiz, answers: Mapping[Cell, str] | None = None) -> None:
    text = answered(quiz, key(quiz) if answers is None else answers)
    Path("sheets", f"{name}.csv").write_text(text, encoding="utf-8")


def marks(folder: Path, lenient: bool = False) -> ClassMarks:
    return mark_class(folder, KeyedQuizzes(read_key(Path("key.csv"))), {}, lenient)


def of(marks: ClassMarks, student: str) -> SheetMarks:
    [found] = [sheet for sheet in marks.sheets if sheet.student == student]
    return found


def problem(sheet: SheetMarks) -> str:
    assert sheet.graded is None
    return sheet.problem.message if sheet.problem is not None else ""


def test_the_key_of_a_class_comes_back(folder: Path) -> None:
    found = read_key(Path("key.csv"))
    assert (found.request, found.students) == (REQUEST, STUDENTS)


def test_each_has_a_sheet_of_their_own(folder: Path) -> None:
    found = marks(folder)
    assert [(s.student, s.file) for s in found.sheets] == [
        ("Ada", "ada.csv"),
        ("Alan", "alan.csv"),
        ("Zoë", "zoe.csv"),
    ]
    assert [graded.points for graded in found.marked] == [4, 4, 4]
    assert found.mean == 4
    assert found.mistakes == ()
    blanks = {graded.quiz.blanks for graded in found.marked}
    assert len(blanks) == 3


def test_a_file_of_another_name_is_known_by_its_seed(folder: Path) -> None:
    (folder / "ada.csv").rename(folder / "my homework (final).csv")
    assert of(marks(folder), "Ada").file == "my homework (final).csv"


def test_who_hands_in_the_sheet_of_another(folder: Path) -> None:
    (folder / "alan.csv").write_bytes((folder / "ada.csv").read_bytes())
    assert problem(of(marks(folder), "Alan")).startswith("the sheet is of another quiz: seed=")


@pytest.mark.parametrize("name", ["aaa.csv", "again.csv"])
def test_a_second_sheet_of_a_student(folder: Path, name: str) -> None:
    """The one that is called as it was handed out is marked, whichever comes first."""
    (folder / name).write_bytes((folder / "ada.csv").read_bytes())
    found = [sheet for sheet in marks(folder).sheets if sheet.student == "Ada"]
    assert [sheet.file for sheet in found if sheet.graded] == ["ada.csv"]
    [other] = [sheet for sheet in found if not sheet.graded]
    assert problem(other) == "a second sheet of Ada: ada.csv is marked"


def test_a_sheet_alone_is_called_as_its_file(folder: Path) -> None:
    sheet = read_answers(folder / "ada.csv", lambda lines: quiz_of(STUDENTS[0]))
    graded = grade(quiz_of(STUDENTS[0]), sheet.answers)
    found = one_marked("sheets/ada.csv", sheet, graded)
    assert found == ClassMarks("alexnet", (SheetMarks("ada", "sheets/ada.csv", graded),))


def test_nothing_handed_in(folder: Path) -> None:
    (folder / "zoe.csv").unlink()
    found = of(marks(folder), "Zoë")
    assert (found.file, found.graded, found.problem) == ("", None, None)
    assert marks(folder).mean == 4


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("network=alexnet", "network=lenet5"),
        ("blank=4", "blank=1"),
        ("ask=output params", "ask=op"),
        ("to=conv3", "to=conv1"),
        ("archprof quiz 1", "archprof quiz 2"),
    ],
)
def test_the_key_decides_what_is_marked(folder: Path, old: str, new: str) -> None:
    path = folder / "ada.csv"
    path.write_text(path.read_text(encoding="utf-8").replace(old, new, 1), encoding="utf-8")
    found = of(marks(folder), "Ada") if old != "archprof quiz 1" else of(marks(folder), "ada")
    assert problem(found)


def test_a_seed_of_nobody(folder: Path) -> None:
    hand_in("stranger", make(REQUEST._replace(seed=1)))
    assert (
        problem(of(marks(folder), "stranger")) == "the sheet is of no student of the class: seed=1"
    )


def test_altered_cells_are_in_the_marks(folder: Path) -> None:
    path = folder / "ada.csv"
    path.write_text(path.read_text(encoding="utf-8").replace(",11x11,", ",7x7,"), encoding="utf-8")
    [altered] = of(marks(folder), "Ada").altered
    assert (altered.layer, altered.column, altered.text, altered.given) == (
        "conv1",
        "Kernel",
        "7x7",
        "11x11",
    )


def test_mistakes_that_several_made(folder: Path) -> None:
    """Whoever forgets the biases makes one mistake, wherever it is."""
    request = REQUEST._replace(ask=("params",), blanks=8)
    Path("key.csv").write_text(key_csv(request, STUDENTS), encoding="utf-8")
    for student in STUDENTS[:2]:
        made = make(request._replace(seed=student.seed))
        weights = {"conv1": "34848", "conv2": "614400", "conv3": "884736"}
        answers = key(made) | {
            cell: weights[made.rows[cell[0]].label]
            for cell in made.blanks
            if made.rows[cell[0]].label in weights
        }
        hand_in(student.sheet, made, answers)
    hand_in(STUDENTS[2].sheet, make(request._replace(seed=STUDENTS[2].seed)))
    [mistake] = marks(folder).mistakes
    assert mistake.slip == "counted without biases"
    assert mistake.students == ("Ada", "Alan")
    [lenient] = marks(folder, lenient=True).mistakes
    assert lenient == mistake


def test_a_quiz_that_is_the_same_for_all(folder: Path) -> None:
    """The students are the names of the files, also in a folder for each."""
    made = make(REQUEST)
    for path in folder.iterdir():
        path.unlink()
    Path("key.csv").write_text(answered(made, key(made)), encoding="utf-8")
    (folder / "Alan Turing_12_assignsubmission_file").mkdir()
    hand_in("ada", made)
    hand_in("Alan Turing_12_assignsubmission_file/sheet", made, {})
    found = marks(folder)
    assert [sheet.student for sheet in found.sheets] == [
        "Alan Turing_12_assignsubmission_file/sheet",
        "ada",
    ]
    assert found.mean == Fraction(0 + 4, 2)


def test_a_folder_without_sheets(folder: Path) -> None:
    Path("empty").mkdir()
    with pytest.raises(ProblemError, match=r"there are no \.csv files in this folder"):
        marks(Path("empty"))


HOSTILE: dict[str, bytes] = {
    "binary": bytes(range(256)) * 100,
    "rows": b"\n".join([b"archprof quiz 1,network=alexnet", b"a,b", *[b"1,2"] * 200_000]),
    "too large": b"x" * 1_000_001,
    "utf-16": "archprof quiz 1".encode("utf-16"),
    "empty": b"",
    "quotes": b'archprof quiz 1,"' + b"x" * 200_000,
    "a NUL": b"archprof quiz 1,seed=1\n\x00,1\n",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_sheet_stops_no_other(folder: Path, name: str) -> None:
    (folder / "bad\x1b[31m.csv").write_bytes(HOSTILE[name])
    found = marks(folder)
    assert len(found.marked) == 3
    [bad] = [sheet for sheet in found.sheets if not sheet.graded]
    assert problem(bad)


def test_links_out_of_the_folder_are_not_followed(folder: Path, tmp_path: Path) -> None:
    outside = tmp_path.parent / "outside.csv"
    outside.write_bytes((folder / "ada.csv").read_bytes())
    (folder / "ada.csv").unlink()
    (folder / "ada.csv").symlink_to(outside)
    [bad] = [sheet for sheet in marks(folder).sheets if sheet.problem]
    assert "leads out of the project" in problem(bad)


def test_a_formula_for_an_answer_stays_a_text(folder: Path) -> None:
    made = quiz_of(STUDENTS[0])
    hand_in("ada", made, dict.fromkeys(made.blanks, "=HYPERLINK(1)"))
    graded = of(marks(folder), "Ada").graded
    assert graded is not None
    assert {mark.answer for mark in graded.marks} == {"'=HYPERLINK(1)"}


def test_a_key_that_is_none(folder: Path) -> None:
    for text, message in (
        ("archprof quiz 1,network=alexnet,blank=4,seed=5\nStudent,Sheet,Seed\n", "no students"),
        (
            "archprof quiz 1,network=alexnet,blank=4,seed=5\nStudent,Sheet,Seed\nAda,ada,x\n",
            "key.csv:3:1: error: not a student of a class",
        ),
    ):
        Path("key.csv").write_text(text, encoding="utf-8")
        with pytest.raises(ProblemError) as raised:
            read_key(Path("key.csv"))
        assert message in str(raised.value)
