"""`archprof schema`: the JSON Schema of specs, claims and spaces, and of other commands' JSON."""

from __future__ import annotations

from enum import StrEnum
from importlib import import_module
from typing import Annotated

from archprof.cli.declared import Argument
from archprof.cli.options import Output


class Of(StrEnum):
    """What a schema describes: three kinds of files, and the JSON that each command prints."""

    spec = "spec"
    lecture = "lecture"
    space = "space"
    summary = "summary"
    list = "list"
    explain = "explain"
    page = "page"
    compare = "compare"
    diff = "diff"
    fit = "fit"
    sweep = "sweep"
    latency = "latency"
    roadmap = "roadmap"
    bench = "bench"
    history = "history"
    device = "device"
    verdicts = "verdicts"
    coverage = "coverage"
    solve = "solve"
    quiz = "quiz"
    questions = "questions"
    grade = "grade"
    marks = "marks"
    verify = "verify"
    check = "check"
    export = "export"
    ops = "ops"
    conventions = "conventions"
    capture = "capture"


MAKERS = {
    Of.spec: ("language.schema", "spec_schema"),
    Of.lecture: ("commands.lecture.claims.schema", "lecture_schema"),
    Of.space: ("sweeping.space.schema", "space_schema"),
    Of.summary: ("commands.summary.contract", "summary_schema"),
    Of.list: ("commands.summary.list_contract", "list_schema"),
    Of.explain: ("commands.summary.explain_contract", "explain_schema"),
    Of.page: ("commands.page.contract", "page_schema"),
    Of.compare: ("commands.compare.contract", "compare_schema"),
    Of.diff: ("commands.diff.contract", "diff_schema"),
    Of.fit: ("commands.fit.contract", "fit_schema"),
    Of.sweep: ("commands.sweep.contract", "sweep_schema"),
    Of.latency: ("commands.sweep.predictions_contract", "predictions_schema"),
    Of.roadmap: ("commands.summary.roadmap_contract", "roadmap_schema"),
    Of.bench: ("commands.measure.contract", "bench_schema"),
    Of.history: ("commands.measure.history.contract", "history_schema"),
    Of.device: ("commands.measure.device.contract", "device_schema"),
    Of.verdicts: ("commands.lecture.writing.verdicts_contract", "verdicts_schema"),
    Of.coverage: ("commands.lecture.writing.coverage_contract", "coverage_schema"),
    Of.solve: ("commands.lecture.solving.solve_contract", "solve_schema"),
    Of.quiz: ("commands.quiz.writing.contract", "quiz_schema"),
    Of.questions: ("commands.quiz.writing.contract", "questions_schema"),
    Of.grade: ("commands.quiz.writing.grade_contract", "grade_schema"),
    Of.marks: ("commands.quiz.writing.grade_contract", "class_schema"),
    Of.verify: ("commands.verify.contract", "verify_schema"),
    Of.check: ("commands.check.contract", "check_schema"),
    Of.export: ("commands.export.contract", "export_schema"),
    Of.ops: ("commands.reference.ops_contract", "ops_schema"),
    Of.conventions: ("commands.summary.conventions_contract", "conventions_schema"),
    Of.capture: ("commands.capture.contract", "capture_schema"),
}
"""The module in archprof and the function that makes each schema.

They are imported when they are needed: most load pydantic.
"""

PRINTED_BY = {
    Of.verdicts: "lecture",
    Of.coverage: "lecture --coverage",
    Of.latency: "latency SPACE --predict FILE",
    Of.marks: "grade FOLDER",
    Of.questions: "quiz --questions",
}
"""The command that prints what a schema describes, where it has another name."""


def schema(
    of: Annotated[
        Of,
        Argument(
            help=(
                "spec: a spec file; lecture: a file of claims; space: a space of variants;"
                " verdicts: the JSON of `archprof lecture`; marks: that of `archprof grade"
                " FOLDER`; questions: that of `archprof quiz --questions`; another command's name:"
                " that command's JSON."
            )
        ),
    ] = Of.spec,
    output: Output = None,
) -> int:
    """The JSON Schema of specs, of claims, of spaces, and of every command's JSON, for editors and
    other tools.

    Example: archprof schema -o schema.json
    """
    import json

    from archprof.show import terminal

    module, function = MAKERS[of]
    make = getattr(import_module(f"archprof.{module}"), function)
    terminal.emit(json.dumps(make(), indent=1), output)
    return 0
