"""HTML written so that no text is ever taken for markup: everything is escaped but what was
written here.
"""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

from archprof.units import printable


class Markup(str):
    """HTML or SVG, which is written as it stands."""


def text(content: str) -> Markup:
    """Return a text as HTML shows it, with what is invisible as visible escapes."""
    return Markup(escape(printable(content)))


def element(name: str, /, *children: str, **attributes: str | bool | int | None) -> Markup:
    """Return an element; children that are not Markup are escaped.

    An attribute's name has `-` for `_`, and a trailing `_` where Python keeps the word; one that
    is None or False is left out, one that is True has no value.
    """
    written = "".join(_attribute(key, value) for key, value in attributes.items())
    inside = joined(children)
    closing = "" if name in _EMPTY else f"{inside}</{name}>"
    return Markup(f"<{name}{written}>{closing}")


def joined(parts: Iterable[str]) -> Markup:
    """Return parts one after the other; those that are not Markup are escaped."""
    return Markup("".join(part if isinstance(part, Markup) else text(part) for part in parts))


_EMPTY = frozenset({"meta", "input", "br", "link"})


def _attribute(name: str, value: str | bool | int | None) -> str:
    if value is None or value is False:
        return ""
    key = name.rstrip("_").replace("_", "-")
    return f" {key}" if value is True else f' {key}="{text(str(value))}"'
