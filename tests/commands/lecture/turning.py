"""A shipped file of claims with every statement of one kind changed, to see each verdict turn."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from pathlib import Path

from archprof.commands.lecture.claims.document import (
    Every,
    Experiment,
    Law,
    Lecture,
    Modules,
    NotModelled,
    Order,
    Published,
    Series,
    Stated,
    Undecidable,
)
from archprof.commands.lecture.claims.reader import load_lecture
from archprof.commands.lecture.deciding.decision import Decision, Witnesses
from archprof.commands.lecture.deciding.judge import judge
from archprof.commands.lecture.deciding.subjects import Subjects
from archprof.commands.lecture.deciding.verdicts import DIFFERS
from archprof.commands.lecture.writing.wording import decision_text
from archprof.language.shipped_folder import specs_folder

FOLDER = specs_folder() / "lectures"
Key = tuple[str, str]  # claim and label of its part


def findings(
    lecture: Lecture, witnesses: Witnesses | None = None, only: frozenset[Key] | None = None
) -> dict[Key, Decision]:
    """What is decided of every statement, or of those named."""
    subjects = Subjects(lecture)
    claims = [
        claim
        for claim in lecture.claims.values()
        if only is None or any(claim.id == of for of, _ in only)
    ]
    return {
        (claim.id, f.label): f
        for claim in claims
        for f in judge(lecture, claim, subjects, witnesses or Witnesses()).everything
    }


@cache
def shipped(name: str) -> Lecture:
    return load_lecture(FOLDER / name)


@cache
def decided(name: str) -> dict[Key, Decision]:
    return findings(shipped(name))


def differing(name: str) -> dict[str, list[str]]:
    """The statements of a lecture's that differ, by claim, without archprof's own beside them."""
    found: dict[str, list[str]] = {}
    for claim in shipped(name).claims.values():
        labels = [
            part.label
            for part in claim.parts
            if decided(name)[claim.id, part.label].verdict.word == DIFFERS
        ]
        if labels:
            found[claim.id] = labels
    return found


def of_kind(name: str, kind: type) -> frozenset[Key]:
    """The statements of one kind in a shipped file."""
    return frozenset(
        (claim.id, part.label)
        for claim in shipped(name).claims.values()
        for part in (*claim.parts, *claim.also)
        if isinstance(part.statement, kind)
    )


_QUOTATION = re.compile(
    r"""^[ ]{4}says:[ ].*\n(?:[ ]{6,}.*\n)*  # of a claim in lines
    |[ ]says:[ ](?:"[^"]*"|[^,}]*),  # of one in braces
    |,[ ]reads:[ ](?:"[^"]*"|[^,}]*)
    |^[ ]*reads:[ ].*\n
    """,
    re.MULTILINE | re.VERBOSE,
)


def unquoted(text: str) -> str:
    """The claims of a file as statements of nobody: a changed figure is not in the quotation."""
    return _QUOTATION.sub("", text)


def changed(name: str, folder: Path, change: Callable[[str], str]) -> Lecture:
    """A shipped file whose claims are rewritten; its networks stay."""
    head, mark, claims = (FOLDER / name).read_text(encoding="utf-8").partition("\nclaims:\n")
    copy = folder / name
    copy.write_text(head + mark + unquoted(change(claims)), encoding="utf-8")
    return load_lecture(copy)


def one_claim(claim: str, before: str, after: str) -> Callable[[str], str]:
    """A change of one place in one claim."""

    def change(text: str) -> str:
        found = re.search(
            rf"^  {re.escape(claim)}:.*?(?=^  [A-Z]|\Z)", text, re.MULTILINE | re.DOTALL
        )
        assert found is not None, claim
        assert found[0].count(before) == 1, (claim, before)
        return text[: found.start()] + found[0].replace(before, after) + text[found.end() :]

    return change


def _figures(text: str) -> str:
    """Every stated figure and cell of a table with another first digit."""
    return re.sub(
        r'\b(stated|shape|params|own_params|height|width): ("?[~-]?)(\d)',
        lambda m: f"{m[1]}: {m[2]}{(int(m[3]) + 3) % 9 + 1}",
        text,
    )


def _relations(text: str) -> str:
    """Every relation the other way round; of what is equal, that one is more."""
    other = {">": "<=", "<": ">=", "==": ">", "<=": ">", ">=": "<"}
    return re.sub(r'relation: "?([<>=]+)"?', lambda m: f'relation: "{other[m[1]]}"', text)


def _settings(text: str) -> str:
    """Every `is` with another value for its last setting, every `followed_by` with an op that no
    layer is followed by.
    """

    def another(found: re.Match[str]) -> str:
        key, value = found[2], found[3]
        if key == "op":
            return f"{found[1]}op: tanh}}"
        other: object = 1
        if value == "false":
            other = "true"
        elif value.isdigit():
            other = int(value) + 1
        return f"{found[1]}{key}: {other}}}"

    return re.sub(
        r"followed_by: \w+",
        "followed_by: tanh",
        re.sub(r"(\bis: \{(?:[^}]*, )?)(\w+): ([\w.]+)\}", another, text),
    )


def _modules(text: str) -> str:
    """Every list of modules with another op in the first place."""
    return re.sub(r"(\bare:\s*(?:\[|- ))\{[^}]*\}", r"\1{op: tanh}", text)


def _laws(text: str) -> str:
    """Every formula of a law one more."""
    return re.sub(r"formula: ([^,{}]+), (names|with|gives):", r"formula: (\1) + 1, \2:", text)


def _trends(text: str) -> str:
    """Every trend another one."""
    falling = re.sub(r"\bis: (linear|never rising|increasing)\b", "is: down", text)
    return re.sub(r"\bis: (constant|decreasing)\b", "is: increasing", falling).replace(
        "is: down", "is: decreasing"
    )


def _publications(text: str) -> str:
    """Every figure stated of a publication with another first digit, every word another, and every
    order of published values the other way round.
    """
    words = re.sub(
        r"(published: \{value: [A-Za-z][^{}]*\}, stated: )[^,}]+", r"\1something else", text
    )
    return _relations(_figures(words))


CHANGES: dict[type, Callable[[str], str]] = {
    Stated: _figures,
    Order: _relations,
    Every: _settings,
    Modules: _modules,
    Law: _laws,
    Series: _trends,
    Published: _publications,
}
"""How every statement of a kind is changed at once; experiments and what is not decided have
tests of their own.
"""


def unturned(name: str, kind: type, folder: Path) -> list[Key]:
    """The statements of a kind that are decided the same, by the same amount, after each has
    been changed.
    """
    keys = of_kind(name, kind)
    after = findings(changed(name, folder, CHANGES[kind]), only=keys)
    before = decided(name)
    return [
        key
        for key in keys
        if after[key].verdict.word == before[key].verdict.word
        and decision_text(after[key]).fault == decision_text(before[key]).fault
    ]


def kinds(name: str) -> set[type]:
    """The kinds of statements a shipped file has."""
    return {
        kind for kind in (*CHANGES, Experiment, Undecidable, NotModelled) if of_kind(name, kind)
    }
