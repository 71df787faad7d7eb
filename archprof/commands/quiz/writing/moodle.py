"""Exercises in Moodle XML: tables as cloze, questions as numerical, short answer or choice.

The format: https://docs.moodle.org/en/Moodle_XML_format and, of the fields in a cloze,
https://docs.moodle.org/en/Embedded_Answers_(Cloze)_question_type.
"""

from __future__ import annotations

import re
from xml.etree import ElementTree as ET

from archprof.commands.quiz.making.quiz import Exercise
from archprof.commands.quiz.writing.items import ItemField, PlatformItem, items, title_of
from archprof.show.markup import Markup, element, joined, text
from archprof.show.table import AnswerLine, Table
from archprof.units import printable

_CLOZE = re.compile(r'([}~#=/"\\:{])')


def moodle_xml(exercise: Exercise) -> str:
    """Return an exercise as a bank of questions, in a category of its own."""
    quiz = ET.Element("quiz")
    category = ET.SubElement(quiz, "question", type="category")
    # a slash begins a category inside
    name = printable(title_of(exercise)).replace("/", "//")
    _text(ET.SubElement(category, "category"), f"$course$/top/{name}")
    for item in items(exercise):
        _question(quiz, item)
    ET.indent(quiz)
    return ET.tostring(quiz, encoding="unicode", xml_declaration=True) + "\n"


def _question(quiz: ET.Element, item: PlatformItem) -> None:
    field = item.fields[0]
    if item.table is not None:
        question = _head(quiz, "cloze", item, _cloze(item, item.table))
    elif field.options:
        question = _head(quiz, "multichoice", item, text(item.text))
        _options(question, field)
    elif field.number is not None:
        question = _head(quiz, "numerical", item, text(item.text))
        _answer(question, str(field.number), "100", tolerance=field.tolerance)
        for wrong, why in field.slips:
            _answer(question, wrong, "0", why, tolerance=0)
    else:
        question = _head(quiz, "shortanswer", item, text(item.text))
        ET.SubElement(question, "usecase").text = "0"
        for right in field.texts:
            _answer(question, right.replace("*", r"\*"), "100")
        for wrong, why in field.slips:
            _answer(question, wrong.replace("*", r"\*"), "0", why)


def _head(quiz: ET.Element, kind: str, item: PlatformItem, body: Markup) -> ET.Element:
    """Return a new question with its name, its text, the working as feedback, and its points."""
    question = ET.SubElement(quiz, "question", type=kind)
    _text(ET.SubElement(question, "name"), printable(item.title))
    _text(ET.SubElement(question, "questiontext", format="html"), body)
    worked = joined(element("p", line) for line in item.working)
    _text(ET.SubElement(question, "generalfeedback", format="html"), worked)
    if item.table is None:  # a cloze has a point for each of its fields
        ET.SubElement(question, "defaultgrade").text = "1"
    ET.SubElement(question, "penalty").text = "0"
    ET.SubElement(question, "hidden").text = "0"
    return question


def _options(question: ET.Element, field: ItemField) -> None:
    ET.SubElement(question, "single").text = "true"
    ET.SubElement(question, "shuffleanswers").text = "true"
    ET.SubElement(question, "answernumbering").text = "ABCD"
    reasons = dict(field.slips)
    for i, option in enumerate(field.options):
        why = reasons.get(option.partition(" (")[0], "")
        _answer(question, text(option), "100" if i == field.right_option else "0", why, "html")


def _answer(
    question: ET.Element,
    right: str,
    fraction: str,
    why: str = "",
    form: str = "moodle_auto_format",
    tolerance: int | None = None,
) -> None:
    answer = ET.SubElement(question, "answer", fraction=fraction, format=form)
    _text(answer, right)
    if tolerance is not None:
        ET.SubElement(answer, "tolerance").text = str(tolerance)
    _text(ET.SubElement(answer, "feedback", format="html"), text(why))


def _text(parent: ET.Element, content: str) -> None:
    ET.SubElement(parent, "text").text = content


def _cloze(item: PlatformItem, table: Table) -> Markup:
    """Return a table as HTML with a field of Moodle's in each of its blanks."""
    fields = iter(item.fields)
    head = element("tr", *(element("th", column.title) for column in table.columns))
    rows = []
    for row in table.rows:
        cells = []
        for cell in row:
            if isinstance(cell, AnswerLine):
                cells.append(element("td", Markup(_embedded(next(fields)))))
            else:
                cells.append(element("td", Markup(_inert(text(cell)))))
        rows.append(element("tr", *cells))
    notes = [element("p", Markup(_inert(text(f"{label}: {note}")))) for label, note in table.notes]
    return joined([element("table", head, *rows), *notes])


def _inert(html: str) -> str:
    """Return HTML in which no brace begins a field."""
    return html.replace("{", "&#123;").replace("}", "&#125;")


def _embedded(field: ItemField) -> str:
    """Return a field as a cloze has it: right answers, then wrong ones with their reasons."""
    if field.number is not None:
        right = [f"={field.number}:{field.tolerance}"]
        wrong = [f"%0%{_escaped(number)}:0#{_escaped(why)}" for number, why in field.slips]
        return f"{{1:NUMERICAL:{'~'.join([*right, *wrong])}}}"
    right = [f"={_literal(one)}" for one in field.texts]
    wrong = [f"%0%{_literal(one)}#{_escaped(why)}" for one, why in field.slips]
    return f"{{1:SHORTANSWER:{'~'.join([*right, *wrong])}}}"


def _escaped(content: str) -> str:
    """Return a text in a field of a cloze: HTML, with Moodle's own signs escaped."""
    return _CLOZE.sub(r"\\\1", text(content))


def _literal(content: str) -> str:
    """Return an answer of a cloze, in which no star stands for any text."""
    return _escaped(content).replace("*", r"\*")
