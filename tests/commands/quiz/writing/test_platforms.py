"""Exercises for learning platforms: read back, and compared with archprof's own marks.

Moodle: https://docs.moodle.org/en/Moodle_XML_format, and the fields of a cloze as Moodle's own
question/type/multianswer/questiontype.php takes them apart. QTI 2.1: the order of elements in
http://www.imsglobal.org/question/qtiv2p1/imsqti_infov2p1.html.
"""

from __future__ import annotations

import html
import io
import re
import zipfile
from xml.etree import ElementTree as ET

import pytest

from archprof.commands.quiz.making.quiz import Cell, Exercise, QuizRequest
from archprof.commands.quiz.questions.exercise import grade_exercise, make_exercise
from archprof.commands.quiz.questions.question import QuestionSheet, QuizQuestion
from archprof.commands.quiz.writing.items import field_of, items
from archprof.commands.quiz.writing.moodle import moodle_xml
from archprof.commands.quiz.writing.qti import qti_package

ASK = ("op", "kernel", "stride", "padding", "output", "params", "macs", "memory", "field")
TABLE = make_exercise(QuizRequest("alexnet", 14, 4, ASK))
QUESTIONS = make_exercise(QuizRequest("alexnet", 0, 3, (), questions=18))
QTI = "{http://www.imsglobal.org/xsd/imsqti_v2p1}"
CP = "{http://www.imsglobal.org/xsd/imscp_v1p1}"


def mark(exercise: Exercise, cell: Cell, answer: str) -> str:
    marks = grade_exercise(exercise, {cell: answer}).marks
    return marks[exercise.blanks.index(cell)].word


def moodle(exercise: Exercise) -> list[ET.Element]:
    """The questions of a file, without its category."""
    root = ET.fromstring(moodle_xml(exercise))
    assert root.tag == "quiz"
    category, *rest = root
    assert category.get("type") == "category"
    assert (category.findtext("category/text") or "").startswith("$course$/top/archprof quiz ")
    return rest


def cloze(text: str) -> list[tuple[str, list[tuple[str, bool, str]]]]:
    """The fields of a cloze: kind, and answers, whether each is right, and its feedback."""
    found = []
    pattern = r"(?<!\\)\{1:(NUMERICAL|SHORTANSWER):((?:[^}\\]|\\.)*)\}"
    for kind, body in re.findall(pattern, text):
        answers = []
        for part in re.split(r"(?<!\\)~", body):
            answer, _, feedback = re.split(r"((?<!\\)#|$)", part, maxsplit=1)
            right = answer.startswith("=")
            bare = answer.removeprefix("=").removeprefix("%0%")
            answers.append((html.unescape(re.sub(r"\\(.)", r"\1", bare)), right, feedback))
        found.append((kind, answers))
    return found


def test_a_table_is_a_cloze_whose_answers_are_right() -> None:
    [question] = moodle(TABLE)
    assert question.get("type") == "cloze"
    fields = cloze(question.findtext("questiontext/text") or "")
    assert len(fields) == len(TABLE.blanks) == 14
    for cell, (kind, answers) in zip(TABLE.blanks, fields, strict=True):
        rights = [answer for answer, right, _ in answers if right]
        assert rights
        for answer in rights:
            if kind == "NUMERICAL":
                number, tolerance = answer.split(":")
                assert mark(TABLE, cell, number) == "right"
                assert int(tolerance) <= int(number) * 0.005
            else:
                assert mark(TABLE, cell, answer) == "right"
        for answer, right, feedback in answers:
            if not right:
                assert mark(TABLE, cell, answer.split(":")[0]) == "wrong"
                assert feedback.startswith("likely counted ")


def test_every_setting_that_fits_as_well_is_right(tmp_path: object) -> None:
    """Over 56 pixels in steps of 2 a pooling window of 4 gives 27 as one of 3 does."""
    request = QuizRequest(
        "alexnet", 1, 1, ("kernel",), first="pool1", last="pool1", input=(3, 231, 231)
    )
    [item] = items(make_exercise(request))
    assert item.fields[0].texts == ("3x3", "3", "4")


