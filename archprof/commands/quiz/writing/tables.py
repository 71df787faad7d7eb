"""Exercise sheets, their keys, and marked sheets as tables."""

from __future__ import annotations

from archprof import units
from archprof.commands.quiz.making.quiz import TITLES, USUAL, Exercise, Quiz, QuizRequest
from archprof.commands.quiz.marking.marks import content_text
from archprof.commands.quiz.marking.mistakes import working
from archprof.commands.quiz.questions.question import QuestionSheet
from archprof.commands.quiz.sheets.sheet import answered, plain
from archprof.show.table import AnswerLine, Table, TableColumn

LINE = AnswerLine("____")
SHORT = {"macs": units.count, "flops": units.count, "memory": units.size}
"""Numbers that nothing else in a row follows from, and how they are shortened on paper.

A narrow terminal omits such a column where none of its cells is blank.
"""
COUNTED = "MACs multiply-accumulates; parameters include biases"
MOST_NAMES = 3
"""How many of the layers that a sheet leaves out are named."""
PAPER = {"kernel": "K", "stride": "S", "padding": "P", "params": "Params", "memory": "Memory"}
"""Titles as in formulas."""


def command(request: QuizRequest) -> str:
    """Return the command that makes the sheet again."""
    options = [
        f"--blank {request.blanks}" if request.blanks else "",
        f"--questions {request.questions}" if request.questions else "",
        f"--level {request.level}" if request.level else "",
        f"--seed {request.seed}",
        f"--ask {','.join(request.ask)}" if request.ask not in (USUAL, ()) else "",
        f"--input {plain(request.input)}" if request.input else "",
        *(f"--set '{value}'" for value in request.sets),
        f"--batch {request.batch}" if request.batch > 1 else "",
        f"--dtype {request.dtype}" if request.dtype != "float32" else "",
        f"--from {request.first}" if request.first else "",
        f"--to {request.last}" if request.last else "",
    ]
    return " ".join(["archprof quiz", request.network, *filter(None, options)])


def sheet_table(quiz: Quiz, key: bool = False) -> Table:
    """Return the sheet with lines to write on.

    Its key has the answers in brackets there, and how each is worked out.
    """

    def cell(i: int, column: str) -> str:
        value = quiz.contents[i, column]
        text = content_text(value, column)
        if (i, column) in quiz.blanks:
            return f"[{text}]" if key else LINE
        if value and isinstance(value, int) and column in SHORT:
            return SHORT[column](value)
        return text

    blank = {column for _, column in quiz.blanks}
    columns = [
        TableColumn(
            PAPER.get(c, TITLES[c]),
            right=c not in ("layer", "op", "from", "also"),
            wraps=c in ("op", "from", "also"),
            drop=c in SHORT and c not in blank,
        )
        for c in quiz.columns
    ]
    rows = [[cell(i, column) for column in quiz.columns] for i in range(len(quiz.rows))]
    network = quiz.analysis.graph.network
    title = f"{network.stated('title') or network.name}: fill in the {len(quiz.blanks)} blanks" + (
        " (key)" if key else ""
    )
    batch = f" and batch {quiz.request.batch}" if quiz.request.batch > 1 else ""
    counted = (
        f"K, S and P are kernel, stride and padding; {COUNTED}; memory is the output's in"
        f" {quiz.request.dtype}{batch}"
    )
    notes = [("made by", command(quiz.request))]
    if key:
        for i, column in quiz.blanks:
            text = working(quiz, (i, column))
            if text:
                notes.append((f"{quiz.rows[i].label} {TITLES[column].partition(' (')[0]}", text))
    else:
        notes.append(("counted", counted))
    notes += [("left out", text) for text in _left_out(quiz)]
    return Table(columns, rows, title, notes, totals=quiz.rows[-1].node is None)


def _left_out(quiz: Quiz) -> list[str]:
    """Return which layers with parameters have no row: evaluation does not run them."""
    layers = [row for row in quiz.analysis.layers if row.node.aux and row.params]
    if not layers:
        return []
    names = [layer.node.path for layer in layers[:MOST_NAMES]]
    if len(layers) > MOST_NAMES:
        names.append(units.number_of(len(layers) - MOST_NAMES, "more layer"))
    params = units.number_of(sum(layer.params for layer in layers), "parameter")
    return [f"{', '.join(names)}: evaluation does not run them; {params}, in no row or total"]


def heading(name: str = "") -> Table:
    """Return the head of a sheet on paper: the student's name, or a line for it."""
    columns = [TableColumn(title, right=False) for title in ("Name", "Date", "Points")]
    return Table(columns, [[name or LINE, LINE, LINE]])


def exercise_table(exercise: Exercise, key: bool = False) -> Table:
    """Return the sheet of an exercise, or its key."""
    if isinstance(exercise, QuestionSheet):
        return questions_table(exercise, key)
    if isinstance(exercise, Quiz):
        return sheet_table(exercise, key)
    raise TypeError(type(exercise).__name__)


def questions_table(sheet: QuestionSheet, key: bool = False) -> Table:
    """Return questions with lines to write on; the key has the answers there, and the working."""
    columns = [
        TableColumn("", right=False),
        TableColumn("Question", right=False, wraps=True),
        TableColumn("Answer", right=False, wraps=key),
    ]
    rows = []
    notes = [("made by", command(sheet.request))]
    for number, question in enumerate(sheet.questions, 1):
        answers = [content_text(one, question.column) for one in (question.right, *question.also)]
        answer = f"[{' or '.join(answers)}]" if key else LINE
        rows.append([f"{number} {question.kind}", question.asked(), answer])
        if key:
            notes.append((f"{number} {question.kind}", question.working))
    if not key:
        notes.append(("counted", COUNTED))
    network = sheet.analysis.graph.network
    count = units.number_of(len(sheet.questions), "question")
    title = f"{network.stated('title') or network.name}: {count}"
    return Table(columns, rows, f"{title} (key)" if key else title, notes)


def sheet_csv(quiz: Exercise, key: bool = False) -> str:
    """Return the sheet for a spreadsheet, with `?` where an answer goes.

    Its first line says what it was made from.
    """
    return answered(quiz, {cell: plain(quiz.contents[cell]) for cell in quiz.blanks} if key else {})
