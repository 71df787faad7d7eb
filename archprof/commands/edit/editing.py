"""Change a spec's text entry by entry; everything else stays as it is written.

The path of an entry is the keys that lead to it, in a list the item's number from 0.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from typing import Any, NamedTuple

import yaml

_Loader = getattr(yaml, "CLoader", yaml.Loader)

Path = tuple[str, ...]


class _KeyAndValue(NamedTuple):
    """The nodes of a key and its value, and of the mapping `around` them."""

    path: Path
    key: Any
    value: Any
    around: Any


def _entries(node: Any, path: Path = ()) -> Iterator[_KeyAndValue]:
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            yield _KeyAndValue((*path, key.value), key, value, node)
            yield from _entries(value, (*path, key.value))
    elif isinstance(node, yaml.SequenceNode):
        for number, item in enumerate(node.value):
            yield from _entries(item, (*path, str(number)))


def _entry(text: str, path: Path) -> _KeyAndValue | None:
    entries = _entries(yaml.compose(text, Loader=_Loader))
    return next((entry for entry in entries if entry.path == path), None)


def value(text: str, *path: str) -> str | None:
    """Return the text of an entry's value, None where there is no such entry.

    Text over several lines is moved to the left margin.
    """
    found = _entry(text, path)
    if found is None:
        return None
    start, end = found.value.start_mark, found.value.end_mark
    rows = (" " * start.column + text[start.index : end.index]).split("\n")
    # comments above the next entry
    while rows and (not rows[-1].strip() or rows[-1].lstrip().startswith("#")):
        rows.pop()
    return textwrap.dedent("\n".join(rows))


def with_value(text: str, new: str, *path: str) -> str:
    """Return the text with another value, of one line, for an entry.

    Raises KeyError where there is no such entry.
    """
    found = _entry(text, path)
    if found is None:
        raise KeyError(path)
    end = found.key.end_mark.index
    colon = text.index(":", end) + 1
    return f"{text[:end]}: {new}{text[max(colon, found.value.end_mark.index) :]}"


def without(text: str, *path: str) -> str:
    """Return the text without an entry and the comments right above it.

    A mapping that would be empty goes with it.
    """
    found = _entry(text, path)
    if found is None:
        return text
    others = [key for key, _ in found.around.value if key is not found.key]
    if not others and len(path) > 1:
        return without(text, *path[:-1])
    if found.around.flow_style:
        return _without_in_flow(text, found)
    first, end = lines_of(text, *path)
    rows = text.split("\n")
    return "\n".join(rows[:first] + rows[end:])


def _without_in_flow(text: str, entry: _KeyAndValue) -> str:
    """Return the text without an entry between braces, which is not the only one there."""
    start = entry.key.start_mark.index
    others = [(key, value) for key, value in entry.around.value if key is not entry.key]
    following = [key.start_mark.index for key, _ in others if key.start_mark.index > start]
    if following:
        return text[:start] + text[following[0] :]
    end_of_last = max(value.end_mark.index for _, value in others)
    return text[:end_of_last] + text[entry.value.end_mark.index :]


def lines_of(text: str, *path: str) -> tuple[int, int]:
    """Return the first line of an entry of a block mapping and the line behind its last, from 0.

    Comments right above the entry belong to it. Raises KeyError where there is no such entry.
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
    first = _above(rows, found.key.start_mark.line, column)
    if following:
        return first, _above(rows, min(following), column)
    end = found.around.end_mark.line
    own_comment = " " * column + "#"
    while rows[end - 1].lstrip()[:1] in ("", "#") and not rows[end - 1].startswith(own_comment):
        end -= 1
    return first, end


def _above(rows: list[str], line: int, column: int) -> int:
    """Return the first of the comment lines right above a line, in its column."""
    while line and rows[line - 1].startswith(" " * column + "#"):
        line -= 1
    return line


def at(text: str, line: int, column: int) -> Path | None:
    """Return the path of the entry whose key or value is at this place, counted from 1."""
    place = line - 1, column - 1
    entries = list(_entries(yaml.compose(text, Loader=_Loader)))
    # a mapping begins where its first key does
    marked = [(entry.key, entry) for entry in entries] + [(entry.value, entry) for entry in entries]
    for node, entry in marked:
        if (node.start_mark.line, node.start_mark.column) == place:
            return entry.path
    return None


def without_comment(text: str, line: int, column: int) -> str:
    """Return the text without the comment at this place, counted from 1.

    A line that has nothing else goes with it.
    """
    rows = text.split("\n")
    rest = rows[line - 1][: column - 1].rstrip()
    rows[line - 1 : line] = [rest] if rest else []
    return "\n".join(rows)
