"""`archprof lecture`: what lectures say of networks, held against the numbers."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from typing import TYPE_CHECKING, Annotated

import typer

from archprof.cli.options import Format, FormatOption, Output

if TYPE_CHECKING:
    from archprof.analysis.analysis import Analysis
    from archprof.commands.lecture.contradictions import Contradiction
    from archprof.commands.lecture.document import Claim, Lecture
    from archprof.commands.lecture.evaluate import Subjects
    from archprof.commands.lecture.judge import Judged, Witnesses

    Decisions = tuple[list[tuple[Lecture, list[Judged]]], list[Contradiction], tuple[str, ...]]


def complete_claim(incomplete: str) -> list[str]:
    """Shipped lectures and claims that begin with what is typed."""
    from archprof.commands.lecture.library import shipped_lectures

    known = [name for lecture in shipped_lectures() for name in (lecture.id, *lecture.claims)]
    return [name for name in known if name.lower().startswith(incomplete.lower())]


def lecture(
    what: Annotated[
        str | None,
        typer.Argument(
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
        typer.Argument(metavar="[ID]", help="One claim of that file.", show_default=False),
    ] = None,
    show_work: Annotated[
        bool,
        typer.Option(
            "--show-work", help="Write each calculation as on the board; also as md and latex."
        ),
    ] = False,
    full: Annotated[
        bool,
        typer.Option(
            "--full", help="Show every row of every table, not only those that do not hold."
        ),
    ] = False,
    static: Annotated[
        bool, typer.Option("--static", help="Ask neither torch nor fvcore, though they are there.")
    ] = False,
    format: FormatOption = Format.table,
    output: Output = None,
) -> int:
    """Check what lectures say: stated, by hand, analysis, torch, fvcore, verdict; exit 1 when a
    verdict is not the recorded one.

    Example: archprof lecture L8-07 --show-work
    """
    import gc

    from archprof.commands.lecture.tables import (
        contradiction_table,
        lecture_data,
        report,
        verdict_table,
    )
    from archprof.show import terminal
    from archprof.show.table import put, put_lines

    # every network is kept to the end: looking through them for garbage takes a tenth of the time
    gc.set_threshold(1_000_000)
    boards: list[tuple[Subjects, Judged]] = []
    decided, pairs, missing = decide_all(what, static, boards, claim)
    if format is Format.json:
        import json

        terminal.emit(json.dumps(lecture_data(decided, pairs, missing), indent=1), output)
    elif show_work and format is not Format.csv:
        from archprof.commands.lecture.board import latex_text, markdown_text, text_lines

        if format is Format.table:
            put_lines(text_lines(boards, terminal.width()), output)
        else:
            terminal.emit(
                markdown_text(boards) if format is Format.md else latex_text(boards), output
            )
    elif format is Format.md:
        terminal.emit(report(decided, pairs, missing), output)
    else:
        tables = [verdict_table(entry, full or format is not Format.table) for entry in decided]
        put(tables + [contradiction_table(pairs, decided)] * bool(pairs), format.value, output)
    sys.stdout.flush()
    if missing:
        print(
            f"not asked: {', '.join(missing)}"
            + ("" if static else ' (pip install "archprof[torch]")'),
            file=sys.stderr,
        )
    wrong = [
        f"{judged.claim.id}{f' {f.label}' if f.label else ''}: {f.verdict.word}, recorded"
        f" {f.recorded}"
        for _, claims in decided
        for judged in claims
        for f in judged.findings
        if not f.as_recorded
    ]
    for line in wrong:
        print(f"not as recorded: {line}", file=sys.stderr)
    return 1 if wrong else 0


def decide_all(
    what: str | None,
    static: bool,
    boards: list[tuple[Subjects, Judged]] | None = None,
    only: str | None = None,
) -> Decisions:
    """The claims asked for, decided, lecture by lecture; the contradictions among them; the
    witnesses that were not asked.

    `boards` takes each claim with the networks it speaks of. Raises ProblemError.
    """
    from archprof.allowance import paused, share
    from archprof.commands.lecture.contradictions import contradictions
    from archprof.commands.lecture.evaluate import Subjects
    from archprof.commands.lecture.judge import judge
    from archprof.commands.lecture.library import choose

    chosen = choose(what, only)
    share(len(chosen))
    decided = []
    missing: tuple[str, ...] = ("torch", "fvcore") if static else ()
    analyses: dict[tuple[object, ...], Analysis] = {}
    for entry in chosen:
        subjects = Subjects(entry.lecture, shared=analyses)
        with paused():  # what torch and fvcore take is theirs
            witnesses = _witnesses(subjects, entry.claims, static)
        missing = tuple(dict.fromkeys((*missing, *witnesses.missing)))
        judged = [judge(entry.lecture, claim, subjects, witnesses) for claim in entry.claims]
        decided.append((entry.lecture, judged))
        if boards is not None:
            boards += [(subjects, found) for found in judged]
    shown = {claim.id for entry in chosen for claim in entry.claims}
    beside = (
        [entry.lecture for entry in chosen]
        if what is None
        else _others(entry.lecture for entry in chosen)
    )
    return (
        decided,
        [p for p in contradictions(beside) if {p.first[1].id, p.second[1].id} & shown],
        missing,
    )


def _others(lectures: Iterable[Lecture]) -> list[Lecture]:
    """These and the shipped ones, which they may contradict."""
    from archprof.commands.lecture.library import shipped_lectures

    own = {lecture.id: lecture for lecture in lectures}
    return [*own.values(), *(other for other in shipped_lectures() if other.id not in own)]


def _witnesses(subjects: Subjects, claims: Iterable[Claim], static: bool) -> Witnesses:
    """Torch's and fvcore's word, where they are there and wanted."""
    from archprof.commands.lecture.judge import Witnesses

    if static:
        return Witnesses(missing=("torch", "fvcore"))
    try:
        from archprof.commands.lecture.witnesses import witnesses
    except ImportError as error:
        if (error.name or "").partition(".")[0] not in ("torch", "numpy"):
            raise
        return Witnesses(missing=("torch", "fvcore"))
    if not sys.stderr.isatty():
        return witnesses(subjects, claims)
    from rich.console import Console

    with Console(stderr=True).status("asking torch and fvcore") as status:
        return witnesses(
            subjects, claims, lambda network: status.update(f"asking torch and fvcore of {network}")
        )
