"""A sheet of questions: the same for the same seed, of the kinds and the level that are wanted."""

from __future__ import annotations

import pytest

from archprof.commands.quiz.making.levels import LEVELS
from archprof.commands.quiz.making.quiz import QuizRequest
from archprof.commands.quiz.questions.exercise import grade_exercise, make_exercise
from archprof.commands.quiz.questions.question import KINDS, QuestionSheet
from archprof.problem import ProblemError


def sheet(count: int, seed: int = 3, ask: tuple[str, ...] = (), level: str = "") -> QuestionSheet:
    made = make_exercise(QuizRequest("alexnet", 0, seed, ask, questions=count, level=level))
    assert isinstance(made, QuestionSheet)
    return made


def test_the_seed_decides() -> None:
    assert sheet(12).questions == sheet(12).questions != sheet(12, seed=4).questions
    assert sheet(12).questions[:6] == sheet(6).questions


def test_kinds_come_in_turn() -> None:
    kinds = [question.kind for question in sheet(12).questions]
    assert sorted(kinds[:6]) == sorted(kinds[6:]) == sorted(KINDS)
    assert {question.kind for question in sheet(4, ask=("field", "error")).questions} == {
        "field",
        "error",
    }


@pytest.mark.parametrize("level", LEVELS)
def test_a_level(level: str) -> None:
    assert {question.level for question in sheet(6, level=level).questions} == {level}


@pytest.mark.parametrize(
    ("wanted", "message"),
    [
        ({"ask": ("fields",)}, "there are no questions of the kind `fields`"),
        ({"level": "Hard"}, "there is no level `Hard`"),
        ({"count": 900, "ask": ("padding",)}, "900 questions, and this network gives"),
    ],
)
def test_what_is_not_there(wanted: dict[str, object], message: str) -> None:
    with pytest.raises(ProblemError, match=message):
        sheet(**({"count": 3} | wanted))  # type: ignore[arg-type]


@pytest.mark.parametrize("network", ["lenet5", "alexnet", "resnet18", "mobilenet_v2"])
@pytest.mark.parametrize("level", LEVELS)
def test_right_answers_are_right_and_slips_are_named(network: str, level: str) -> None:
    made = make_exercise(QuizRequest(network, 0, 7, (), questions=9, level=level))
    assert isinstance(made, QuestionSheet)

    def text(value: object) -> str:
        return "x".join(map(str, value)) if isinstance(value, tuple) else str(value)

    graded = grade_exercise(made, {cell: text(made.contents[cell]) for cell in made.blanks})
    assert {mark.word for mark in graded.marks} == {"right"}
    for i, question in enumerate(made.questions):
        for also in question.also:
            assert grade_exercise(made, {(i, "answer"): text(also)}).marks[i].word == "right"
        for slip, wrong in question.slips:
            if wrong in (question.right, *question.also):
                continue
            mark = grade_exercise(made, {(i, "answer"): text(wrong)}).marks[i]
            assert mark.word == "wrong"
            first = next(name for name, value in question.slips if value == wrong)
            assert mark.slip == first, (question, slip)
            assert mark.why == f"likely {first}; {question.working}"


def answer(kind: str, text: str) -> str:
    """The mark of an answer to alexnet's first question of a kind at the easy level."""
    made = sheet(1, ask=(kind,), level="easy")
    return grade_exercise(made, {(0, "answer"): text}).marks[0].word


def test_ways_of_answering() -> None:
    """Numbers may be rounded with a unit, windows square, layers named by their letter."""
    [memory] = sheet(1, ask=("memory",), level="easy").questions
    assert isinstance(memory.right, int)
    assert answer("memory", f"{memory.right / 2**20:.2f} MiB") == "rounded"
    assert answer("memory", f"{memory.right // 4}") == "wrong"
    [field] = sheet(1, ask=("field",), level="easy").questions
    assert [answer("field", f"{field.right}x{field.right}"), answer("field", "x")] == [
        "right",
        "wrong",
    ]
    [most] = sheet(1, ask=("most",), level="easy").questions
    labels = [option.partition(" (")[0] for option in most.options]
    letter = "ABCD"[labels.index(str(most.right))]
    ways = (letter, f"{letter.lower()})", str(most.right).upper())
    assert [answer("most", text) for text in ways] == ["right"] * 3
    assert answer("most", "ABCD"["ABCD".index(letter) - 1]) == "wrong"
    assert answer("most", "") == "missing"
