"""What `archprof lecture` writes: verdicts, the board, letters, drafts and pictures."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

from archprof.problem import Mark, ProblemError

if TYPE_CHECKING:
    from archprof.cli.options import Output
    from archprof.commands.lecture.deciding.deciding import DecidedLectures


class LectureFormat(StrEnum):
    """How verdicts and letters are written."""

    table = "table"
    json = "json"
    csv = "csv"
    md = "md"
    latex = "latex"
    html = "html"
    docx = "docx"


LETTER_FILES = {
    ".md": LectureFormat.md,
    ".tex": LectureFormat.latex,
    ".html": LectureFormat.html,
    ".htm": LectureFormat.html,
    ".docx": LectureFormat.docx,
}
"""How a letter is written into a file, by the end of its name."""


def letter_format(output: Path | None) -> LectureFormat:
    """Return the format that a letter's file is named after, as in the terminal where it is not."""
    ending = "" if output is None else output.suffix.lower()
    return LETTER_FILES.get(ending, LectureFormat.table)


def put_verdicts(
    outcome: DecidedLectures, full: bool, format: LectureFormat, output: Output
) -> None:
    """Write every verdict, contradictions, and what tables have in common."""
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


def put_work(outcome: DecidedLectures, format: LectureFormat, output: Output) -> None:
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


def put_letters(outcome: DecidedLectures, format: LectureFormat, output: Path | None) -> None:
    """Write a letter to each lecture's author, one after the other."""
    from archprof.commands.lecture.letters.letter import letters
    from archprof.commands.lecture.letters.letter_paper import letter_paper
    from archprof.show import paper, terminal
    from archprof.show.table import put_lines

    parts = [part for one in letters(outcome) for part in letter_paper(one, outcome.beside)]
    if format is LectureFormat.md:
        terminal.emit(paper.markdown_paper(parts), output)
    elif format is LectureFormat.latex:
        terminal.emit(paper.latex_paper(parts), output)
    elif format is LectureFormat.html:
        terminal.emit(paper.html_paper(parts), output)
    elif format is LectureFormat.docx:
        from archprof.show.pandoc import docx

        terminal.emit_bytes(docx(paper.html_paper(parts)), output)
    else:
        put_lines(paper.text_lines(parts, terminal.width()), output)


def put_coverage(what: str | None, text: str, format: LectureFormat, output: Path | None) -> int:
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


def put_draft(slides: Path, output: Output) -> int:
    """Write the claims that the figures of slides may be."""
    from archprof.commands.lecture.drafting.draft import draft
    from archprof.show import terminal

    terminal.emit(draft(slides, output), output)
    return 0


def draw(what: str | None, claim: str | None, plot: Path) -> int:
    """Draw the networks of the claims' experiments on gradients, instead of deciding."""
    from archprof.commands.lecture.claims.library import choose
    from archprof.commands.lecture.writing.experiment_plot import write_experiment_plots

    write_experiment_plots(choose(what, claim), plot)
    return 0
