"""An answer as a page: its tables, and what is alive moment by moment against the memory."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from archprof import units
from archprof.analysis.analysis import analyze
from archprof.commands.fit.answering import Answer
from archprof.commands.fit.fitting import training_subject
from archprof.commands.page.figures import NARROW, WIDE, Illustration, drawn
from archprof.draw import svg
from archprof.draw.canvas import CANVASES, Canvas
from archprof.draw.shapes import Picture
from archprof.draw.timeline import timeline_picture
from archprof.draw.training_step import DeviceRoom, DrawnStep, step_picture
from archprof.show.document import HtmlPage, html, section
from archprof.show.markup import Markup, element
from archprof.show.table import Table
from archprof.show.table_markup import table_markup
from archprof.training.asked_step import in_words


def fit_page(answers: Sequence[Answer], tables: Sequence[Table]) -> str:
    """Return a page of answers: the first table, a curve for each answer, the other tables."""
    first, *others = tables
    title, *conditions = first.title.split(" · ")
    curves = drawn([_curve(found, place) for place, found in enumerate(answers)])
    parts = [
        section(_heading(answers), table_markup(first)),
        *curves.parts,
        *(section(table.title, table_markup(table)) for table in others),
        *_code(answers),
    ]
    data = {"pictures": curves.packed} if curves.packed else {}
    return html(HtmlPage(title, conditions, parts, data, svg.css()))


def _heading(answers: Sequence[Answer]) -> str:
    if len(answers) > 1:
        return "Input by input"
    (found,) = answers
    return f"The peak: {found.verdict}" if found.verdict else "The peak"


def _code(answers: Sequence[Answer]) -> list[Markup]:
    """Return the code of the one answer's plan of checkpoints, as a part of the page."""
    if len(answers) > 1 or answers[0].checkpoints is None or not answers[0].checkpoints.code:
        return []
    return [section("The checkpoints in torch", element("pre", answers[0].checkpoints.code))]


def _curve(found: Answer, place: int) -> Illustration:
    """Return what is alive moment by moment, at the batch of the answer's peak."""
    draw = _drawer(found)
    graph, batch = found.question.graph, found.peak.batch
    conditions = f"{units.shape(graph.input)}, batch {batch:,}"
    what = "an inference" if found.question.words is None else "a step of training"
    return Illustration(
        f"fit-{place}",
        f"Memory in {what}: {conditions}",
        draw(CANVASES[WIDE]),
        draw(CANVASES[NARROW]),
    )


def _drawer(found: Answer) -> Callable[[Canvas], Picture]:
    """Return what draws the curve: a step's against the memory, where one was given."""
    question, batch = found.question, found.peak.batch
    if question.words is None:
        analysis = analyze(question.graph, batch, question.dtype, "macs")
        return lambda canvas: timeline_picture(analysis, canvas)
    subject = training_subject(question.graph, question.words, question.plan)
    room = None
    if question.memory is not None:
        room = DeviceRoom(question.memory, found.overhead)
    said = in_words(question.words, batch, question.dtype)
    step = DrawnStep(subject.graph, subject.timeline(batch), said, room)
    return lambda canvas: step_picture(step, canvas)
