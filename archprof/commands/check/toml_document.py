"""A configuration in TOML with the places of its keys, which Python's reader does not keep."""

from __future__ import annotations

import re
import tomllib
from typing import Any, NoReturn

from archprof.language.text import lines
from archprof.problem import Mark, Problem, ProblemError

Keys = tuple[str | int, ...]  # keys from the top; an array of tables counts its tables from 0

MOST_BYTES = 250_000  # of a file that speaks of archprof
MAX_PARTS = 16  # of a dotted key: Python's reader takes time and memory by their square
MAX_INTEGER = 2**63  # as TOML has it

_HEADER = re.compile(r"\s*(\[\[?)([^\[\]]+)\]")
_KEY = re.compile(
    r"""\s*((?:[A-Za-z0-9_-]+|"[^"]*"|'[^']*')(?:\s*\.\s*(?:[A-Za-z0-9_-]+|"[^"]*"|'[^']*'))*)\s*="""
)
# longer ones are too few to matter
_PART = r"""(?:[A-Za-z0-9_-]++|"(?:[^"\\\n]|\\.){0,200}+"|'[^'\n]{0,200}+')"""
_DEEP = re.compile(rf"""(?<![A-Za-z0-9_-]){_PART}(?:[ \t]*+\.[ \t]*+{_PART}){{{MAX_PARTS}}}""")
_PARTS = re.compile(_PART)
_DIGITS = re.compile(r"[0-9][0-9_]{4000}")  # Python converts no more than 4,300
_AT = re.compile(r" \(at (?:line (\d+), column (\d+)|end of document)\)\Z")


class TomlDocument:
    """The data of a TOML text, and the place of each key that begins a line."""

    def __init__(self, text: str, name: str):
        """Raise ProblemError where the text is not TOML, or beyond what a configuration needs."""
        self.name, self.rows = name, lines(text)
        self._refuse_what_takes_long(text)
        try:
            self.data: dict[str, Any] = tomllib.loads(text)
        except (tomllib.TOMLDecodeError, RecursionError) as error:
            message = str(error)
            at = _AT.search(message)
            if at and at[1]:
                mark = Mark(name, int(at[1]), int(at[2]))
            else:  # the end of the last line that is not empty; an empty text has no fault
                last = max(n for n, row in enumerate(self.rows) if row.strip())
                mark = Mark(name, last + 1, len(self.rows[last]) + 1)
            message = _AT.sub("", message)
            if isinstance(error, RecursionError):
                message = "nested too deep"
            self.refuse(mark, f"not valid TOML: {message[:1].lower()}{message[1:]}")
        self.places: dict[Keys, Mark] = {}
        self._find()

    def mark(self, *path: str | int) -> Mark:
        """Return the place of a key; where that is unknown, the place of its table."""
        while path:
            if path in self.places:
                return self.places[path]
            path = path[:-1]
        return Mark(self.name)

    def row(self, mark: Mark) -> str:
        """Return the line at a place, "" for the file as a whole."""
        return self.rows[mark.line - 1] if 0 < mark.line <= len(self.rows) else ""

    def problem(self, mark: Mark, message: str, hint: str = "") -> Problem:
        """Return a problem with the line it is about."""
        return Problem(mark, "config", message, hint, source_line=self.row(mark))

    def refuse(self, mark: Mark, message: str) -> NoReturn:
        raise ProblemError([self.problem(mark, message)])

    def _refuse_what_takes_long(self, text: str) -> None:
        """Refuse what Python's reader would take long for, or fail at.

        A comment or a string that looks like it is refused as well.
        """
        for pattern, what in (
            (_DEEP, f"a key of more than {MAX_PARTS} parts"),
            (_DIGITS, "a number of more than 4,000 digits"),
        ):
            if found := pattern.search(text):
                before = text[: found.start()]
                self.refuse(
                    Mark(self.name, before.count("\n") + 1, found.start() - before.rfind("\n")),
                    what,
                )

    def refuse_large_integers(self, top: Keys, data: Any) -> None:
        """Raise ProblemError for a number beyond TOML's range, which Python may not even print."""
        waiting = [(top, data)]
        while waiting:
            path, value = waiting.pop()
            if isinstance(value, dict):
                waiting += [((*path, key), inner) for key, inner in value.items()]
            elif isinstance(value, list):
                waiting += [((*path, number), inner) for number, inner in enumerate(value)]
            elif isinstance(value, int) and abs(value) >= MAX_INTEGER:
                self.refuse(self.mark(*path), f"`{path[-1]}` is a number of more than 64 bits")

    def _find(self) -> None:
        table: Keys = ()
        counts: dict[Keys, int] = {}
        for number, row in enumerate(self.rows, 1):
            if header := _HEADER.match(row):
                table = self._numbered(_keys(header[2]), counts)
                if header[1] == "[[":
                    counts[table] = counts.get(table, -1) + 1
                    table = (*table, counts[table])
                self.places.setdefault(table, Mark(self.name, number, header.start(1) + 1))
            elif key := _KEY.match(row):
                self.places.setdefault(
                    (*table, *_keys(key[1])), Mark(self.name, number, key.start(1) + 1)
                )

    @staticmethod
    def _numbered(keys: Keys, counts: dict[Keys, int]) -> Keys:
        """Return keys with the number of the current table of each array of tables on the way."""
        path: Keys = ()
        for i, key in enumerate(keys):
            path = (*path, key)
            if path in counts and i < len(keys) - 1:
                path = (*path, counts[path])
        return path


def _keys(text: str) -> Keys:
    """Return the keys of `a."b.c"`."""
    parts = _PARTS.findall(text)
    if any("\\" in part for part in parts):  # an escape, which is rare
        return (text,)
    return tuple(part.strip(part[0]) if part[0] in "\"'" else part for part in parts)
