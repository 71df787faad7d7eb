"""Verdicts written into a file of claims, everything else as it was."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from archprof.commands.edit import editing
from archprof.commands.lecture.claims.document import Claim, Lecture, Part
from archprof.commands.lecture.claims.drafts import is_draft
from archprof.commands.lecture.claims.reader import read_lecture
from archprof.commands.lecture.deciding.decision import JudgedClaim
from archprof.commands.lecture.deciding.verdicts import DIFFERS, NOT_RUN
from archprof.commands.lecture.writing.wording import decision_text
from archprof.language.text import with_lines
from archprof.language.writing.literals import quoted
from archprof.problem import Mark, Problem, ProblemError

LAST = ("note", "likely", "contradicts", "aside", "also")
"""Words of a claim that stand behind its verdict."""


def recorded_text(lecture: Lecture, judged: Sequence[JudgedClaim]) -> str:
    """Return the file's text with the verdict on every statement, and the likeliest cause.

    Of a claim in several parts, or a table, the commonest verdict is the claim's and the others
    those of their parts, rows and cells. What was not run, or is a draft yet, keeps what is
    recorded. Raises ProblemError where a verdict cannot be written.
    """
    places, scalars = editing.places(lecture.text), editing.scalars(lecture.text)
    changes: dict[editing.Path, str] = {}
    for one in judged:
        words = {
            places[part.mark.line, part.mark.column]: word
            for part, word in zip(_parts(one.claim), _words(one), strict=True)
        }
        changes |= {path: text for path, text in _verdicts(one.claim, words, scalars)}
        changes |= {path: quoted(cause) for path, cause in _likely(one)}
    text = editing.with_entries(lecture.text, changes, LAST)
    _check(lecture, text, judged)
    return text


def _parts(claim: Claim) -> tuple[Part, ...]:
    """Return the statements of a claim, archprof's own checks behind those of the lecture."""
    return (*claim.parts, *claim.also)


def _words(judged: JudgedClaim) -> list[str]:
    """Return the verdict to record on each statement, "" for none."""
    if is_draft(judged.claim):
        return [decision.recorded for decision in judged.everything]
    return [
        decision.recorded if decision.verdict.kind == NOT_RUN else decision.verdict.word
        for decision in judged.everything
    ]


def _verdicts(
    claim: Claim, words: Mapping[editing.Path, str], scalars: Mapping[editing.Path, str]
) -> Iterator[tuple[editing.Path, str]]:
    """Yield the verdicts that are to be written: the claim's, then those that are others."""
    path = ("claims", claim.id)
    given = scalars.get((*path, "verdict"), "")
    common = words[path] if path in words else _commonest(list(words.values()), given)
    if common != given:
        yield (*path, "verdict"), quoted(common)
    owners: dict[editing.Path, dict[str, str]] = {}
    for place, word in words.items():
        in_table = place[2:3] == ("table",)
        owner = place[:-1] if in_table else place  # a row has several cells
        owners.setdefault(owner, {})[place[-1]] = word
    for owner, cells in owners.items():
        if owner != path:
            yield from _of_owner(owner, cells, common, scalars)


def _of_owner(
    owner: editing.Path,
    cells: Mapping[str, str],
    common: str,
    scalars: Mapping[editing.Path, str],
) -> Iterator[tuple[editing.Path, str]]:
    """Yield the verdict of a part or a row where it is not the claim's, and those of cells."""
    given = scalars.get((*owner, "verdict"), common)
    recorded = {name: scalars.get((*owner, "verdicts", name)) for name in cells}
    rest = [word for name, word in cells.items() if not recorded[name]]
    own = _commonest(rest or list(cells.values()), given)
    if own != given:
        yield (*owner, "verdict"), quoted(own)
    single = {name: word for name, word in cells.items() if word != own or recorded[name]}
    if any(recorded[name] != word for name, word in single.items()):
        written = ", ".join(f"{name}: {quoted(word)}" for name, word in single.items())
        yield (*owner, "verdicts"), f"{{{written}}}"


def _commonest(words: Sequence[str], given: str) -> str:
    """Return the verdict given where it is one of these, and otherwise the commonest of them.

    It is "" where one of them is to have none.
    """
    if given in words or "" in words:
        return given if given in words else ""
    return Counter(words).most_common(1)[0][0]


def _likely(judged: JudgedClaim) -> Iterator[tuple[editing.Path, str]]:
    """Yield the likeliest cause of the only statement that differs, unless one is recorded."""
    wrong = [decision for decision in judged.decisions if decision.verdict.kind == DIFFERS]
    causes = decision_text(wrong[0]).causes if len(wrong) == 1 else ()
    if causes and judged.claim.likely not in causes:
        yield ("claims", judged.claim.id, "likely"), causes[0]


def _check(lecture: Lecture, text: str, judged: Sequence[JudgedClaim]) -> None:
    """Raise ProblemError where the text does not record every verdict: an alias has no place."""
    hint = "write `verdict:` by hand, or what an alias (*name) stands for in its place"
    try:
        again = read_lecture(text, lecture.path, lecture.file)
    except ProblemError:
        raise ProblemError.of(
            Mark(lecture.file), "claim", "has no place for verdicts", hint
        ) from None
    for one in judged:
        parts = _parts(again.claims[one.claim.id])
        if [part.recorded for part in parts] != _words(one):
            message = f"claim `{one.claim.id}` has no place for its verdict"
            problem = Problem(one.claim.mark, "claim", message, hint)
            raise ProblemError(with_lines([problem], {lecture.file: lecture.text}))
