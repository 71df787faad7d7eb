"""Letters as papers: one page of what to change and why, then everything that was checked."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from archprof import units
from archprof.commands.lecture.claims.document import Claim, Experiment, Lecture, Published, Stated
from archprof.commands.lecture.deciding.arithmetic import ARITHMETIC
from archprof.commands.lecture.deciding.contradictions import Contradiction
from archprof.commands.lecture.deciding.joint import JointExplanation
from archprof.commands.lecture.deciding.verdicts import (
    AS_PUBLISHED,
    DIFFERS,
    HOLDS,
    HOLDS_AS,
    NOT_MODELLED,
    NOT_RUN,
    ROUNDED,
    UNDECIDABLE,
)
from archprof.commands.lecture.letters.corrections import Correction, quoted
from archprof.commands.lecture.letters.letter import Letter, Unchecked, UnnamedReading
from archprof.commands.lecture.letters.plain_words import plain_words
from archprof.commands.lecture.writing.slide_names import names_in, with_slide_names
from archprof.commands.lecture.writing.statement_text import describe
from archprof.commands.lecture.writing.wording import decision_text, luck_text
from archprof.show.paper import Heading, Items, Part
from archprof.show.table import Table, TableColumn

MOST_BESIDE = 70
"""Characters of a sentence that stands beside another."""
MOST_SLIDES = 3
MOST_FIGURES = 4
"""Slides and figures that a line names; it counts the others."""
_COLUMNS = (
    TableColumn("Slide", right=False, wraps=True),
    TableColumn("You print", right=False, wraps=True),
    TableColumn("Should read", right=False, wraps=True),
    TableColumn("Why", right=False, wraps=True),
    TableColumn("Sure?", right=False),
)
_EVERYTHING = (
    TableColumn("Slide", right=False, wraps=True),
    TableColumn("Statement", right=False, wraps=True),
    TableColumn("As checked", right=False, wraps=True),
    TableColumn("It is", right=False, wraps=True),
    TableColumn("Verdict", right=False, wraps=True),
)


def letter_paper(letter: Letter, beside: Sequence[Lecture] = ()) -> list[Part]:
    """Return a letter: its page, and behind it every statement and every remark.

    `beside` are other lectures, whose claims notes may name by their ids.
    """
    places = _places(letter.lecture, beside)
    parts = [*_page(letter), *_appendix(letter)]
    return [_with_places(part, places) for part in parts]


def _page(letter: Letter) -> Iterator[Part]:
    lecture = letter.lecture
    yield Heading(lecture.title or lecture.id, 1)
    yield _greeting(letter)
    if letter.change:
        yield Heading("Change this")
        yield _corrections(letter.change)
    if letter.consider:
        yield Heading("Consider")
        yield _corrections(letter.consider)
    if letter.conventions:
        yield Heading("A matter of convention")
        yield Items([_convention(one) for one in letter.conventions])
    if letter.joint:
        yield Heading("What confirms each other")
        yield Items([_joint(one, letter) for one in letter.joint])
    if letter.contradictions:
        yield Heading("Where it reads otherwise")
        yield Items([_contradiction(pair, lecture) for pair in letter.contradictions])
    if letter.unchecked:
        yield Heading("What could not be checked")
        yield Items([_unchecked(one) for one in letter.unchecked])


def _greeting(letter: Letter) -> str:
    """Return what was checked, and how much of it is right."""
    counts = letter.counts
    found = [
        (counts[HOLDS], "right"),
        (counts[ROUNDED], "right as rounded"),
        (counts[AS_PUBLISHED], "as published"),
        (counts[HOLDS_AS], "right by a convention that is not named"),
        (counts[DIFFERS], "not so"),
        (
            counts[UNDECIDABLE] + counts[NOT_MODELLED] + counts[NOT_RUN],
            "beyond what could be checked",
        ),
    ]
    listed = [f"{count} {'is' if count == 1 else 'are'} {what}" for count, what in found if count]
    claims = units.number_of(len(letter.judged), "place")
    return (
        f"Dear colleague, we worked out {counts.total()} figures and statements in {claims} of"
        f" this text again, each from the network itself: {_in_words(listed)}."
    )


def _in_words(texts: Sequence[str]) -> str:
    if len(texts) < 2:
        return "".join(texts)
    return f"{', '.join(texts[:-1])} and {texts[-1]}"


def _corrections(corrections: Sequence[Correction]) -> Table:
    rows = [
        [_slide(one.claim), one.prints, one.reads, one.why, "sure" if one.sure else "likely"]
        for one in corrections
    ]
    return Table(_COLUMNS, rows)


def _short(lecture: Lecture) -> str:
    """Return a lecture's title up to its first comma."""
    return (lecture.title or lecture.id).partition(",")[0]


def _slide(claim: Claim) -> str:
    """Return the slide that a claim names, or its line in the text; "" where neither is known."""
    return claim.slide or (f"line {claim.line}" if claim.line else "")


