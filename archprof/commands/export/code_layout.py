"""Python source laid out as `ruff format` lays it out, for the few forms that exported code has."""

from __future__ import annotations

from typing import Literal, NamedTuple

WIDTH = 100
INDENT = 4


class Group(NamedTuple):
    """What stands between two brackets, with what belongs to them on either side.

    A `call` may have all its arguments in one line of their own; the items of a `display` (a list,
    a tuple) are one a line where they do not fit beside the brackets; the pieces of a
    `comprehension` have no commas between them.
    """

    opening: str
    items: tuple[Document, ...]
    closing: str
    kind: Literal["call", "display", "comprehension"] = "call"


Document = str | Group


def prefixed(text: str, document: Document) -> Document:
    """Return the document with text before it."""
    if isinstance(document, str):
        return text + document
    return document._replace(opening=text + document.opening)


def suffixed(document: Document, text: str) -> Document:
    """Return the document with text behind it."""
    if isinstance(document, str):
        return document + text
    return document._replace(closing=document.closing + text)


def flat(document: Document) -> str:
    """Return the document in one line."""
    if isinstance(document, str):
        return document
    return document.opening + _body(document) + document.closing


def line(document: Document, indent: int) -> str:
    """Return the document as one statement, indented, over several lines where it is too long."""
    return " " * indent + _laid_out(document, indent, 0)


def _body(group: Group) -> str:
    between = " " if group.kind == "comprehension" else ", "
    return between.join(flat(item) for item in group.items)


def _laid_out(document: Document, indent: int, after: int) -> str:
    """Return a document that begins at `indent` and has `after` characters behind it."""
    text = flat(document)
    if isinstance(document, str) or indent + len(text) + after <= WIDTH:
        return text
    inner = indent + INDENT
    lines = _inner_lines(document, inner)
    body = "".join(f"{' ' * inner}{text}\n" for text in lines)
    return f"{document.opening}\n{body}{' ' * indent}{document.closing}"


def _inner_lines(group: Group, indent: int) -> list[str]:
    body = _body(group)
    if group.kind == "comprehension":
        if indent + len(body) <= WIDTH:
            return [body]
        return [_laid_out(item, indent, 0) for item in group.items]
    if group.kind == "call" and indent + len(body) <= WIDTH:
        return [body]
    if group.kind == "call" and len(group.items) == 1:
        return [_laid_out(group.items[0], indent, 0)]
    return [_laid_out(item, indent, 1) + "," for item in group.items]
