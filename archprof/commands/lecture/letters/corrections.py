"""What an author should change: each claim that is not so, in one line."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from archprof.commands.lecture.claims.document import (
    Claim,
    Stated,
    Statement,
)
from archprof.commands.lecture.deciding.decision import Decision, JudgedClaim
from archprof.commands.lecture.deciding.subjects import Subjects
from archprof.commands.lecture.deciding.values import (
    Deviation,
    Instead,
    PublishedReport,
    WrongFormula,
)
from archprof.commands.lecture.deciding.verdicts import DIFFERS
from archprof.commands.lecture.letters.plain_words import plain_words
from archprof.commands.lecture.letters.should_read import should_read
from archprof.commands.lecture.writing.slide_names import names_in, with_slide_names
from archprof.commands.lecture.writing.wording import decision_text, reason_text

MOST_PRINTED = 110
"""Characters of a sentence that is quoted."""
MOST_PAIRS = 3
"""Figures of one claim that are set right in its line; the appendix has all."""
_NUMBER = re.compile(r"[0-9][0-9.,x]*")
_SENTENCE = re.compile(r"(?<=[.!?])\s+(?=[A-Z0-9])")


class Correction(NamedTuple):
    """One claim that is not so: where, what is printed, what should be, and why.

    `sure` says that what should be printed rests on no guess at what was meant.
    """

    claim: Claim
    prints: str
    reads: str
    why: str
    sure: bool


def correction(judged: JudgedClaim, subjects: Subjects) -> Correction:
    """Return what to change of a claim of which something differs."""
    claim = judged.claim
    wrong = [
        (part.statement, decision)
        for part, decision in zip(claim.parts, judged.decisions, strict=True)
        if decision.verdict.kind == DIFFERS
    ]
    pairs = _pairs(wrong, subjects)
    right = [(pair.reads, pair.labels) for pair in pairs if pair.reads]
    reads = claim.instead or _joined(right)
    names = {
        path: name for statement, _ in wrong for path, name in names_in(statement, subjects).items()
    }
    why = with_slide_names(first_sentence(claim.note) or _generated(wrong), names)
    worded = all(decision.reads for _, decision in wrong)
    prints = quoted(claim.says) if worded else _printed(claim, pairs)
    sure = not any(_is_guessed(decision) for _, decision in wrong)
    return Correction(claim, prints, reads, why, sure)


def _printed(claim: Claim, pairs: Sequence[_Pair]) -> str:
    """Return the sentence that is wrong, with its figures where it does not print them itself."""
    figures = [(pair.prints, pair.labels) for pair in pairs if pair.reads]
    sentence = quoted(claim.says)
    if not sentence:
        return _joined(figures or [(pair.prints, pair.labels) for pair in pairs])
    if claim.instead or not figures or any(_digits(text) in claim.says for text, _ in figures):
        return sentence
    return f"{sentence}, {'; '.join(_labelled(*figure) for figure in figures[:MOST_PAIRS])}"


def _digits(text: str) -> str:
    """Return the first number of a figure or shape as it is printed."""
    found = _NUMBER.search(text)
    return found[0] if found else text


class _Pair(NamedTuple):
    """What is printed, what should be, and which parts of the claim print it."""

    prints: str
    reads: str
    labels: tuple[str, ...]


def _pairs(wrong: Iterable[tuple[Statement, Decision]], subjects: Subjects) -> list[_Pair]:
    """Return each printed value with the right one, those that are alike together."""
    found: dict[tuple[str, str], tuple[str, ...]] = {}
    for statement, decision in wrong:
        reads = ""
        if isinstance(statement, Stated):
            reads = should_read(statement, decision, subjects)
        elif isinstance(decision.verdict.fault, Instead):
            reads = decision_text(decision).torch
        elif isinstance(decision.verdict.fault, PublishedReport):
            reads = " then ".join(decision.verdict.fault.values)
        key = (decision.stated, reads)
        found[key] = (*found.get(key, ()), decision.label)
    return [_Pair(prints, reads, tuple(labels)) for (prints, reads), labels in found.items()]


def _joined(texts: Iterable[tuple[str, tuple[str, ...]]]) -> str:
    """Return texts with their labels where there are several: conv4: 150M; conv5: 100M."""
    texts = list(texts)
    if len(texts) == 1:
        return texts[0][0]
    shown = [_labelled(text, labels) for text, labels in texts[:MOST_PAIRS]]
    more = [f"{len(texts) - MOST_PAIRS} more below"] if len(texts) > MOST_PAIRS else []
    return "; ".join([*shown, *more])


def _labelled(text: str, labels: Sequence[str]) -> str:
    named = ", ".join(filter(None, labels))
    return f"{named}: {text}" if named else text


def quoted(says: str, most: int = MOST_PRINTED) -> str:
    """Return a sentence in quotation marks, a long one cut off."""
    if len(says) > most:
        says = f"{says[:most].rsplit(' ', 1)[0]} …"
    return f"“{says}”" if says else ""


def first_sentence(text: str) -> str:
    """Return the first sentence of a note."""
    return _SENTENCE.split(text)[0]


def _generated(wrong: Iterable[tuple[Statement, Decision]]) -> str:
    """Return why the statements differ, as archprof finds it."""
    reasons = dict.fromkeys(reason_text(decision).removeprefix("stated ") for _, decision in wrong)
    return plain_words("; ".join(filter(None, reasons)))


def _is_guessed(decision: Decision) -> bool:
    """Return whether what is right depends on what was meant: a convention, an input, a formula."""
    fault = decision.verdict.fault
    if isinstance(fault, Deviation):
        return bool(fault.convention)
    if isinstance(fault, Instead):
        return bool(decision.verdict.causes)
    return isinstance(fault, WrongFormula)
