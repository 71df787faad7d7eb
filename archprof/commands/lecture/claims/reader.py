"""A file of claims as a Lecture: every structural fault is found here, at once and in its place."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from archprof.commands.lecture.claims.claim_pieces import ClaimPieces
from archprof.commands.lecture.claims.claim_reader import ID, ClaimReader, shapes_channels_last
from archprof.commands.lecture.claims.document import Claim, Lecture, NotClaims
from archprof.commands.lecture.claims.keys import NAMED, NOT_CLAIM, TOP
from archprof.commands.lecture.claims.quoted_text import with_places
from archprof.language.source import parse
from archprof.language.text import read, with_lines
from archprof.language.value import Value
from archprof.ops.base import shown
from archprof.problem import Mark, Problem, ProblemError, Problems

NEEDS = (
    "a file of claims has at least `lecture`, its short name, and `claims`, the statements by"
    " their ids"
)


def load_lecture(path: Path, name: str | None = None) -> Lecture:
    """Return the claims in a file, called `name` in messages.

    Raises ProblemError with everything that is wrong with it.
    """
    if path.is_dir():
        raise ProblemError(
            [
                Problem(
                    Mark(name or str(path)),
                    "file",
                    "a directory, expected a file of claims",
                    "give the path of a .yaml file in it",
                )
            ]
        )
    text, name = read(path, name)
    return read_lecture(text, path, name)


def read_lecture(text: str, path: Path, name: str) -> Lecture:
    """Return the claims of a text that is the file's, called `name` in messages.

    Raises ProblemError with everything that is wrong with it.
    """
    found = Problems()
    value = parse(text, name, found, ("a file of claims", NEEDS))
    if not isinstance(value.data, dict) or not value.data.keys() & {"lecture", "claims"}:
        is_spec = isinstance(value.data, dict) and value.data.keys() & {"layers", "blocks"}
        hint = "this is a spec: `archprof check` reads it" if is_spec else NEEDS
        problem = Problem(value.mark, "kind", "this is not a file of claims", hint)
        raise ProblemError(with_lines([*found, problem], {name: text}))
    lecture = _lecture(ClaimPieces(text, found), value, path, name, text)
    if found:
        raise ProblemError(with_lines(found, {name: text}))
    return lecture


def _lecture(pieces: ClaimPieces, value: Value, path: Path, file: str, text: str) -> Lecture:
    data = pieces.keys(value, TOP, "a file of claims")
    for key in ("lecture", "claims"):
        pieces.required(data, key, "a file of claims", value.mark, NEEDS)
    name = pieces.text(data.get("lecture"), "`lecture`")
    if name and not ID.match(name):
        pieces.complain(
            data["lecture"].mark,
            "name",
            f"`lecture` is {shown(name)}, expected letters, digits, -, _ and dots",
            "its full name is its `title`",
        )
    channels_last = shapes_channels_last(pieces, data.get("shapes"), False)
    networks = pieces.mapping(data.get("networks"), "`networks`")
    for own, item in networks.items():
        _check_own_network(pieces, own, item, networks)
    claims = _claims(pieces, data, channels_last)
    if "text" in data:
        claims = with_places(pieces, data["text"], path, claims)
    return Lecture(
        path,
        file,
        text,
        name,
        pieces.text(data.get("title"), "`title`"),
        pieces.text(data.get("source"), "`source`"),
        channels_last,
        claims,
        networks,
        tuple(_not_claims(pieces, data.get("not_claims"))),
    )


def _not_claims(pieces: ClaimPieces, value: Value | None) -> Iterator[NotClaims]:
    """Yield the quotations that are not claims, each with the reason."""
    example = "- {quote: ILSVRC'15 classification winner, why: a result, not a network's cost}"
    if value is None:
        return
    if not isinstance(value.data, list):
        message = f"`not_claims` is {shown(value.plain())}, expected a list"
        pieces.complain(value.mark, "kind", message, example)
        return
    for item in value.data:
        entry = pieces.keys(item, NOT_CLAIM, "an entry of `not_claims`")
        for key in NOT_CLAIM:
            pieces.required(entry, key, "an entry of `not_claims`", item.mark, example)
        quotes = pieces.names(entry.get("quote"), "quote")
        yield NotClaims(quotes, pieces.text(entry.get("why"), "`why`"), item.mark)


def _claims(pieces: ClaimPieces, data: dict[str, Value], channels_last: bool) -> dict[str, Claim]:
    """Return the claims of a file by their ids."""
    claims = {}
    for key, item in pieces.mapping(data.get("claims"), "`claims`").items():
        mark = (data["claims"].keys or {})[key]
        reader = ClaimReader(pieces, channels_last, item, has_text="text" in data)
        claims[key] = reader.claim(key, mark)
    if "claims" in data and not claims and not pieces.problems:
        pieces.complain(
            data["claims"].mark,
            "missing",
            "there are no claims",
            "A-01: {of: {network: alexnet, quantity: params}, stated: 60M}",
        )
    return claims


def _check_own_network(
    pieces: ClaimPieces, name: str, item: Value, networks: dict[str, Value]
) -> None:
    """Record what is wrong with one of the file's own networks.

    It is conditions on another network, or a spec, which is read when a claim names it.
    """
    called = f"network `{name}`"
    data = pieces.keys(item, NAMED, called)
    if item.data is None or (
        isinstance(item.data, dict) and ("network" in data) == ("spec" in data)
    ):
        pieces.complain(
            item.mark,
            "kind",
            f"{called} needs one of `network` and `spec`",
            "{network: alexnet, input: 3x224x224}, or a spec written out",
        )
    elif "spec" in data:
        for key in ("input", "set"):
            if key in data:
                pieces.complain(
                    (item.keys or {})[key],
                    "kind",
                    f"{called} has a `spec`, and `{key}` beside it",
                    "the spec itself says that",
                )
    elif "network" in data:
        base = pieces.text(data["network"], "`network`")
        if base in networks and base != name:
            pieces.complain(
                data["network"].mark,
                "kind",
                f"{called} is made from `{base}`, another of the file's own",
                "name a shipped network, or a file",
            )
        pieces.shape_of(data.get("input"))
        pieces.mapping(data.get("set"), "`set`")
