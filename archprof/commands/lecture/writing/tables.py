"""Decided lectures as tables."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from archprof.commands.lecture.claims.document import Claim, Stated
from archprof.commands.lecture.deciding.contradictions import Contradiction
from archprof.commands.lecture.deciding.deciding import DecidedLecture
from archprof.commands.lecture.deciding.decision import Decision, JudgedClaim
from archprof.commands.lecture.deciding.joint import JointExplanation, JointFigure
from archprof.commands.lecture.deciding.verdicts import (
    DIFFERS,
    MEANINGS,
    worst,
)
from archprof.commands.lecture.writing.wording import decision_text, luck_text, reason_text
from archprof.show.table import Table, TableColumn
from archprof.units import number_of

COLUMNS = (
    TableColumn("Claim", right=False),
    TableColumn("Stated", right=False, wraps=True),
    TableColumn("By hand", right=False, wraps=True, drop=2),
    TableColumn("Analysis", wraps=True),
    TableColumn("torch", wraps=True, drop=1),
    TableColumn("fvcore", wraps=True, drop=3),
    TableColumn("Published", right=False, wraps=True, drop=4),
    TableColumn("Verdict", right=False, wraps=True, style="bold"),
)
_PUBLISHED = 6
"""The place of a column that only lectures with published figures have."""

MOST_FIGURES = 4
"""Figures of a claim that stand for it where it says nothing."""


def tally(decisions: Iterable[Decision]) -> str:
    """Return the verdicts counted: 21 holds, 2 differs."""
    counts = Counter(decision.verdict.kind for decision in decisions)
    return ", ".join(f"{counts[kind]} {kind}" for kind in MEANINGS if counts[kind])


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
        counted = f"{number_of(len(claims), 'claim')}, {number_of(len(decisions), 'statement')}"
        notes.append((lecture.id, f"{counted}: {tally(decisions)}"))
    if also := [decision for judged in claims for decision in judged.also]:
        notes.append((lecture.id, f"{number_of(len(also), 'check')} beside: {tally(also)}"))
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
        verdict = decision.verdict
        if verdict.kind == DIFFERS or verdict.others or alone:
            text = reason_text(decision)
            if text:
                yield claim.id, f"{decision.label}: {text}" if decision.label else text
    if claim.note and (alone or _word(judged) == DIFFERS):
        yield "note" if alone else claim.id, claim.note


def _word(judged: JudgedClaim) -> str:
    """Return the verdict on a claim as a whole."""
    return worst(decision.verdict for decision in judged.decisions).word


def _figures(claim: Claim) -> str:
    """Return what a claim without words states, the first figures of a table."""
    stated = [p.statement.text for p in claim.parts if isinstance(p.statement, Stated)]
    more = ["…"] if len(stated) > MOST_FIGURES else []
    return ", ".join([*stated[:MOST_FIGURES], *more])


def _recorded(claim: Claim) -> str:
    """Return the verdict that a file records of a claim which is not decided here."""
    counts = Counter(part.recorded for part in claim.parts)
    if len(counts) == 1:
        return next(iter(counts))
    return ", ".join(f"{number} {word}" for word, number in counts.items() if word)


def contradiction_table(pairs: Sequence[Contradiction], decided: Sequence[DecidedLecture]) -> Table:
    """Return claims that cannot both be true, side by side with their verdicts."""
    words = {judged.claim.id: _word(judged) for _, claims in decided for judged in claims}

    def side(claim: Claim, stated: str) -> list[str]:
        word = words.get(claim.id) or _recorded(claim)
        return [claim.id, stated or claim.says or _figures(claim) or claim.slide, word]

    rows = [
        side(pair.first[1], pair.stated[0]) + side(pair.second[1], pair.stated[1]) for pair in pairs
    ]
    columns = [
        TableColumn("Claim", right=False),
        TableColumn("Says", right=False, wraps=True),
        TableColumn("Verdict", right=False, wraps=True),
    ] * 2
    return Table(columns, rows, number_of(len(pairs), "contradiction"))


def joint_table(found: Sequence[JointExplanation]) -> Table:
    """Return what explains several figures at once, one row each."""
    rows = []
    for one in found:
        figures = ", ".join(map(_figure_text, one.figures))
        follow = ", ".join(map(_figure_text, one.following))
        text = f"{figures}; and so {follow}" if follow else figures
        rows.append([text, f"{one.network} {one.move}", luck_text(one.luck)])
    columns = [
        TableColumn("Figures", right=False, wraps=True),
        TableColumn("One explanation", right=False, wraps=True),
        TableColumn("Luck", right=False, wraps=True),
    ]
    return Table(columns, rows, "What confirms each other")


def _figure_text(figure: JointFigure) -> str:
    name = f"{figure.claim} {figure.label}" if figure.label else figure.claim
    also = f" (also {' or '.join(figure.also)})" if figure.also else ""
    return f"{name} {figure.printed}{also}"
