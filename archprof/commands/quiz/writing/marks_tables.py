"""Marked sheets as tables: of one student, and of a class."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from fractions import Fraction

from archprof import units
from archprof.commands.quiz.course.class_marks import ClassMarks, SheetMarks
from archprof.commands.quiz.marking.marks import DEFAULT_NAMES, Graded, Marked, Used
from archprof.commands.quiz.marking.scheme import CARRIED, MISSING, WRONG
from archprof.commands.quiz.sheets.sheet_reader import Altered
from archprof.problem import Problem
from archprof.show.table import Table, TableColumn
from archprof.units import Figure

MOST_NAMED = 6
"""How many altered cells, or places of a mistake, are named."""


def marks_table(graded: Graded, altered: Sequence[Altered] = ()) -> Table:
    """Return one row per blank: answer, right answer, mark and why.

    The title has the score, the notes the conventions, where mistakes entered, and which cells
    were altered.
    """
    columns = [
        TableColumn("Layer", right=False),
        TableColumn("Blank", right=False),
        TableColumn("Answer", wraps=True),
        TableColumn("Right"),
        TableColumn("Mark", right=False, style="bold"),
        TableColumn("Points"),
        TableColumn("Why", right=False, wraps=True),
    ]
    carried = f", {graded.carried} wrong only because of an earlier one" if graded.carried else ""
    rows = [
        [
            m.layer,
            m.column,
            m.answer or "-",
            m.right,
            m.word,
            points_text(m.points),
            m.how or m.why,
        ]
        for m in graded.marks
    ]
    scheme = "lenient" if graded.lenient else "strict"
    title = (
        f"{graded.quiz.analysis.graph.network.name}: {graded.right} of {len(graded.marks)}"
        f" right{carried}; {points_text(graded.points)} of {len(graded.marks)} points, {scheme}"
    )
    return Table(columns, rows, title, [*_notes(graded), *altered_notes(altered)])


def altered_notes(altered: Sequence[Altered]) -> list[tuple[str, str]]:
    """Return a note of the cells that are not as they were handed out."""
    named = [
        f"{cell.layer} {cell.column} is {cell.text[:40] or 'empty'}, was {cell.given[:40]}"
        for cell in altered[:MOST_NAMED]
    ]
    if len(altered) > MOST_NAMED:
        named.append(units.number_of(len(altered) - MOST_NAMED, "more cell"))
    return [("altered", "; ".join(named))] if named else []


def points_text(points: Fraction) -> Figure:
    """Return points as text: halves as .5."""
    whole = points.denominator == 1
    return Figure(units.fraction(points), points.numerator if whole else float(points))


def _notes(graded: Graded) -> list[tuple[str, str]]:
    wrong = [mark for mark in graded.marks if mark.word == WRONG]
    notes = [*_conventions(graded.used), *_entered(wrong, graded.marks)]
    for slip, times in Counter(mark.slip for mark in wrong if mark.slip).items():
        if times > 1:
            notes.append(("repeated", f"{slip}, in {times} answers"))
    missing = sum(mark.word == MISSING for mark in graded.marks)
    if missing:
        notes.append(("missing", f"{missing} not answered"))
    return notes


def _conventions(conventions: Sequence[Used]) -> Iterator[tuple[str, str]]:
    """Yield which conventions the answers follow, where these are not the usual ones or not the
    same throughout.
    """
    for used in conventions:
        name = used.name or DEFAULT_NAMES[used.dimension]
        answers = "1 answer" if used.followed == 1 else f"{used.followed} answers"
        if used.others:
            yield used.dimension, f"{name} in {answers}; not in {', '.join(used.others)}"
        elif name != DEFAULT_NAMES[used.dimension]:
            yield used.dimension, f"{name} throughout, in {answers}"


def _entered(wrong: Sequence[Marked], marks: Sequence[Marked]) -> Iterator[tuple[str, str]]:
    """Yield where mistakes were made, and how many later answers are wrong because of each."""
    carried = Counter(mark.origin for mark in marks if mark.word == CARRIED)
    entered = []
    for mark in wrong:
        more = carried[mark.origin]
        spread = f" (carried over to {more} more)" if more else ""
        entered.append(f"at {mark.origin}{spread}")
    if entered:
        yield "mistakes", f"{len(entered)} entered: {', '.join(entered)}"


def class_table(marks: ClassMarks) -> Table:
    """Return one row per student: points, answers by their marks, and what else is to be known."""
    columns = [
        TableColumn("Student", right=False, wraps=True),
        TableColumn("Points"),
        TableColumn("Of"),
        TableColumn("Right"),
        TableColumn("Carried", drop=2),
        TableColumn("Entered", drop=1),
        TableColumn("Missing", drop=3),
        TableColumn("Remarks", right=False, wraps=True),
    ]
    counts = [f"{units.number_of(len(marks.marked), 'sheet')} marked"]
    refused = sum(sheet.problem is not None for sheet in marks.sheets)
    if refused:
        counts.append(f"{refused} not marked")
    missing = sum(not sheet.file for sheet in marks.sheets)
    if missing:
        counts.append(f"{missing} not handed in")
    mean = "" if marks.mean is None else f"; {_rounded(marks.mean)} points in the mean"
    title = f"{marks.network}: {', '.join(counts)}{mean}"
    return Table(columns, [_student_row(sheet) for sheet in marks.sheets], title)


def _refusal(problem: Problem) -> str:
    """Return why a sheet is not marked, and the way out."""
    found = f"not marked: {problem.message} ({problem.mark})"
    return "; ".join(filter(None, (found, problem.hint)))


def _rounded(points: Fraction) -> str:
    return f"{float(points):.1f}"


def _student_row(sheet: SheetMarks) -> list[str]:
    if not sheet.file:
        return [sheet.student, *["-"] * 6, "nothing handed in"]
    if sheet.graded is None:
        return [sheet.student, *["-"] * 6, _refusal(sheet.problem) if sheet.problem else ""]
    graded = sheet.graded
    words = Counter(mark.word for mark in graded.marks)
    remarks = [f"{label}: {text}" for label, text in altered_notes(sheet.altered)]
    return [
        sheet.student,
        points_text(graded.points),
        units.exact(len(graded.marks)),
        units.exact(graded.right),
        units.exact(graded.carried),
        units.exact(words[WRONG]),
        units.exact(words[MISSING]),
        "; ".join(remarks),
    ]


def mistakes_table(marks: ClassMarks) -> Table:
    """Return the mistakes of a class, those that most students made first."""
    columns = [
        TableColumn("Mistake", right=False, wraps=True),
        TableColumn("Students"),
        TableColumn("At", right=False, wraps=True),
        TableColumn("Made by", right=False, wraps=True),
    ]
    rows = [
        [
            mistake.slip or "cause unknown",
            units.exact(len(mistake.students)),
            units.some(mistake.places, MOST_NAMED),
            units.some(mistake.students, MOST_NAMED),
        ]
        for mistake in marks.mistakes
    ]
    return Table(columns, rows, "The commonest mistakes")
