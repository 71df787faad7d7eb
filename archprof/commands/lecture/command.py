"""`archprof lecture`: what lectures state about networks, checked against the numbers."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from archprof.cli.declared import Argument, Option
from archprof.cli.options import Output
from archprof.commands.lecture.outputs import (
    LectureFormat,
    draw,
    letter_format,
    put_coverage,
    put_draft,
    put_letters,
    put_verdicts,
    put_work,
)
from archprof.problem import Mark, ProblemError

if TYPE_CHECKING:
    from archprof.commands.lecture.claims.document import Claim
    from archprof.commands.lecture.deciding.deciding import DecidedLectures
    from archprof.commands.lecture.deciding.decision import Witnesses
    from archprof.commands.lecture.deciding.subjects import Subjects


def complete_claim(incomplete: str) -> list[str]:
    """Shipped lectures, papers and claims that begin with what is typed."""
    from archprof.commands.lecture.claims.library import shipped_lectures, shipped_papers

    shipped = [*shipped_lectures(), *shipped_papers()]
    known = [name for lecture in shipped for name in (lecture.id, *lecture.claims)]
    return [name for name in known if name.lower().startswith(incomplete.lower())]


def lecture(
    what: Annotated[
        str | None,
        Argument(
            metavar="[LECTURE|ID|FILE]",
            autocompletion=complete_claim,
            show_default=False,
            help=(
                "A lecture (L8) or paper (ResNet), a claim (L8-07), or a file of claims; all"
                " lectures without it."
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
    draft: Annotated[
        Path | None,
        Option(
            "--draft",
            metavar="SLIDES",
            help="Propose claims from the figures of a .txt, .pdf or .pptx; write them to -o FILE.",
            show_default=False,
        ),
    ] = None,
    record: Annotated[
        bool,
        Option("--record", help="Write the verdicts into FILE, which keeps its layout."),
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
        LectureFormat | None,
        Option(
            "--format",
            "-f",
            metavar="NAME",
            show_default="table; of a letter by the name of -o FILE",
            help="How to write the result: table, json, csv, md, latex or html; a letter as docx.",
        ),
    ] = None,
    output: Output = None,
) -> int:
    """Check what lectures say: stated, by hand, analysis, torch, fvcore, verdict; exit 1 when a
    verdict is not the recorded one.

    Example: archprof lecture L8-07 --show-work
    """
    import gc

    from archprof.commands.lecture.claims.drafts import is_draft
    from archprof.commands.lecture.deciding.deciding import decide

    if format is None:
        format = letter_format(output) if letter else LectureFormat.table
    _check(format, letter)
    if draft is not None:
        return put_draft(draft, output)
    if plot is not None:
        return draw(what, claim, plot)
    if coverage is not None:
        return put_coverage(what, coverage, format, output)
    if record:
        _refuse_to_record(what)
    # every network is kept to the end: looking through them for garbage takes a tenth of the time
    gc.set_threshold(1_000_000)
    outcome = decide(what, claim, None if static else _consult, others)
    drafts = [judged.claim.id for _, judged in outcome.judged if is_draft(judged.claim)]
    if letter:
        _refuse_drafts(drafts)
        put_letters(outcome, format, output)
    elif show_work and format.value in ("table", "md", "latex"):
        put_work(outcome, format, output)
    else:
        put_verdicts(outcome, full, format, output)
    sys.stdout.flush()
    if outcome.missing:
        hint = "" if static else ' (pip install "archprof[torch]")'
        print(f"not asked: {', '.join(outcome.missing)}{hint}", file=sys.stderr)
    if drafts:
        print(f"to fill in: {', '.join(drafts)}", file=sys.stderr)
    return _record(outcome) if record else _compared(outcome)


def _refuse_drafts(drafts: list[str]) -> None:
    """Raise ProblemError where a letter would speak of claims that are not filled in."""
    if drafts:
        message = f"to fill in yet: {', '.join(drafts[:12])}"
        hint = "write `of` and `stated` in place of `undecidable`, or leave the claim out"
        raise ProblemError.of(Mark("--letter"), "claim", message, hint)


def _compared(outcome: DecidedLectures) -> int:
    """Say which verdicts are not the recorded ones, and return the exit code."""
    wrong = list(_not_as_recorded(outcome))
    for line in wrong:
        print(f"not as recorded: {line}", file=sys.stderr)
    unrecorded = sum(not one.recorded for _, judged in outcome.judged for one in judged.everything)
    if unrecorded:
        print(_without_verdict(unrecorded), file=sys.stderr)
    return 1 if wrong else 0


def _without_verdict(number: int) -> str:
    """Say that so many statements fail no run, as their file records no verdict on them."""
    if number == 1:
        about = "1 statement: it fails no run, whatever it is; record it with `verdict:`"
    else:
        about = (
            f"{number} statements: they fail no run, whatever they are; record them with `verdict:`"
        )
    return f"no verdict recorded for {about}"


def _refuse_to_record(what: str | None) -> None:
    """Raise ProblemError where there is no file of the user's to write verdicts into."""
    from archprof.commands.lecture.claims.library import is_file

    if not is_file(what):
        message = "verdicts are recorded in a file of claims, and none is named"
        raise ProblemError.of(Mark("--record"), "option", message, "archprof lecture FILE --record")


def _record(outcome: DecidedLectures) -> int:
    """Write the verdicts into the file of claims, and say how many were others."""
    from archprof.commands.lecture.claims.drafts import is_draft
    from archprof.commands.lecture.writing.recording import recorded_text
    from archprof.show.terminal import write_whole
    from archprof.units import number_of

    [(lecture, judged)] = outcome.lectures
    text = recorded_text(lecture, judged)
    changed = sum(1 for _ in _not_as_recorded(outcome))
    done = [claim for claim in judged if not is_draft(claim.claim)]
    new = sum(not one.recorded for claim in done for one in claim.everything)
    if text != lecture.text:
        write_whole(lecture.path, text)
    other = f", {changed} in place of another" if changed else ""
    print(f"recorded in {lecture.file}: {number_of(new, 'new verdict')}{other}", file=sys.stderr)
    return 0


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
