"""What cannot be a name, and why: of layers, and of blocks, inputs and values."""

from __future__ import annotations

from collections.abc import Iterable

from archprof.language.words import (
    ABOUT,
    IN_LAYER,
    LAYER,
    LAYER_EXPECTED,
    MEANING,
    MOST_PARTS,
    NAME,
    RESERVED,
)
from archprof.record import Record


class NameFault(Record):
    """What is wrong with a name, and the way out."""

    message: str
    hint: str


def name_fault(text: str, what: str, taken: Iterable[str] = ()) -> NameFault | None:
    """Return why a block, an input or a value cannot have a name, None where it can.

    `what` is what messages call it; `taken` are the names that are in use.
    """
    if not NAME.match(text) or len(text) > 100:
        expected = "expected letters, digits and _, the first no digit"
        return NameFault(f"{what} `{text[:100]}` is not a name, {expected}", _hint(text))
    return _taken(text, what, taken)


def layer_fault(text: str, taken: Iterable[str] = ()) -> NameFault | None:
    """Return why a layer cannot have a name, None where it can; `taken` are those in use.

    Of a name with dots only the first part can be in use: the others are inside it.
    """
    if not LAYER.match(text):
        message = f"layer `{text[:100]}` is not a name, {LAYER_EXPECTED}"
        return NameFault(message, _layer_hint(text))
    return _taken(text.partition(".")[0], "layer", taken)


def part_fault(part: str, name: str, first: bool) -> NameFault | None:
    """Return why a layer's `name` cannot have a text beside its expressions, None where it can."""
    if IN_LAYER.match(part) and not (first and part.startswith(("-", "."))):
        return None
    return NameFault(f"`{part}` in the name `{name}`: {LAYER_EXPECTED}", _layer_hint(part))


def _taken(text: str, what: str, taken: Iterable[str]) -> NameFault | None:
    """Return who has a name already: the language, or an input; None for nobody."""
    if text not in taken:
        return None
    if text not in (*RESERVED, *ABOUT):
        return NameFault(f"{what} `{text}` has the name of an input", "choose another name")
    meaning = MEANING.get(text, f"`{text}:` says something of a network or a variant")
    return NameFault(
        f"{what} `{text}` is a word of the language", f"choose another name: {meaning}"
    )


def _hint(text: str) -> str:
    """Return the way out for a text that cannot be a name."""
    if "$" in text:
        return "an expression stands in braces: 'layer{$index + 1}'"
    if "." in text:
        return "only a layer's name has dots: write _"
    if text[:1].isdigit():
        return "begin with a letter"
    return "write _ for the dash" if "-" in text else ""


def _layer_hint(text: str) -> str:
    """Return the way out for a text that cannot be a layer's name."""
    if "$" in text:
        return _hint(text)
    if text.startswith("-"):
        return "begin with a letter, a digit or _"
    if text.count(".") >= MOST_PARTS:
        return f"a name has at most {MOST_PARTS} parts: put layers inside layers"
    if ".." in text or text.startswith(".") or text.endswith("."):
        return "a dot stands between two parts, as in convs.0"
    return ""
