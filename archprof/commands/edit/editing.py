"""A spec's text changed entry by entry; everything else stays as it is written.

A path is the keys that lead to an entry.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from typing import Any, NamedTuple

import yaml

_Loader = getattr(yaml, "CLoader", yaml.Loader)

Path = tuple[str, ...]


class _Entry(NamedTuple):
    """A key and its value in the mapping `around`, by their nodes."""

    path: Path
    key: Any
    value: Any
    around: Any


def _entries(node: Any, path: Path = ()) -> Iterator[_Entry]:
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            yield _Entry((*path, key.value), key, value, node)
            yield from _entries(value, (*path, key.value))


def _entry(text: str, path: Path) -> _Entry | None:
    return next(
        (entry for entry in _entries(yaml.compose(text, Loader=_Loader)) if entry.path == path),
        None,
    )


def value(text: str, *path: str) -> str | None:
    """The text of an entry's value, moved to the left margin where it runs over lines; None
    where there is no such entry.
    """
    found = _entry(text, path)
    if found is None:
        return None
    rows = (
        " " * found.value.start_mark.column
        + text[found.value.start_mark.index : found.value.end_mark.index]
    ).split("\n")
    # what stands above the next entry
    while rows and (not rows[-1].strip() or rows[-1].lstrip().startswith("#")):
        rows.pop()
    return textwrap.dedent("\n".join(rows))


def with_value(text: str, new: str, *path: str) -> str:
    """The text with another value for an entry that it has, of one line."""
    found = _entry(text, path)
    if found is None:
        raise KeyError(path)
    end = found.key.end_mark.index
    colon = text.index(":", end) + 1
    return f"{text[:end]}: {new}{text[max(colon, found.value.end_mark.index) :]}"


def without(text: str, *path: str) -> str:
    """The text without an entry, the comments right above it, and what it leaves empty around
    it.
    """
    found = _entry(text, path)
    if found is None:
        return text
    others = [key for key, _ in found.around.value if key is not found.key]
    if not others and len(path) > 1:
        return without(text, *path[:-1])
    if found.around.flow_style:
        after = next(
            (key for key in others if key.start_mark.index > found.key.start_mark.index), None
        )
        if after is not None:
            return text[: found.key.start_mark.index] + text[after.start_mark.index :]
        last = max(
            (value for key, value in found.around.value if key is not found.key),
            key=lambda node: node.end_mark.index,
        )
        return text[: last.end_mark.index] + text[found.value.end_mark.index :]
    first, end = lines_of(text, *path)
    rows = text.split("\n")
    return "\n".join(rows[:first] + rows[end:])


def lines_of(text: str, *path: str) -> tuple[int, int]:
    """The first line of an entry of a block mapping, comments right above it included, and the
    line behind its last, both from 0.
    """
    found = _entry(text, path)
    if found is None:
        raise KeyError(path)
    rows = text.split("\n")
    column = found.key.start_mark.column
    following = [
        key.start_mark.line
        for key, _ in found.around.value
        if key.start_mark.line > found.key.start_mark.line
    ]
    end = _above(rows, min(following), column) if following else found.around.end_mark.line
    while (
        not following
        and rows[end - 1].lstrip()[:1] in ("", "#")
        and not rows[end - 1].startswith(" " * column + "#")
    ):
        end -= 1
    return _above(rows, found.key.start_mark.line, column), end


def _above(rows: list[str], line: int, column: int) -> int:
    """The first of the comment lines that stand right above a line, in its column."""
    while line and rows[line - 1].startswith(" " * column + "#"):
        line -= 1
    return line


def at(text: str, line: int, column: int) -> Path | None:
    """The path of the entry whose key or value stands at this place, both counted from 1."""
    place = line - 1, column - 1
    entries = list(_entries(yaml.compose(text, Loader=_Loader)))
    # a mapping begins where its first key does
    marked = [(entry.key, entry) for entry in entries] + [(entry.value, entry) for entry in entries]
    return next(
        (
            entry.path
            for node, entry in marked
            if (node.start_mark.line, node.start_mark.column) == place
        ),
        None,
    )


def without_comment(text: str, line: int, column: int) -> str:
    """The text without the comment at this place, counted from 1, and without its line where it
    has that to itself.
    """
    rows = text.split("\n")
    rest = rows[line - 1][: column - 1].rstrip()
    return "\n".join([*rows[: line - 1], *([rest] if rest else []), *rows[line:]])
