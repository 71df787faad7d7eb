"""Exercise sheets, their keys, and marked sheets as tables."""

from __future__ import annotations

from collections.abc import Iterator

from archprof import units
from archprof.analysis.analysis import Analysis
from archprof.commands.quiz.making.quiz import TITLES, USUAL, Cell, Exercise, Quiz, QuizRequest
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
    rows = [
        [_cell_text(quiz, (i, column), key) for column in quiz.columns]
        for i in range(len(quiz.rows))
    ]
    return Table(
        _columns(quiz),
        rows,
        _title(quiz.analysis, f"fill in the {len(quiz.blanks)} blanks", key),
        [
            ("made by", command(quiz.request)),
            *(_workings(quiz) if key else [("counted", _counted(quiz.request))]),
            *(("left out", text) for text in _left_out(quiz)),
        ],
        totals=quiz.rows[-1].node is None,
    )


def _columns(quiz: Quiz) -> list[TableColumn]:
    blank = {column for _, column in quiz.blanks}
    return [
        TableColumn(
            PAPER.get(column, TITLES[column]),
            right=column not in ("layer", "op", "from", "also"),
            wraps=column in ("op", "from", "also"),
            drop=column in SHORT and column not in blank,
        )
        for column in quiz.columns
    ]


def _cell_text(quiz: Quiz, cell: Cell, key: bool) -> str:
    """Return what a cell of the sheet says: a line to write on, or in a key its answer in
    brackets, where it is blank.
    """
    value, column = quiz.contents[cell], cell[1]
    text = content_text(value, column)
    if cell in quiz.blanks:
        return f"[{text}]" if key else LINE
    if value and isinstance(value, int) and column in SHORT:
        return SHORT[column](value)
    return text


def _title(analysis: Analysis, task: str, key: bool) -> str:
    network = analysis.graph.network
    return f"{network.stated('title') or network.name}: {task}{' (key)' if key else ''}"


def _counted(request: QuizRequest) -> str:
    """Return how the numbers of a sheet are counted."""
    batch = f" and batch {request.batch}" if request.batch > 1 else ""
    return (
        f"K, S and P are kernel, stride and padding; {COUNTED}; memory is the output's in"
        f" {request.dtype}{batch}"
    )


def _workings(quiz: Quiz) -> Iterator[tuple[str, str]]:
    """Yield how each blank is worked out, as far as that is more than its answer."""
    for i, column in quiz.blanks:
        text = working(quiz, (i, column))
        if text:
            yield f"{quiz.rows[i].label} {TITLES[column].partition(' (')[0]}", text


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
    count = units.number_of(len(sheet.questions), "question")
    return Table(columns, rows, _title(sheet.analysis, count, key), notes)


def sheet_csv(quiz: Exercise, key: bool = False) -> str:
    """Return the sheet for a spreadsheet, with `?` where an answer goes.

    Its first line says what it was made from.
    """
    return answered(quiz, {cell: plain(quiz.contents[cell]) for cell in quiz.blanks} if key else {})
