"""What of a text no claim quotes: its figures, and the sentences that could be checked."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from fractions import Fraction
from typing import Any, NamedTuple

from archprof.commands.lecture.claims.document import (
    Claim,
    Every,
    Experiment,
    Lecture,
    Modules,
    Part,
    Published,
    Stated,
    Statement,
)
from archprof.commands.lecture.claims.figures import PrintedFigure
from archprof.commands.lecture.claims.quotation import is_printed, is_word
from archprof.commands.lecture.texts.finder import Sentence, TextFigure
from archprof.commands.lecture.texts.normal import normalise
from archprof.commands.lecture.texts.quotes import (
    LectureText,
    Quotation,
    Span,
    nearest_sentence,
    passages,
    quotations,
)
from archprof.ops.base import Shape


class Uncovered(NamedTuple):
    """A sentence with figures that no claim quotes, or one that could be checked.

    `lines` are those of every place where it stands, `figures` as they are printed.
    """

    lines: tuple[int, ...]
    sentence: str
    figures: tuple[str, ...]


class Misquoted(NamedTuple):
    """Words that a claim quotes and the text does not have, and the sentence nearest to them.

    Of a figure that a claim states without quoting it `stated` is true.
    """

    claim: str
    words: str
    nearest: Sentence | None
    stated: bool = False


class Elided(NamedTuple):
    """What a claim states, and its quotation may leave out: numbers, and shapes in any order."""

    numbers: set[Fraction]
    shapes: set[tuple[Fraction, ...]]

    def has(self, value: PrintedFigure | Shape) -> bool:
        """Return whether a figure is among them; 11x11 is where the number 11 is."""
        if isinstance(value, PrintedFigure):
            return value.value in self.numbers or (value.value,) in self.shapes
        axes = tuple(sorted(map(Fraction, value)))
        return axes in self.shapes or self.numbers.issuperset(axes)


class Coverage(NamedTuple):
    """What claims leave open of a text: sentences in their order, and quotations not found in it.

    `figures` and `sentences` count what the text has of both.
    """

    text: LectureText
    uncovered: tuple[Uncovered, ...]
    misquoted: tuple[Misquoted, ...]
    figures: int
    sentences: int


def coverage(lecture: Lecture, text: LectureText) -> Coverage:
    """Return what of a text a lecture's claims leave open."""
    quoted = [(claim, quotations(text, claim.says)) for claim in lecture.claims.values()]
    left_out = [
        piece
        for entry in lecture.not_claims
        for quote in entry.quotes
        for piece in quotations(text, quote)
    ]
    misquoted = [found for claim, pieces in quoted for found in _misquoted(text, claim, pieces)]
    misquoted += _not_in_text(text, "not_claims", left_out)
    pieces = [piece for _, of_claim in quoted for piece in of_claim] + left_out
    return Coverage(
        text,
        _uncovered(
            text,
            _merged(span for piece in pieces for span in piece.spans),
            [between for claim, of_claim in quoted for between in _between(claim, of_claim)],
        ),
        tuple(misquoted),
        sum(len(sentence.figures) for sentence in text.sentences),
        sum(sentence.checkable for sentence in text.sentences),
    )


def _misquoted(text: LectureText, claim: Claim, pieces: list[Quotation]) -> Iterator[Misquoted]:
    """Yield what a claim quotes or states that the text does not have."""
    yield from _not_in_text(text, claim.id, pieces)
    for stated, _ in unquoted(text, claim, pieces):
        yield Misquoted(claim.id, stated, None, stated=True)


def _between(claim: Claim, pieces: list[Quotation]) -> Iterator[tuple[Span, Elided]]:
    """Yield the passages that a claim's quotation spans, with what the claim states."""
    elided = _elided(claim)
    for passage in passages(pieces):
        yield passage, elided


def _uncovered(
    text: LectureText, covered: list[Span], between: list[tuple[Span, Elided]]
) -> tuple[Uncovered, ...]:
    """Return the sentences with figures, or with something to check, that no claim quotes; those
    that say the same as one with several lines.
    """
    found = dict[str, Uncovered]()
    for sentence in text.sentences:
        figures = tuple(
            figure.text
            for figure in sentence.figures
            if not _within(figure, covered) and not _is_elided(figure, between)
        )
        if figures or (sentence.checkable and not _touched(sentence, covered)):
            key = f"{normalise(sentence.text).text} {figures}"
            lines = found[key].lines if key in found else ()
            found[key] = Uncovered((*lines, sentence.line), sentence.text, figures)
    return tuple(found.values())


def _not_in_text(text: LectureText, name: str, pieces: Iterable[Quotation]) -> Iterator[Misquoted]:
    """Yield the pieces of a quotation that the text does not have."""
    for piece in pieces:
        if not piece.spans:
            yield Misquoted(name, piece.words, nearest_sentence(text, piece.words))


def unquoted(
    text: LectureText, claim: Claim, pieces: list[Quotation]
) -> Iterator[tuple[str, Part]]:
    """Yield what is stated, and its part, that neither the quotation nor the passage has that it
    spans; nothing of a quotation that is not in the text, which is wrong itself.
    """
    if not pieces or not all(piece.spans for piece in pieces):
        return
    quoted = [claim.says, *(text.text[start:end] for start, end in passages(pieces))]
    for part in claim.parts:
        stated = "" if part.reads else _printed(part.statement)
        if stated and not any(is_printed(stated, words) for words in quoted):
            yield stated, part


def _printed(statement: Statement) -> str:
    """Return what a statement takes from the text, "" where that is nothing that it prints."""
    if isinstance(statement, Stated):
        return statement.text
    if isinstance(statement, Published):
        return statement.stated
    if isinstance(statement, Experiment) and not is_word(statement.stated):
        return statement.stated
    return ""


def _elided(claim: Claim) -> Elided:
    """Return what a claim states: figures, settings of layers and shapes."""
    numbers, shapes = set[Fraction](), set[tuple[Fraction, ...]]()
    for part in claim.parts:
        statement = part.statement
        if isinstance(statement, (Stated, Published)) and statement.figure is not None:
            numbers.add(statement.figure.value)
        if isinstance(statement, Stated) and statement.shape is not None:
            shapes.add(tuple(sorted(map(Fraction, statement.shape))))
        if isinstance(statement, Every):
            numbers |= _in_settings(statement.settings)
        if isinstance(statement, Modules):
            numbers = numbers.union(*map(_in_settings, statement.entries))
    return Elided(numbers, shapes)


def _in_settings(settings: Iterable[tuple[str, Any]]) -> set[Fraction]:
    values = [
        one for _, value in settings for one in (value if isinstance(value, tuple) else (value,))
    ]
    return {
        Fraction(str(one))
        for one in values
        if isinstance(one, (int, float)) and not isinstance(one, bool)
    }


def _is_elided(figure: TextFigure, between: Iterable[tuple[Span, Elided]]) -> bool:
    """Return whether a claim states a figure that its quotation leaves out."""
    return any(
        start <= figure.start and figure.end <= end and elided.has(figure.value)
        for (start, end), elided in between
    )


def _merged(spans: Iterable[Span]) -> list[Span]:
    """Return spans in order, those that touch as one."""
    merged = list[Span]()
    for start, end in sorted(spans):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def _within(figure: TextFigure, covered: list[Span]) -> bool:
    return any(start <= figure.start and figure.end <= end for start, end in covered)


def _touched(sentence: Sentence, covered: list[Span]) -> bool:
    return any(start < sentence.end and sentence.start < end for start, end in covered)