@pytest.mark.parametrize("question", moodle(QUESTIONS), ids=lambda q: q.findtext("name/text"))
def test_a_question_has_the_fields_of_its_type(question: ET.Element) -> None:
    assert isinstance(QUESTIONS, QuestionSheet)
    name = question.findtext("name/text") or ""
    row = int(name.split()[0]) - 1
    cell = (row, "answer")
    kind = question.get("type")
    answers = question.findall("answer")
    assert [answer.get("fraction") for answer in answers].count("100") >= 1
    for child in ("questiontext/text", "generalfeedback/text", "defaultgrade"):
        assert question.findtext(child)
    for answer in answers:
        text, right = answer.findtext("text") or "", answer.get("fraction") == "100"
        assert answer.find("feedback/text") is not None
        answered = text.partition(" (")[0] if kind == "multichoice" else text.replace(r"\*", "*")
        assert (mark(QUESTIONS, cell, answered) == "right") == right
    if kind == "multichoice":
        assert question.findtext("single") == "true"
        assert len(answers) == 4
    elif kind == "numerical":
        assert all((answer.findtext("tolerance") or "").isdecimal() for answer in answers)
    else:
        assert (kind, question.findtext("usecase")) == ("shortanswer", "0")


def test_every_type_is_there() -> None:
    types = {question.get("type") for question in moodle(QUESTIONS)}
    assert types == {"multichoice", "numerical", "shortanswer"}


@pytest.mark.parametrize(
    ("right", "slips", "tolerance"),
    [
        (1_000_000, (), 5_000),  # half a unit of the third digit: 1.00 to 1.005
        (999, (), 0),
        (4_097_000, (("4096000", "likely counted without biases"),), 999),
        (0, (("5", "likely"),), 0),
    ],
)
def test_a_rounded_number_is_right_and_another_convention_is_not(
    right: int, slips: tuple[tuple[str, str], ...], tolerance: int
) -> None:
    field = field_of("fc8 Params", "params", (right,), slips)
    assert (field.number, field.tolerance) == (right, tolerance)


def hostile() -> QuestionSheet:
    """A question whose every text is full of the signs of XML, HTML, Moodle and shells."""
    bad = '<script>alert("x")</script> ]]> {1:NUMERICAL:=1} & ~ # = } \\ * $$ \x1b[31m \x00'
    question = QuizQuestion("field", "easy", bad, "layer", "a", bad, options=(bad, "a (x)"))
    text = QuizQuestion("change", "easy", bad, "output", (1, 2, 3), bad, slips=((bad, (3, 2, 1)),))
    assert isinstance(QUESTIONS, QuestionSheet)
    return QuestionSheet(QUESTIONS.request, QUESTIONS.analysis, (question, text))


def test_a_star_stands_for_itself() -> None:
    """In an answer of Moodle's it would stand for any text."""
    assert isinstance(QUESTIONS, QuestionSheet)
    right, wrong = "a*b", "*"
    asked = QuizQuestion("field", "easy", "?", "layer", right, "", slips=(("near", wrong),))
    sheet = QuestionSheet(QUESTIONS.request, QUESTIONS.analysis, (asked,))
    [question] = moodle(sheet)
    answers = question.findall("answer")
    assert [(one.findtext("text"), one.get("fraction")) for one in answers] == [
        (r"a\*b", "100"),
        (r"\*", "0"),
    ]


def test_no_text_is_markup() -> None:
    for question in moodle(hostile()):
        for text in question.iter("text"):
            assert "<script>" not in (text.text or "")
        assert "\x1b" not in (question.findtext("name/text") or "")
    with zipfile.ZipFile(io.BytesIO(qti_package(hostile()))) as package:
        for name in package.namelist():
            root = ET.fromstring(package.read(name))
            assert not [element for element in root.iter() if element.tag.endswith("script")]


# --- QTI ---

