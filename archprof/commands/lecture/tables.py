"""Claims decided, as tables and as a report that a lecturer can act on."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from archprof.commands.lecture.contradictions import Contradiction
from archprof.commands.lecture.document import Lecture, Stated
from archprof.commands.lecture.judge import Finding, Judged
from archprof.commands.lecture.verdicts import AS, DIFFERS, MEANINGS, NOT_RUN, UNDECIDABLE, worst
from archprof.show.markdown import markdown, paragraph
from archprof.show.table import Column, Table, render

Decided = tuple[Lecture, Sequence[Judged]]
COLUMNS = (
    Column("Claim", right=False),
    Column("Stated", right=False, wraps=True),
    Column("By hand", right=False, wraps=True, drop=2),
    Column("Analysis", wraps=True),
    Column("torch", wraps=True, drop=1),
    Column("fvcore", wraps=True, drop=3),
    Column("Verdict", right=False, wraps=True, style="bold"),
)


def kind(word: str) -> str:
    """A verdict without what it holds as."""
    return f"{AS}…" if word.startswith(AS) else word


def tally(findings: Iterable[Finding]) -> str:
    """Verdicts counted: 21 holds, 2 differs."""
    counts = Counter(kind(f.verdict.word) for f in findings)
    return ", ".join(f"{counts[word]} {word}" for word in MEANINGS if counts[word])


def verdict_table(decided: Decided, full: bool = False) -> Table:
    """One row per claim; of a claim with several parts a summary and, unless all are wanted,
    only the parts that do not hold.
    """
    lecture, claims = decided
    rows = [row for judged in claims for row in _rows(judged, full or len(claims) == 1)]
    notes = [note for judged in claims for note in _notes(judged, len(claims) == 1)]
    findings = [f for judged in claims for f in judged.findings]
    if len(findings) > 1:
        notes.append(
            (
                lecture.id,
                (
                    f"{_count(len(claims), 'claim')}, {_count(len(findings), 'statement')}:"
                    f" {tally(findings)}"
                ),
            )
        )
    return Table(COLUMNS, rows, " · ".join(filter(None, (lecture.id, lecture.title))), notes)


def _count(n: int, what: str) -> str:
    return f"{n} {what}{'s' if n != 1 else ''}"


def _rows(judged: Judged, full: bool) -> Iterator[list[str]]:
    findings = judged.findings
    if len(findings) == 1:
        yield _row(judged.claim.id, findings[0])
        return
    words = {f.verdict.word for f in findings}
    yield [
        judged.claim.id,
        f"{len(findings)} statements",
        "",
        "",
        "",
        "",
        words.pop() if len(words) == 1 else tally(findings),
    ]
    for finding in findings:
        if full or not finding.verdict.held:
            yield _row(f"  {finding.label}", finding)


def _row(label: str, f: Finding) -> list[str]:
    return [
        label,
        f.stated,
        f.worked,
        f.analysis,
        f.torch,
        f.fvcore,
        f.verdict.word + ("" if f.as_recorded else f" (recorded: {f.recorded})"),
    ]


def _notes(judged: Judged, alone: bool) -> Iterator[tuple[str, str]]:
    claim = judged.claim
    if alone and claim.says:
        yield "says", f"“{claim.says}”" + (f" ({claim.slide})" if claim.slide else "")
    for finding in judged.findings:
        if finding.verdict.word in (DIFFERS, UNDECIDABLE, NOT_RUN) or (
            alone and finding.verdict.causes
        ):
            text = explanation(finding)
            if text and (finding.verdict.word == DIFFERS or alone):
                yield claim.id, f"{f'{finding.label}: ' if finding.label else ''}{text}"
    if claim.note and (alone or worst(f.verdict for f in judged.findings).word == DIFFERS):
        yield claim.id if not alone else "note", claim.note


def explanation(finding: Finding) -> str:
    """How far off a statement is, and what is likely behind it."""
    verdict = finding.verdict
    likely = " or ".join(f"{cause}" for cause in verdict.causes[:3])
    if verdict.word.startswith(AS):
        return f"also {likely}" if likely else ""
    return "; ".join(filter(None, [verdict.error, f"likely {likely}" if likely else ""]))


def contradiction_table(pairs: Sequence[Contradiction], decided: Sequence[Decided]) -> Table:
    """Claims that cannot both be true, side by side with their verdicts."""
    words = {
        judged.claim.id: worst(f.verdict for f in judged.findings).word
        for _, claims in decided
        for judged in claims
    }

    def side(pair: tuple[Any, Any]) -> list[str]:
        _, claim = pair
        stated = ", ".join(p.statement.text for p in claim.parts if isinstance(p.statement, Stated))
        return [claim.id, claim.says or stated or claim.slide, words.get(claim.id, "")]

    rows = [side(pair.first) + side(pair.second) for pair in pairs]
    columns = [
        Column("Claim", right=False),
        Column("Says", right=False, wraps=True),
        Column("Verdict", right=False, wraps=True),
    ] * 2
    return Table(columns, rows, _count(len(pairs), "contradiction"))


def lecture_data(
    decided: Sequence[Decided], pairs: Sequence[Contradiction], missing: Sequence[str]
) -> dict[str, Any]:
    """Everything as data."""
    return {
        "schema": 1,
        "missing_witnesses": list(missing),
        "lectures": [
            {
                "lecture": lecture.id,
                "title": lecture.title,
                "source": lecture.source,
                "claims": [_claim_data(j) for j in claims],
            }
            for lecture, claims in decided
        ],
        "contradictions": [
            {"claims": [p.first[1].id, p.second[1].id], "found": p.found} for p in pairs
        ],
    }


def _claim_data(judged: Judged) -> dict[str, Any]:
    claim = judged.claim
    return {
        "id": claim.id,
        "slide": claim.slide,
        "says": claim.says,
        "note": claim.note,
        "verdict": worst(f.verdict for f in judged.findings).word,
        "statements": [
            {
                "label": f.label,
                "stated": f.stated,
                "by_hand": f.worked,
                "analysis": f.analysis,
                "torch": f.torch,
                "fvcore": f.fvcore,
                "verdict": f.verdict.word,
                "error": f.verdict.error,
                "likely": list(f.verdict.causes),
                "recorded": f.recorded,
                "as_recorded": f.as_recorded,
            }
            for f in judged.findings
        ],
    }


# --- the report ---

_HOW = """Each statement of these lectures that an analysis can check is an entry in a file of claims: what it says, the network
it speaks of, the figure as printed, and the lecture's own calculation. archprof works every one out again: **by hand**,
the lecture's formula with its numbers; the **analysis**, exact integers from the network's spec; **torch**, what the
compiled network's modules and torch's FlopCounterMode count; and **fvcore**. Structural statements (a block's modules,
every layer's settings, orderings) are decided on the network's graph, and statements about what a module computes are
run on torch. A figure is held against its printed digits, no more."""

_LIKELY = """Where a figure differs, archprof searches a small declared space (MACs or FLOPs, a tool's count, biases, 1000 or 1024,
bytes per element, auxiliary heads, input size, padding, another variant, one layer left out or counted twice, two digits
transposed, another claim's figure) and lists what gives the printed digits and beats chance, so that moves as simple give
at most half of the figures near it: that is likely the cause, never proof of it."""


def report(
    decided: Sequence[Decided], pairs: Sequence[Contradiction], missing: Sequence[str]
) -> str:
    """The whole as Markdown: what was checked and how, a summary per lecture, the errata,
    contradictions, then every claim.
    """
    everything = [f for _, claims in decided for judged in claims for f in judged.findings]
    total = sum(len(claims) for _, claims in decided)
    parts = [
        "# The lectures' hand calculations, checked\n",
        (
            f"{_count(total, 'claim')} of {_count(len(decided), 'source')},"
            f" {_count(len(everything), 'statement')}: {tally(everything)}.\n"
        ),
        _HOW + "\n",
    ]
    decided = [
        (lecture, sorted(claims, key=lambda j: _natural(j.claim.id))) for lecture, claims in decided
    ]
    if missing:
        parts.append(f"Not asked here: {_plain(', '.join(missing))}.\n")
    meanings = [
        f"| {word} | {meaning} |"
        for word, meaning in MEANINGS.items()
        if word != NOT_RUN or missing
    ]
    parts += [
        "| Verdict | Meaning |\n|:--|:--|",
        *meanings,
        "",
        "## Summary\n",
        _narrow(_summary(decided)),
        "## Errata\n",
        _LIKELY + "\n",
        *_errata(decided, aside=False),
    ]
    if asides := list(_errata(decided, aside=True)):
        parts += [
            "## Differences that are no error of the lecture\n",
            (
                "A strict reading of ours, a figure that is not verified, or code that does"
                " otherwise.\n"
            ),
            *asides,
        ]
    if pairs:
        parts += [
            "## Contradictions\n",
            "Claims that cannot both be true of one thing.\n",
            _narrow(contradiction_table(pairs, decided)._replace(title="")),
        ]
    if undecided := list(_undecided(decided)):
        parts += ["## What an analysis cannot decide\n", "\n".join(undecided) + "\n"]
    for lecture, claims in decided:
        table = verdict_table((lecture, claims), full=True)
        parts += [
            f"## {_plain(lecture.id)}: {_plain(lecture.title)}\n",
            f"{paragraph(lecture.source)}\n",
            _narrow(table._replace(title="", notes=())),
        ]
    return "\n".join(parts)


def _summary(decided: Sequence[Decided]) -> Table:
    words = [
        word
        for word in MEANINGS
        if any(
            kind(f.verdict.word) == word
            for _, claims in decided
            for j in claims
            for f in j.findings
        )
    ]
    rows = []
    for lecture, claims in decided:
        counts = Counter(kind(f.verdict.word) for judged in claims for f in judged.findings)
        rows.append(
            [
                lecture.id,
                lecture.title,
                str(len(claims)),
                str(counts.total()),
                *(str(counts[word] or "-") for word in words),
            ]
        )
    sums = [
        str(sum(int(row[i]) if row[i] != "-" else 0 for row in rows))
        for i in range(2, 4 + len(words))
    ]
    heads = [
        Column("Lecture", right=False),
        Column("Title", right=False),
        Column("Claims"),
        Column("Statements"),
        *(Column(word) for word in words),
    ]
    return Table(heads, [*rows, ["All", "", *sums]], totals=1)


def _natural(text: str) -> list[tuple[bool, int, str]]:
    """A key that sorts L8-9 before L8-10."""
    return [
        (part.isdigit(), int(part) if part.isdigit() else 0, part)
        for part in re.split(r"(\d+)", text)
    ]


def _errata(decided: Sequence[Decided], aside: bool) -> Iterator[str]:
    """What a lecturer should change, slide by slide; or what differs beside that."""
    for lecture, claims in decided:
        wrong = [
            judged
            for judged in claims
            if judged.claim.aside is aside
            and any(f.verdict.word == DIFFERS for f in judged.findings)
        ]
        if wrong:
            yield f"### {_plain(lecture.id)}: {_plain(lecture.title)}\n"
        for judged in wrong:
            yield "\n".join(_erratum(judged)) + "\n"


def _erratum(judged: Judged) -> Iterator[str]:
    claim = judged.claim
    yield _quoted(judged)
    for f in judged.findings:
        if f.verdict.word == DIFFERS:
            told = f.verdict.error.startswith("it is ") or "its own formula" in f.verdict.error
            said = [
                f"stated {f.stated}",
                f"exactly {f.analysis}" if f.analysis and not told else "",
                explanation(f).removeprefix("stated "),
            ]
            yield (
                f"  - {f'**{_plain(f.label)}**: ' if f.label else ''}{_plain('; '.join(filter(None, said)))}"
            )
    if claim.note:
        yield f"  - {_plain(claim.note)}"


def _quoted(judged: Judged) -> str:
    """Where a claim stands and what it says."""
    claim = judged.claim
    return f"- **{_plain(claim.id)}**{f', {_plain(claim.slide)}' if claim.slide else ''}{f': “{_plain(claim.says)}”' if claim.says else ''}"


def _undecided(decided: Sequence[Decided]) -> Iterator[str]:
    """What no analysis can decide, and why."""
    for _, claims in decided:
        for judged in claims:
            open_ = [f for f in judged.findings if f.verdict.word == UNDECIDABLE]
            if open_:
                yield "\n".join(
                    [
                        _quoted(judged),
                        *(
                            f"  - {f'**{_plain(f.label)}**: ' if f.label else ''}{_plain(f.verdict.error)}"
                            for f in open_
                        ),
                    ]
                )


def _narrow(table: Table) -> str:
    """The table as Markdown without the blanks that align it in a text: a report is read
    rendered.
    """
    return re.sub(r"-{3,}", "---", re.sub(r" {2,}", " ", render(table, "md")))


def _plain(text: str) -> str:
    """A text that Markdown prints as it stands."""
    return markdown(text)
