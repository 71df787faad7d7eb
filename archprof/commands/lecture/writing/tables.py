"""Decided lectures as tables."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from archprof.commands.lecture.claims.document import Claim, Lecture, Stated
from archprof.commands.lecture.deciding.contradictions import Contradiction
from archprof.commands.lecture.deciding.deciding import DecidedLecture
from archprof.commands.lecture.deciding.decision import Decision, JudgedClaim
from archprof.commands.lecture.deciding.verdicts import (
    DIFFERS,
    MEANINGS,
    NOT_MODELLED,
    NOT_RUN,
    UNDECIDABLE,
    worst,
)
from archprof.commands.lecture.writing.wording import decision_text, reason_text
from archprof.show.table import Column, Table

COLUMNS = (
    Column("Claim", right=False),
    Column("Stated", right=False, wraps=True),
    Column("By hand", right=False, wraps=True, drop=2),
    Column("Analysis", wraps=True),
    Column("torch", wraps=True, drop=1),
    Column("fvcore", wraps=True, drop=3),
    Column("Published", right=False, wraps=True, drop=4),
    Column("Verdict", right=False, wraps=True, style="bold"),
)
_PUBLISHED = 6
"""The place of a column that only lectures with published figures have."""


def tally(decisions: Iterable[Decision]) -> str:
    """Return the verdicts counted: 21 holds, 2 differs."""
    counts = Counter(decision.verdict.kind for decision in decisions)
    return ", ".join(f"{counts[kind]} {kind}" for kind in MEANINGS if counts[kind])


def count_text(n: int, what: str) -> str:
    """Return a number of things, in the plural where it is not one."""
    return f"{n} {what}" if n == 1 else f"{n} {what}s"


def verdict_table(decided: DecidedLecture, full: bool = False) -> Table:
    """Return one row per claim.

    A claim with several parts has a summary, and a row for each part that does not hold; for
    every part if the table is `full` or has one claim. So have archprof's own checks, with the
    verdict in brackets: the lecture does not state them.
    """
    lecture, claims = decided
    alone = len(claims) == 1
    rows = [row for judged in claims for row in _rows(judged, full or alone)]
    notes = [note for judged in claims for note in _notes(judged, alone)]
    decisions = [decision for judged in claims for decision in judged.decisions]
    if len(decisions) > 1:
        counted = f"{count_text(len(claims), 'claim')}, {count_text(len(decisions), 'statement')}"
        notes.append((lecture.id, f"{counted}: {tally(decisions)}"))
    if also := [decision for judged in claims for decision in judged.also]:
        notes.append((lecture.id, f"{count_text(len(also), 'check')} beside: {tally(also)}"))
    columns = list(COLUMNS)
    if not any(one.published for judged in claims for one in judged.everything):
        columns.pop(_PUBLISHED)
        rows = [row[:_PUBLISHED] + row[_PUBLISHED + 1 :] for row in rows]
    return Table(columns, rows, " · ".join(filter(None, (lecture.id, lecture.title))), notes)


def _rows(judged: JudgedClaim, full: bool) -> Iterator[list[str]]:
    decisions = judged.decisions
    if len(decisions) == 1:
        yield _row(judged.claim.id, decisions[0])
    else:
        words = {decision.verdict.word for decision in decisions}
        summary = words.pop() if len(words) == 1 else tally(decisions)
        yield [judged.claim.id, f"{len(decisions)} statements", "", "", "", "", "", summary]
        for decision in decisions:
            if full or not decision.verdict.is_true:
                yield _row(f"  {decision.label}", decision)
    for decision in judged.also:
        if full or not decision.verdict.is_true:
            yield _supporting_row(decision)


def _supporting_row(decision: Decision) -> list[str]:
    """Return the row of a check of archprof's own: nothing of it is stated."""
    label, _, *reports, verdict = _row(f"  also {decision.label}", decision)
    return [label, "", *reports, f"({verdict})"]


def _row(label: str, decision: Decision) -> list[str]:
    text = decision_text(decision)
    verdict = decision.verdict.word
    if not decision.as_recorded:
        verdict += f" (recorded: {decision.recorded})"
    return [
        label,
        text.stated,
        text.by_hand,
        text.analysis,
        text.torch,
        text.fvcore,
        text.published,
        verdict,
    ]


def _notes(judged: JudgedClaim, alone: bool) -> Iterator[tuple[str, str]]:
    claim = judged.claim
    if alone and claim.says:
        where = ", ".join(filter(None, (claim.slide, f"line {claim.line}" if claim.line else "")))
        yield "says", f"“{claim.says}” ({where})" if where else f"“{claim.says}”"
    for decision in judged.decisions:
        kind = decision.verdict.kind
        open_question = kind in (UNDECIDABLE, NOT_MODELLED, NOT_RUN) or bool(
            decision.verdict.causes
        )
        if kind == DIFFERS or (alone and open_question):
            text = reason_text(decision)
            if text:
                yield claim.id, f"{decision.label}: {text}" if decision.label else text
    if claim.note and (alone or _word(judged) == DIFFERS):
        yield "note" if alone else claim.id, claim.note


def _word(judged: JudgedClaim) -> str:
    """Return the verdict on a claim as a whole."""
    return worst(decision.verdict for decision in judged.decisions).word


def contradiction_table(pairs: Sequence[Contradiction], decided: Sequence[DecidedLecture]) -> Table:
    """Return claims that cannot both be true, side by side with their verdicts."""
    words = {judged.claim.id: _word(judged) for _, claims in decided for judged in claims}

    def side(of: tuple[Lecture, Claim]) -> list[str]:
        _, claim = of
        stated = ", ".join(p.statement.text for p in claim.parts if isinstance(p.statement, Stated))
        return [claim.id, claim.says or stated or claim.slide, words.get(claim.id, "")]

    rows = [side(pair.first) + side(pair.second) for pair in pairs]
    columns = [
        Column("Claim", right=False),
        Column("Says", right=False, wraps=True),
        Column("Verdict", right=False, wraps=True),
    ] * 2
    return Table(columns, rows, count_text(len(pairs), "contradiction"))
