"""Change a spec's text entry by entry; everything else stays as it is written.

The path of an entry is the keys that lead to it, in a list the item's number from 0.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Container, Iterator, Mapping
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


def places(text: str) -> dict[tuple[int, int], Path]:
    """Return the path of each entry by the line and column of its key, counted from 1."""
    return {
        (entry.key.start_mark.line + 1, entry.key.start_mark.column + 1): entry.path
        for entry in _entries(yaml.compose(text, Loader=_Loader))
    }


def scalars(text: str) -> dict[Path, str]:
    """Return the text of each entry that is neither a mapping nor a list, by its path."""
    return {
        entry.path: entry.value.value
        for entry in _entries(yaml.compose(text, Loader=_Loader))
        if isinstance(entry.value, yaml.ScalarNode)
    }


def with_entries(text: str, values: Mapping[Path, str], last: Container[str] = ()) -> str:
    """Return the text with these values, of one line each.

    An entry that is not there is added to its mapping, before those of the keys `last` at its end.
    Raises KeyError where there is no such mapping.
    """
    root = yaml.compose(text, Loader=_Loader)
    edits = []
    # several entries may end at one place: what is deeper comes first
    for path, new in sorted(values.items(), key=lambda item: -len(item[0])):
        around = _node(root, path[:-1])
        found = {key.value: value for key, value in around.value}
        if path[-1] in found:
            value = found[path[-1]]
            space = (
                "" if value.start_mark.index and text[value.start_mark.index - 1] == " " else " "
            )
            edits.append((value.start_mark.index, _end(text, value), f"{space}{new}"))
        else:
            edits.append(_addition(text, around, f"{path[-1]}: {new}", last))
    for start, end, new in reversed(sorted(edits, key=lambda edit: edit[0])):  # from the end
        text = text[:start] + new + text[end:]
    return text


def _node(root: Any, path: Path) -> Any:
    """Return the mapping at a path. Raises KeyError."""
    node = root
    for step in path:
        if isinstance(node, yaml.MappingNode):
            node = {key.value: value for key, value in node.value}[step]
        elif isinstance(node, yaml.SequenceNode):
            node = dict(enumerate(node.value))[int(step)]
    if not isinstance(node, yaml.MappingNode) or not node.value:
        raise KeyError(path)
    return node


def _addition(text: str, around: Any, entry: str, last: Container[str]) -> tuple[int, int, str]:
    """Return the edit that adds an entry to a mapping: where, and what."""
    others = [pair for pair in around.value if pair[0].value not in last] or around.value
    key, value = others[-1]
    place = _end(text, value)
    if around.flow_style:
        return place, place, f", {entry}"
    end = re.compile(r"\r?\n|\Z").search(text, place)
    place = len(text) if end is None else end.start()
    break_ = "\r\n" if "\r\n" in text else "\n"
    return place, place, f"{break_}{' ' * key.start_mark.column}{entry}"


def _end(text: str, node: Any) -> int:
    """Return where a value ends; YAML ends one without brackets where the next begins."""
    if isinstance(node, yaml.ScalarNode):
        start, end = node.start_mark.index, node.end_mark.index
        return start + len(text[start:end].rstrip()) if node.style in ("|", ">") else end
    if node.flow_style or not node.value:
        return int(node.end_mark.index)
    inner = node.value[-1]
    return _end(text, inner[1] if isinstance(node, yaml.MappingNode) else inner)


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
