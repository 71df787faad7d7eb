"""A letter to a student: what was right, and each mistake with its reason and the right working."""

from __future__ import annotations

from archprof.commands.quiz.course.class_marks import ClassMarks, SheetMarks
from archprof.commands.quiz.course.students import file_names
from archprof.commands.quiz.marking.marks import Graded, Marked
from archprof.commands.quiz.marking.scheme import CARRIED, MISSING, OTHER, RIGHT, ROUNDED, WRONG
from archprof.commands.quiz.writing.marks_tables import altered_notes, points_text
from archprof.show.table import Table, TableColumn

REASONS = {
    OTHER: "half of the points: right as {how} counts, the column counts otherwise",
    CARRIED: "right, going on {why}",
    WRONG: "{why}",
    MISSING: "not answered",
}


def letter(sheet: SheetMarks, network: str) -> Table:
    """Return the letter of one student: a row for each answer that is not right.

    The notes have what was right, and what was altered or not marked.
    """
    if sheet.graded is None:
        why = "nothing was handed in"
        if sheet.problem is not None:
            why = f"the sheet was not marked: {sheet.problem.message}"
        return Table([TableColumn("Marks", right=False)], [[why]], f"{sheet.student}, {network}")
    graded = sheet.graded
    columns = [
        TableColumn("Where", right=False),
        TableColumn("You wrote", wraps=True),
        TableColumn("Right is", wraps=True),
        TableColumn("Points"),
        TableColumn("Why", right=False, wraps=True),
    ]
    rows = [
        [
            f"{mark.layer} {mark.column}",
            mark.answer or "-",
            mark.right,
            points_text(mark.points),
            REASONS[mark.word].format(how=mark.how, why=mark.why),
        ]
        for mark in graded.marks
        if mark.word in REASONS
    ]
    title = (
        f"{sheet.student}, {network}: {points_text(graded.points)} of {len(graded.marks)} points"
    )
    shown = columns if rows else []
    return Table(shown, rows, title, [*_right(graded), *altered_notes(sheet.altered)])


def _right(graded: Graded) -> list[tuple[str, str]]:
    """Return the notes of what was right, and of what is the same mistake again."""
    right = [_named(mark) for mark in graded.marks if mark.word in (RIGHT, ROUNDED)]
    notes = [("right", ", ".join(right) if right else "none yet")]
    repeated = {m.slip: None for m in graded.marks if m.slip}
    for slip in repeated:
        places = [f"{m.layer} {m.column}" for m in graded.marks if m.slip == slip]
        if len(places) > 1:
            notes.append(("one mistake", f"{slip}: {', '.join(places)}"))
    return notes


def _named(mark: Marked) -> str:
    return f"{mark.layer} {mark.column}" + (" (rounded)" if mark.word == ROUNDED else "")


def letters(marks: ClassMarks) -> dict[str, Table]:
    """Return the letters of a class by the names of their files."""
    names = file_names([sheet.student for sheet in marks.sheets])
    return {
        name: letter(sheet, marks.network) for name, sheet in zip(names, marks.sheets, strict=True)
    }
