"""`archprof lecture`: what lectures state about networks, checked against the numbers."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from archprof.cli.declared import Argument, Option
from archprof.cli.options import Output
from archprof.problem import Mark, ProblemError

if TYPE_CHECKING:
    from archprof.commands.lecture.claims.document import Claim
    from archprof.commands.lecture.deciding.deciding import DecidedLectures
    from archprof.commands.lecture.deciding.decision import Witnesses
    from archprof.commands.lecture.deciding.subjects import Subjects


class LectureFormat(StrEnum):
    """How verdicts and letters are written."""

    table = "table"
    json = "json"
    csv = "csv"
    md = "md"
    latex = "latex"
    html = "html"
    docx = "docx"


def complete_claim(incomplete: str) -> list[str]:
    """Shipped lectures and claims that begin with what is typed."""
    from archprof.commands.lecture.claims.library import shipped_lectures

    known = [name for lecture in shipped_lectures() for name in (lecture.id, *lecture.claims)]
    return [name for name in known if name.lower().startswith(incomplete.lower())]


def lecture(
    what: Annotated[
        str | None,
        Argument(
            metavar="[LECTURE|ID|FILE]",
            autocompletion=complete_claim,
            show_default=False,
            help=(
                "A lecture (L8), a claim (L8-07), or a file of claims; all shipped ones without it."
            ),
        ),
    ] = None,
    claim: Annotated[
        str | None,
        Argument(metavar="[ID]", help="One claim of that file.", show_default=False),
    ] = None,
    show_work: Annotated[
        bool,
        Option("--show-work", help="Write each calculation as on the board; also as md and latex."),
    ] = False,
    letter: Annotated[
        bool,
        Option("--letter", help="Write to the author: what to print instead, and why; also docx."),
    ] = False,
    others: Annotated[
        bool,
        Option("--others", help="Also what the shipped lectures say otherwise than a file."),
    ] = False,
    full: Annotated[
        bool,
        Option("--full", help="Show every row of every table, not only those that do not hold."),
    ] = False,
    static: Annotated[
        bool, Option("--static", help="Ask neither torch nor fvcore, though they are there.")
    ] = False,
    plot: Annotated[
        Path | None,
        Option(
            "--plot",
            metavar="FILE",
            show_default=False,
            help="Only draw the claims' experiments on gradients: FILE.svg, .png or .tex.",
        ),
    ] = None,
    coverage: Annotated[
        str | None,
        Option(
            metavar="TEXT",
            help=(
                "List the figures and the sentences of a text that no claim of the lecture quotes,"
                " and quotations that it does not have; exit 1 where there is any."
            ),
            show_default=False,
        ),
    ] = None,
    format: Annotated[
        LectureFormat,
        Option(
            "--format",
            "-f",
            metavar="NAME",
            help="How to write the result: table, json, csv, md, latex or html; a letter as docx.",
        ),
    ] = LectureFormat.table,
    output: Output = None,
) -> int:
    """Check what lectures say: stated, by hand, analysis, torch, fvcore, verdict; exit 1 when a
    verdict is not the recorded one.

    Example: archprof lecture L8-07 --show-work
    """
    import gc

    from archprof.commands.lecture.deciding.deciding import decide

    _check(format, letter)
    if plot is not None:
        from archprof.commands.lecture.claims.library import choose
        from archprof.commands.lecture.writing.experiment_plot import write_experiment_plots

        write_experiment_plots(choose(what, claim), plot)
        return 0
    if coverage is not None:
        return _put_coverage(what, coverage, format, output)
    # every network is kept to the end: looking through them for garbage takes a tenth of the time
    gc.set_threshold(1_000_000)
    outcome = decide(what, claim, None if static else _consult, others)
    if letter:
        _put_letters(outcome, format, output)
    elif show_work and format not in (LectureFormat.json, LectureFormat.csv, LectureFormat.html):
        _put_work(outcome, format, output)
    else:
        _put_verdicts(outcome, full, format, output)
    sys.stdout.flush()
    if outcome.missing:
        hint = "" if static else ' (pip install "archprof[torch]")'
        print(f"not asked: {', '.join(outcome.missing)}{hint}", file=sys.stderr)
    wrong = list(_not_as_recorded(outcome))
    for line in wrong:
        print(f"not as recorded: {line}", file=sys.stderr)
    unrecorded = sum(not one.recorded for _, judged in outcome.judged for one in judged.everything)
    if unrecorded:
        print(_without_verdict(unrecorded), file=sys.stderr)
    return 1 if wrong else 0


def _put_verdicts(
    outcome: DecidedLectures, full: bool, format: LectureFormat, output: Output
) -> None:
    """Write the verdicts as data or as tables; `full`: with the rows that hold."""
    from archprof.show import terminal
    from archprof.show.table import put

    if format is LectureFormat.json:
        import json

        from archprof.commands.lecture.writing.verdict_data import lecture_data

        terminal.emit(json.dumps(lecture_data(outcome), indent=1), output)
        return
    from archprof.commands.lecture.writing.tables import (
        contradiction_table,
        joint_table,
        verdict_table,
    )

    every_row = full or format is not LectureFormat.table
    tables = [verdict_table(decided, every_row) for decided in outcome.lectures]
    if outcome.contradictions:
        tables.append(contradiction_table(outcome.contradictions, outcome.lectures))
    if outcome.joint:
        tables.append(joint_table(outcome.joint))
    put(tables, format.value, output)


def _without_verdict(number: int) -> str:
    """Say that so many statements fail no run, as their file records no verdict on them."""
    if number == 1:
        about = "1 statement: it fails no run, whatever it is; record it with `verdict:`"
    else:
        about = (
            f"{number} statements: they fail no run, whatever they are; record them with `verdict:`"
        )
    return f"no verdict recorded for {about}"


def _put_coverage(what: str | None, text: str, format: LectureFormat, output: Path | None) -> int:
    """Write what of a text the claims of a lecture leave open."""
    import json

    from archprof.commands.lecture.claims.library import choose
    from archprof.commands.lecture.texts.coverage import coverage
    from archprof.commands.lecture.texts.quotes import read_text
    from archprof.commands.lecture.writing.coverage_tables import coverage_data, coverage_tables
    from archprof.show import terminal
    from archprof.show.table import put

    if what is None:
        raise ProblemError.of(
            Mark("--coverage"),
            "claim",
            "no lecture is named, whose claims are compared with the text",
            f"archprof lecture L8 --coverage {text}",
        )
    found = coverage(choose(what)[0].lecture, read_text(Path(text)))
    if format is LectureFormat.json:
        terminal.emit(json.dumps(coverage_data(found), indent=1), output)
    else:
        put(coverage_tables(found), format.value, output)
    return 1 if found.uncovered or found.misquoted else 0


def _put_work(outcome: DecidedLectures, format: LectureFormat, output: Output) -> None:
    """Write each calculation as on the board."""
    from archprof.show import terminal
    from archprof.show.table import put_lines

    if format is LectureFormat.latex:
        from archprof.commands.lecture.writing.board_latex import latex_text

        terminal.emit(latex_text(outcome.judged), output)
        return
    from archprof.commands.lecture.writing.board_text import markdown_text, text_lines

    if format is LectureFormat.md:
        terminal.emit(markdown_text(outcome.judged), output)
    else:
        put_lines(text_lines(outcome.judged, terminal.width()), output)


def _check(format: LectureFormat, letter: bool) -> None:
    """Raise ProblemError for a format that verdicts, or a letter, are not written in."""
    message = ""
    if letter and format in (LectureFormat.json, LectureFormat.csv):
        message = f"a letter is not written as {format.value}"
        hint = "a letter is md, html, latex or docx; without --letter there is all as json and csv"
    elif format is LectureFormat.docx and not letter:
        message = "docx is for letters alone"
        hint = "add --letter, or use another format"
    if message:
        raise ProblemError.of(Mark("--format"), "option", message, hint)


def _put_letters(outcome: DecidedLectures, format: LectureFormat, output: Path | None) -> None:
    """Write a letter to each lecture's author, one after the other."""
    from archprof.commands.lecture.letters.letter import letters
    from archprof.commands.lecture.letters.letter_paper import letter_paper
    from archprof.show import paper, terminal
    from archprof.show.table import put_lines

    parts = [part for one in letters(outcome) for part in letter_paper(one, outcome.beside)]
    title = outcome.lectures[0][0].title or outcome.lectures[0][0].id
    if format is LectureFormat.md:
        terminal.emit(paper.markdown_paper(parts), output)
    elif format is LectureFormat.latex:
        terminal.emit(paper.latex_paper(parts), output)
    elif format is LectureFormat.html:
        terminal.emit(paper.html_paper(title, parts), output)
    elif format is LectureFormat.docx:
        from archprof.show.pandoc import docx

        terminal.emit_bytes(docx(paper.html_paper(title, parts)), output)
    else:
        put_lines(paper.text_lines(parts, terminal.width()), output)


def _not_as_recorded(outcome: DecidedLectures) -> Iterator[str]:
    """Yield the statements whose verdict is not the one that their file records."""
    for _, judged in outcome.judged:
        for decision in judged.everything:
            if not decision.as_recorded:
                name = " ".join(filter(None, (judged.claim.id, decision.label)))
                yield f"{name}: {decision.verdict.word}, recorded {decision.recorded}"


def _consult(subjects: Subjects, claims: Iterable[Claim]) -> Witnesses:
    """Return what torch and fvcore report; a terminal shows which network they are at."""
    from archprof.commands.lecture.deciding.deciding import consult_all

    if not sys.stderr.isatty():
        return consult_all(subjects, claims)
    from rich.console import Console

    with Console(stderr=True).status("asking torch and fvcore") as status:
        return consult_all(
            subjects, claims, lambda name: status.update(f"asking torch and fvcore of {name}")
        )