ORDER = {
    "assessmentItem": [
        "responseDeclaration",
        "outcomeDeclaration",
        "itemBody",
        "responseProcessing",
        "modalFeedback",
    ],
    "responseDeclaration": ["correctResponse"],
    "outcomeDeclaration": ["defaultValue"],
    "itemBody": ["p", "table", "choiceInteraction"],
    "choiceInteraction": ["prompt", "simpleChoice"],
    "responseProcessing": ["responseCondition", "setOutcomeValue"],
    "responseCondition": ["responseIf"],
    "responseIf": ["match", "equal", "or", "setOutcomeValue"],
    "equal": ["variable", "baseValue"],
    "stringMatch": ["variable", "baseValue"],
    "match": ["variable", "correct"],
    "assessmentTest": ["testPart"],
    "testPart": ["assessmentSection"],
    "assessmentSection": ["assessmentItemRef"],
    "table": ["thead", "tbody"],
}
"""Which elements are inside each, in this order; those of a body may come in any."""
REQUIRED = {
    "assessmentItem": ["identifier", "title", "adaptive", "timeDependent"],
    "responseDeclaration": ["identifier", "cardinality", "baseType"],
    "outcomeDeclaration": ["identifier", "cardinality", "baseType"],
    "textEntryInteraction": ["responseIdentifier"],
    "choiceInteraction": ["responseIdentifier", "shuffle", "maxChoices"],
    "simpleChoice": ["identifier"],
    "equal": ["toleranceMode", "tolerance"],
    "stringMatch": ["caseSensitive"],
    "modalFeedback": ["outcomeIdentifier", "identifier", "showHide"],
    "assessmentTest": ["identifier", "title"],
    "testPart": ["identifier", "navigationMode", "submissionMode"],
    "assessmentSection": ["identifier", "title", "visible"],
    "assessmentItemRef": ["identifier", "href"],
}


@pytest.mark.parametrize("exercise", [TABLE, QUESTIONS], ids=["table", "questions"])
def test_a_package_has_what_its_manifest_lists(exercise: Exercise) -> None:
    content = qti_package(exercise)
    assert content == qti_package(exercise)
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        manifest = ET.fromstring(package.read("imsmanifest.xml"))
        listed = [file.get("href") for file in manifest.iter(f"{CP}file")]
        assert sorted([*map(str, listed), "imsmanifest.xml"]) == sorted(package.namelist())
        kinds = [resource.get("type") for resource in manifest.iter(f"{CP}resource")]
        assert kinds[-1] == "imsqti_test_xmlv2p1"
        assert {*kinds[:-1]} == {"imsqti_item_xmlv2p1"}
        test = ET.fromstring(package.read("test.xml"))
        asked = [item.get("href") for item in test.iter(f"{QTI}assessmentItemRef")]
        assert asked == listed[:-1]
        for name in package.namelist():
            if name != "imsmanifest.xml":
                follows_the_schema(ET.fromstring(package.read(name)))


def follows_the_schema(root: ET.Element) -> None:
    declared = [d.get("identifier") for d in root.iter(f"{QTI}responseDeclaration")]
    asked = [
        interaction.get("responseIdentifier")
        for interaction in root.iter()
        if interaction.tag.endswith("Interaction")
    ]
    assert asked == declared
    for element in root.iter():
        name = element.tag.removeprefix(QTI)
        assert element.tag == QTI + name
        assert all(element.get(attribute) for attribute in REQUIRED.get(name, []))
        inside = [child.tag.removeprefix(QTI) for child in element]
        if name in ORDER:
            assert {*inside} <= {*ORDER[name]}
            if name != "itemBody":
                assert inside == sorted(inside, key=ORDER[name].index)


def test_the_responses_of_a_package_are_scored_as_archprof_marks_them() -> None:
    with zipfile.ZipFile(io.BytesIO(qti_package(TABLE))) as package:
        item = ET.fromstring(package.read("item1.xml"))
    conditions = list(item.iter(f"{QTI}responseIf"))
    assert len(conditions) == len(TABLE.blanks)
    for cell, condition in zip(TABLE.blanks, conditions, strict=True):
        values = [v.text or "" for v in condition[0].iter(f"{QTI}baseValue")]
        assert values
        assert {mark(TABLE, cell, value) for value in values} == {"right"}