def _place(claim: Claim) -> str:
    """Return where a claim is, as a sentence names it: a slide, or the words that are there."""
    stated = (describe(part.statement) for part in claim.parts)
    return _slide(claim) or quoted(claim.says, MOST_BESIDE) or next(filter(None, stated), "a claim")


def _convention(convention: UnnamedReading) -> str:
    """Return a reading as a sentence: what your figures count."""
    listed = units.some(convention.figures, MOST_FIGURES)
    throughout = " throughout" if convention.throughout else ""
    if convention.reading == ARITHMETIC["macs"]:
        return f"Your FLOPs are multiply-adds{throughout} ({listed})."
    joint = "" if convention.reading.startswith(("with", "at ", "for ", "in ")) else "as "
    return f"Right{throughout} {joint}{convention.reading}: {listed}."


def _joint(joint: JointExplanation, letter: Letter) -> str:
    """Return one slip as a sentence, with the figures that it explains and their places."""
    places = {claim.id: _named(claim) for claim in letter.lecture.claims.values()}
    names: dict[str, str] = {}
    claims = {figure.claim for figure in joint.figures}
    for subjects, one in letter.judged:
        if one.claim.id in claims:
            for part in one.claim.parts:
                names |= names_in(part.statement, subjects)
    figures, follow = (
        _in_words([f"{one.printed} ({places.get(one.claim, one.claim)})" for one in listed])
        for listed in (joint.figures, joint.following)
    )
    slip = with_slide_names(f"{joint.network} {joint.move}", names)
    rest = f"; {follow} {'follow' if len(joint.following) > 1 else 'follows'}" if follow else ""
    return f"{figures} have one explanation: {slip}{rest} ({luck_text(joint.luck)})."


def _contradiction(pair: Contradiction, lecture: Lecture) -> str:
    """Return what two places print of one thing; another lecture is named."""
    sides = [(pair.first, pair.stated[0]), (pair.second, pair.stated[1])]
    if pair.first[0] is not lecture:
        sides.reverse()
    texts = []
    for unnamed, ((of, claim), stated) in zip(("One place", "another"), sides, strict=True):
        of_another = [] if of is lecture else [_short(of)]
        where = " of ".join(filter(None, (_slide(claim), *of_another)))
        texts.append(f"{where or unnamed} has {stated or quoted(claim.says, MOST_BESIDE)}")
    return f"{', but '.join(texts)}."


def _unchecked(unchecked: Unchecked) -> str:
    slides = list(dict.fromkeys(map(_place, unchecked.claims)))
    shown = "; ".join(slides[:MOST_SLIDES])
    more = len(slides) - MOST_SLIDES
    listed = f"{shown}; {units.number_of(more, 'other slide')}" if more > 0 else shown
    return f"{unchecked.why or 'not decided'} ({listed})"


# --- everything ---


def _appendix(letter: Letter) -> Iterator[Part]:
    yield Heading("Everything that was checked", page=True)
    rows = list(_statements(letter))
    yield Table(_EVERYTHING, rows)
    remarks = [one.claim for _, one in letter.judged if one.claim.note]
    if remarks:
        yield Heading("Remarks")
        yield Items([f"{_place(claim)}: {claim.note}" for claim in remarks])


def _statements(letter: Letter) -> Iterator[list[str]]:
    """Yield each statement: its slide where that is another one, and what became of it."""
    before = None
    for subjects, one in letter.judged:
        for part, decision in zip(one.claim.parts, one.decisions, strict=True):
            names = names_in(part.statement, subjects)
            text = decision_text(decision)
            what = decision.label or quoted(one.claim.says)
            found = text.analysis or text.torch
            slide = "" if before == _slide(one.claim) else _slide(one.claim)
            before = _slide(one.claim)
            found = plain_words(with_slide_names(found, names)) or text.published
            stated = with_slide_names(text.stated, names)
            if not isinstance(part.statement, (Stated, Experiment, Published)):
                stated = plain_words(stated)
            yield [slide, what, stated, found, with_slide_names(decision.verdict.word, names)]


# --- names of claims ---


def _places(lecture: Lecture, beside: Sequence[Lecture]) -> dict[str, str]:
    """Return where each claim is, by its id, which no reader knows."""
    places = {
        claim.id: f"{_named(claim)} of {_short(other)}"
        for other in beside
        for claim in other.claims.values()
    }
    return places | {claim.id: _named(claim) for claim in lecture.claims.values()}


def _named(claim: Claim) -> str:
    return f"“{claim.slide}”" if claim.slide else _place(claim)


_ID = re.compile(r"(?<![\w-])[A-Za-z0-9][\w.]*-[0-9]+(?![\w-])")


def _with_places(part: Part, places: Mapping[str, str]) -> Part:
    """Return a part with places for ids of claims."""

    def named(text: str) -> str:
        return _ID.sub(lambda found: places.get(found[0], found[0]), text)

    if isinstance(part, Table):
        return part._replace(rows=[[named(cell) for cell in row] for row in part.rows])
    if isinstance(part, Items):
        return Items([named(text) for text in part.texts])
    return part if isinstance(part, Heading) else named(part)
