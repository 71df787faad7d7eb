"""Decided lectures as a report in Markdown that a lecturer can act on."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence

from archprof.commands.lecture.claims.document import Claim
from archprof.commands.lecture.deciding.deciding import DecidedLecture, DecidedLectures
from archprof.commands.lecture.deciding.decision import Decision, JudgedClaim
from archprof.commands.lecture.deciding.values import Instead, WrongFormula
from archprof.commands.lecture.deciding.verdicts import (
    DIFFERS,
    MEANINGS,
    NOT_MODELLED,
    NOT_RUN,
    UNDECIDABLE,
)
from archprof.commands.lecture.writing.tables import (
    contradiction_table,
    count_text,
    tally,
    verdict_table,
)
from archprof.commands.lecture.writing.wording import decision_text, fault_text, reason_text
from archprof.show.markdown import markdown, paragraph
from archprof.show.table import Column, Table, render

_HOW = (
    "Each statement of these lectures that an analysis can check is an entry in a file of"
    " claims: what it says, the network\n"
    "it speaks of, the figure as printed, and the lecture's own calculation. archprof works"
    " every one out again: **by hand**,\n"
    "the lecture's formula with its numbers; the **analysis**, exact integers from the"
    " network's spec; **torch**, what the\n"
    "compiled network's modules and torch's FlopCounterMode count; and **fvcore**."
    " Structural statements (a block's modules,\n"
    "every layer's settings, orderings) are decided on the network's graph, and statements"
    " about what a module computes are\n"
    "run on torch. A figure is held against its printed digits, no more."
)

_LIKELY = (
    "Where a figure differs, archprof searches a small declared space (MACs or FLOPs, a"
    " tool's count, biases, 1000 or 1024,\n"
    "bytes per element, auxiliary heads, input size, padding, another variant, one layer"
    " left out or counted twice, two digits\n"
    "transposed, another claim's figure) and lists what gives the printed digits and beats"
    " chance, so that moves as simple give\n"
    "at most half of the figures near it: that is likely the cause, never proof of it."
)

_OPEN = {
    "What an analysis cannot decide": UNDECIDABLE,
    "What archprof does not model": NOT_MODELLED,
}


def report(outcome: DecidedLectures) -> str:
    """Return the whole as Markdown.

    What was checked and how, a summary per lecture, the errata, contradictions, then every claim.
    """
    decided = [
        (lecture, sorted(claims, key=lambda judged: _natural(judged.claim.id)))
        for lecture, claims in outcome.lectures
    ]
    parts = [*_introduction(outcome), *_overview(decided, outcome.missing)]
    if asides := list(_errata(decided, aside=True)):
        parts += [
            "## Differences that are no error of the lecture\n",
            "A strict reading of ours, a figure that is not verified, or code that does"
            " otherwise.\n",
            *asides,
        ]
    if outcome.contradictions:
        table = contradiction_table(outcome.contradictions, decided)
        parts += [
            "## Contradictions\n",
            "Claims that cannot both be true of one thing.\n",
            _compact(table._replace(title="")),
        ]
    for title, kind in _OPEN.items():
        if undecided := list(_undecided(decided, kind)):
            parts += [f"## {title}\n", "\n".join(undecided) + "\n"]
    for lecture, claims in decided:
        table = verdict_table((lecture, claims), full=True)
        parts += [
            f"## {markdown(lecture.id)}: {markdown(lecture.title)}\n",
            f"{paragraph(lecture.source)}\n",
            _compact(table._replace(title="", notes=())),
        ]
    return "\n".join(parts)


def _introduction(outcome: DecidedLectures) -> Iterator[str]:
    lectures = outcome.lectures
    decisions = [decision for _, judged in outcome.judged for decision in judged.decisions]
    claims = count_text(sum(len(claims) for _, claims in lectures), "claim")
    sources = count_text(len(lectures), "source")
    yield "# The lectures' hand calculations, checked\n"
    yield (
        f"{claims} of {sources}, {count_text(len(decisions), 'statement')}: {tally(decisions)}.\n"
    )
    yield f"{_HOW}\n"
    if outcome.missing:
        yield f"Not asked here: {markdown(', '.join(outcome.missing))}.\n"


def _overview(decided: Sequence[DecidedLecture], missing: Sequence[str]) -> Iterator[str]:
    """Yield what the verdicts mean, how many there are of each, and the errata."""
    yield "| Verdict | Meaning |\n|:--|:--|"
    for kind, meaning in MEANINGS.items():
        if kind != NOT_RUN or missing:
            yield f"| {kind} | {meaning} |"
    yield ""
    yield "## Summary\n"
    yield _compact(_summary(decided))
    yield "## Errata\n"
    yield f"{_LIKELY}\n"
    yield from _errata(decided, aside=False)


def _summary(decided: Sequence[DecidedLecture]) -> Table:
    """Return one row per lecture with the number of each kind of verdict, and their sums."""
    counts = [
        Counter(d.verdict.kind for judged in claims for d in judged.decisions)
        for _, claims in decided
    ]
    kinds = [kind for kind in MEANINGS if any(count[kind] for count in counts)]
    rows = []
    for (lecture, claims), count in zip(decided, counts, strict=True):
        numbers = [str(count[kind] or "-") for kind in kinds]
        rows.append([lecture.id, lecture.title, str(len(claims)), str(count.total()), *numbers])
    sums = [
        sum(len(claims) for _, claims in decided),
        sum(count.total() for count in counts),
        *(sum(count[kind] for count in counts) for kind in kinds),
    ]
    heads = [
        Column("Lecture", right=False),
        Column("Title", right=False),
        Column("Claims"),
        Column("Statements"),
        *(Column(kind) for kind in kinds),
    ]
    return Table(heads, [*rows, ["All", "", *map(str, sums)]], totals=1)


def _natural(text: str) -> list[tuple[bool, int, str]]:
    """Return a key that sorts L8-9 before L8-10."""
    return [
        (part.isdigit(), int(part) if part.isdigit() else 0, part)
        for part in re.split(r"(\d+)", text)
    ]


def _errata(decided: Sequence[DecidedLecture], aside: bool) -> Iterator[str]:
    """Yield what a lecturer should change, slide by slide; or what differs besides that."""
    for lecture, claims in decided:
        wrong = [
            judged
            for judged in claims
            if judged.claim.aside is aside
            and any(decision.verdict.kind == DIFFERS for decision in judged.decisions)
        ]
        if wrong:
            yield f"### {markdown(lecture.id)}: {markdown(lecture.title)}\n"
        for judged in wrong:
            yield "\n".join(_erratum(judged)) + "\n"


def _erratum(judged: JudgedClaim) -> Iterator[str]:
    claim = judged.claim
    yield _quoted(claim)
    for decision in judged.decisions:
        if decision.verdict.kind == DIFFERS:
            yield _item(decision, "; ".join(_corrections(decision)))
    if claim.note:
        yield f"  - {markdown(claim.note)}"


def _corrections(decision: Decision) -> Iterator[str]:
    """Yield what is stated, what is right, and how far off that is."""
    text = decision_text(decision)
    yield f"stated {text.stated}"
    # the reason repeats what the analysis reports
    repeats = isinstance(decision.verdict.fault, (Instead, WrongFormula))
    if text.analysis and not repeats:
        yield f"exactly {text.analysis}"
    why = reason_text(decision).removeprefix("stated ")
    if why:
        yield why


def _quoted(claim: Claim) -> str:
    """Return a claim's id, its place and what it says."""
    text = f"- **{markdown(claim.id)}**"
    if claim.slide:
        text += f", {markdown(claim.slide)}"
    if claim.says:
        text += f": “{markdown(claim.says)}”"
    return text


def _item(decision: Decision, text: str) -> str:
    label = f"**{markdown(decision.label)}**: " if decision.label else ""
    return f"  - {label}{markdown(text)}"


def _undecided(decided: Sequence[DecidedLecture], kind: str) -> Iterator[str]:
    """Yield what has this verdict, and why it is not decided."""
    for _, claims in decided:
        for judged in claims:
            open_ = [d for d in judged.decisions if d.verdict.kind == kind]
            if open_:
                items = [_item(decision, fault_text(decision.verdict.fault)) for decision in open_]
                yield "\n".join([_quoted(judged.claim), *items])


def _compact(table: Table) -> str:
    """Return the table as Markdown without the spaces that align it: a report is read rendered."""
    return re.sub(r"-{3,}", "---", re.sub(r" {2,}", " ", render(table, "md")))
