"""Where the quotations of claims stand in a text, and which are not in it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from archprof.commands.lecture.texts.finder import Sentence, read_sentences
from archprof.commands.lecture.texts.line_numbers import LineNumbers
from archprof.commands.lecture.texts.normal import NormalText, normalise
from archprof.language.text import read
from archprof.problem import Mark, ProblemError

Span = tuple[int, int]

_LEFT_OUT = re.compile(r"\s*(?:…|\.\.\.|;)\s*")
_CLOSING = re.compile(r"[)\]}]*")
"""Brackets that close behind the last word of a quotation."""


class LectureText:
    """A text that is quoted, with what is found in it."""

    def __init__(self, name: str, text: str):
        self.name, self.text = name, text
        self.normal: NormalText = normalise(text)
        self.sentences: list[Sentence] = read_sentences(text)
        self._lines = LineNumbers(text)

    def line(self, place: int) -> int:
        """Return the line of a place, from 1."""
        return self._lines.of(place)

    def heading(self, place: int) -> str:
        """Return the last heading in Markdown before a place, "" where there is none."""
        found = ""
        for match in re.finditer(r"(?m)^#+[ \t]+(.+)$", self.text[:place]):
            found = match[1].strip(" *#\t\r")
        return found

    def spans(self, quotation: str) -> list[Span]:
        """Return every place where these words are, as start and end; of a part of a word none."""
        wanted, whole, places = normalise(quotation).text, self.normal.text, self.normal.places
        found, start = [], whole.find(wanted) if wanted else -1
        while start >= 0:
            end = _CLOSING.match(self.text, places[start + len(wanted) - 1] + 1)
            span = (places[start], end.end() if end else len(self.text))
            if not self._inside_a_word(span):
                found.append(span)
            start = whole.find(wanted, start + 1)
        return found

    def _inside_a_word(self, span: Span) -> bool:
        """Return whether a span begins or ends between two letters, or two digits."""
        return any(
            0 < place < len(self.text)
            and self.text[place - 1].isalnum()
            and self.text[place].isalnum()
            for place in span
        )


def read_text(path: Path, name: str | None = None) -> LectureText:
    """Return the text in a file, called `name` in messages. Raises ProblemError."""
    if path.is_dir():
        raise ProblemError.of(Mark(name or str(path)), "file", "a directory, expected a text", "")
    text, name = read(path, name)
    if not text.strip():
        raise ProblemError.of(Mark(name), "file", "the text is empty, expected what is quoted")
    return LectureText(name, text)


class Quotation(NamedTuple):
    """A piece of what a claim quotes, and every place where the text has it."""

    words: str
    spans: tuple[Span, ...]


def quotations(text: LectureText, says: str) -> list[Quotation]:
    """Return the pieces of a quotation, in which dots or a semicolon stand for what is left out."""
    return [
        Quotation(words, tuple(text.spans(words)))
        for words in _LEFT_OUT.split(says)
        if normalise(words).text
    ]


def passages(found: Iterable[Quotation]) -> Iterator[Span]:
    """Yield the shortest passages from the first piece of a quotation to its last, in order."""
    pieces = list(found)
    for first in pieces[0].spans if pieces else ():
        start, end = first
        for piece in pieces[1:]:
            following = next((span for span in piece.spans if span[0] >= end), None)
            if following is None:
                break
            end = following[1]
        else:
            yield start, end


def nearest_sentence(text: LectureText, words: str) -> Sentence | None:
    """Return the sentence that shares most words with these, None where none shares any."""
    wanted = set(_words(words))
    best, most = None, 0.0
    for sentence in text.sentences:
        have = set(_words(sentence.text))
        shared = len(wanted & have) / len(wanted | have) if wanted else 0
        if shared > most:
            best, most = sentence, shared
    return best


def _words(text: str) -> list[str]:
    return re.findall(r"[^\W_]+", text.casefold())
