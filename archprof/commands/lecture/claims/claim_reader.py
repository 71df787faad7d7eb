"""The claims of a file: what is said about each, its kind, and its parts."""

from __future__ import annotations

import re

from archprof.commands.lecture.claims.claim_pieces import ClaimPieces
from archprof.commands.lecture.claims.document import Claim, Part
from archprof.commands.lecture.claims.keys import ABOUT, KINDS, SHAPES, SUBJECT
from archprof.commands.lecture.claims.quotation import read_from
from archprof.commands.lecture.claims.statement_reader import StatementReader
from archprof.commands.lecture.claims.table_reader import TableReader
from archprof.language.value import Value
from archprof.ops.base import shown
from archprof.problem import Mark, closest

ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.\-]{0,99}\Z")


def shapes_channels_last(pieces: ClaimPieces, value: Value | None, default: bool) -> bool:
    """Return whether shapes are written with their channels last."""
    written = pieces.choice(value, "shapes", SHAPES)
    return written == "HxWxC" if written else default


class ClaimReader:
    """Reads one claim, its shapes written as the file's unless it says otherwise."""

    def __init__(self, pieces: ClaimPieces, channels_last: bool, value: Value, has_text: bool):
        """`has_text`: the file names the text that its claims quote."""
        self.pieces, self.value, self.has_text = pieces, value, has_text
        given = value.data.get("shapes") if isinstance(value.data, dict) else None
        self.channels_last = shapes_channels_last(pieces, given, channels_last)
        self.statements = StatementReader(pieces, self.channels_last)

    def claim(self, key: str, mark: Mark) -> Claim:
        """Return the claim of this id, without parts where they cannot be read."""
        if not ID.match(key):
            self.pieces.complain(
                mark,
                "name",
                f"claim `{key[:100]}` is not an id, expected letters, digits, -, _ and dots",
            )
        called = f"claim `{key[:100]}`"
        kind = self._kind(self.value, called, mark)
        if kind is None:
            return Claim(key, mark, ())
        data = self.pieces.keys(self.value, (*ABOUT, *SUBJECT, *KINDS[kind]), called)
        defaults = {word: data[word] for word in SUBJECT if word in data}
        contradicts = self.pieces.names(data.get("contradicts"), "contradicts")
        if key in contradicts:
            self.pieces.complain(
                data["contradicts"].mark,
                "kind",
                f"{called} contradicts itself",
                "name the other claim",
            )
        about = {
            word: self.pieces.words(data.get(word), f"`{word}`")
            for word in ("slide", "says", "note", "likely", "instead")
        }
        return Claim(
            key,
            mark,
            tuple(self._parts(kind, data, defaults, called, mark)),
            tuple(self._named_parts("also", data, defaults, called)),
            slide=about["slide"],
            says=about["says"],
            note=about["note"],
            likely=about["likely"],
            instead=about["instead"],
            contradicts=contradicts,
            channels_last=self.channels_last,
            aside=self.pieces.flag(data.get("aside"), "aside"),
        )

    def _kind(self, value: Value, called: str, mark: Mark) -> str | None:
        """Return the kind of a claim or part, None where it does not have exactly one."""
        if not isinstance(value.data, dict):
            self.pieces.complain(
                value.mark, "kind", f"{called} is {shown(value.plain())}, expected a mapping"
            )
            return None
        kinds = [kind for kind in KINDS if kind in value.data]
        if len(kinds) == 1:
            return kinds[0]
        if kinds:
            found, hint = " and ".join(f"`{k}`" for k in kinds), "`parts` holds several statements"
        else:
            found, hint = "none of them", _kind_hint(value)
        known = ", ".join(f"`{kind}`" for kind in KINDS)
        self.pieces.complain(mark, "kind", f"{called} needs one of {known}, found {found}", hint)
        return None

    def _parts(
        self, kind: str, data: dict[str, Value], defaults: dict[str, Value], called: str, mark: Mark
    ) -> list[Part]:
        recorded = self.pieces.verdict(data.get("verdict"))
        if kind == "table":
            return TableReader(self.statements).parts(data["table"], defaults, called, recorded)
        if kind == "parts":
            return self._named_parts("parts", data, defaults, called)
        statement = self.statements.statement(kind, data, defaults, called, mark)
        reads = read_from(self.pieces, kind, data, _quotation(data), self.has_text)
        return [] if statement is None else [Part("", statement, recorded, mark, reads)]

    def _named_parts(
        self, key: str, data: dict[str, Value], defaults: dict[str, Value], called: str
    ) -> list[Part]:
        """Return the statements of a claim by their names; `key` is `parts` or `also`."""
        if key not in data:
            return []
        parts = data[key]
        recorded = self.pieces.verdict(data.get("verdict"))
        if parts.data in (None, {}):
            self.pieces.complain(
                parts.mark,
                "missing",
                f"`{key}` of {called} is empty",
                "{conv1: {of: …, stated: …}, conv2: {of: …, stated: …}}",
            )
        found = []
        says = _quotation(data) if key == "parts" else None  # what is checked beside is not quoted
        for name, item in self.pieces.mapping(parts, f"`{key}` of {called}").items():
            inner = f"{called}, part `{name[:100]}`"
            part = self._part(item, defaults, inner, (parts.keys or {})[name], says)
            if part is not None:
                found.append(part._replace(label=name, recorded=part.recorded or recorded))
        return found

    def _part(
        self,
        item: Value,
        defaults: dict[str, Value],
        called: str,
        mark: Mark,
        says: str | None,
    ) -> Part | None:
        """Return one of the statements of a claim, None where it cannot be read."""
        kind = self._kind(item, called, mark)
        if kind is None:
            return None
        if kind in ("parts", "table"):
            self.pieces.complain(
                mark,
                "kind",
                f"{called} has `{kind}`, which cannot be inside a part",
                "make it a claim of its own",
            )
            return None
        data = self.pieces.keys(item, ("verdict", *SUBJECT, *KINDS[kind]), called)
        below = defaults | {word: data[word] for word in SUBJECT if word in data}
        statement = self.statements.statement(kind, data, below, called, mark)
        verdict = self.pieces.verdict(data.get("verdict"))
        reads = read_from(self.pieces, kind, data, says, self.has_text)
        return None if statement is None else Part("", statement, verdict, mark, reads)


def _quotation(data: dict[str, Value]) -> str | None:
    """Return the words that a claim quotes, in which its figures must be; None without any."""
    says = data["says"].data if "says" in data else None
    return says if isinstance(says, str) and says else None


def _kind_hint(value: Value) -> str:
    """Return the way out for a claim that has no kind."""
    for key in value.data:
        meant = "" if key in (*ABOUT, *SUBJECT) else closest(key, KINDS)
        if meant:
            return f"did you mean `{meant}`?"
    return "`of` with `stated` is the usual one"
