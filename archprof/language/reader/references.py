"""The layers that `from`, `output`, `share` and `inputs` name, written out or computed."""

from __future__ import annotations

import re

from archprof.language.document import AnyReference, ComputedReference, Reference, Template
from archprof.language.expression import Expression
from archprof.language.hints import computed_hint, reference_hint
from archprof.language.pieces import Pieces
from archprof.language.value import Value
from archprof.language.words import IN_LAYER, WORD
from archprof.ops.base import shown

REST = "..."
_IN_BRACES = re.compile(r"\{([^{}]*)\}")
_LOOP_NAME = re.compile(r"\bfor\s+\$?([A-Za-z]\w*)")
_BEHIND = re.compile(r"\s+(?=(?:for|if)\s)")


def plain_references(
    value: Value | None, what: str, pieces: Pieces
) -> tuple[Reference, ...] | None:
    """Return the layers that a value names by their names, None for a missing value or none."""
    expected = "the name of a layer, or a list of names"
    result = []
    for item in _items(value, what, expected, pieces):
        reference = _plain(item)
        if reference:
            result.append(reference)
        else:
            message = f"`{what}` is {shown(item.plain())}, expected {expected}"
            pieces.complain(item.mark, "kind", message, reference_hint(item.data))
    return tuple(result) or None


def split_rest(value: Value | None) -> tuple[Value | None, bool]:
    """Return the names of `inputs`, and whether the last of them takes the rest, as `others...`."""
    items = value.data if value is not None and isinstance(value.data, list) else [value]
    last = items[-1] if items else None
    if value is None or last is None or not isinstance(last.data, str):
        return value, False
    name = last.data.removesuffix(REST)
    if name == last.data:
        return value, False
    named = last._replace(data=name)
    if not isinstance(value.data, list):
        return named, True
    return value._replace(data=[*items[:-1], named]), True


def references(
    value: Value | None, what: str, pieces: Pieces, single: bool = False
) -> tuple[AnyReference, ...] | None:
    """Return the layers that a value names, computed ones too, None for a missing value or none."""
    expected = "the name of a layer" if single else "the name of a layer, or a list of names"
    result: list[AnyReference] = []
    for item in _items(value, what, expected, pieces, single):
        reference = _plain(item)
        if reference is None and isinstance(item.data, str) and _is_computed(item.data):
            result.append(_computed(item, what, pieces))
        elif reference is None:
            message = f"`{what}` is {shown(item.plain())}, expected {expected}"
            pieces.complain(item.mark, "kind", message, computed_hint(item.data))
        else:
            result.append(reference)
    return tuple(result) or None


def _items(
    value: Value | None, what: str, expected: str, pieces: Pieces, single: bool = False
) -> list[Value]:
    """Return the entries of a list, or the one value; complain of an empty list."""
    if value is None:
        return []
    if single or not isinstance(value.data, list):
        return [value]
    if not value.data:
        pieces.complain(value.mark, "kind", f"`{what}` is an empty list, expected {expected}")
    return value.data


def _plain(item: Value) -> Reference | None:
    """Return the layer that is named, None for what is not a name."""
    text = str(item.data) if type(item.data) is int else item.data
    if isinstance(text, str) and all(WORD.match(part) for part in text.split(".")):
        return Reference(tuple(text.split(".")), item.mark)
    return None


def _is_computed(text: str) -> bool:
    """Whether a text names layers by expressions: in braces, or behind the name."""
    if text.startswith("["):
        return False
    return _IN_BRACES.search(text) is not None or _BEHIND.search(text) is not None


def _computed(item: Value, what: str, pieces: Pieces) -> ComputedReference:
    """Return what `path_{$j} for j in range($n)` or `path if $wide` names, and check it."""
    text: str = item.data.strip()
    name, behind = _split(text)
    loops = test = None
    if behind.startswith("for"):
        loops = pieces.loops(behind, item.mark)
    elif behind:
        test = Template(pieces.expression(behind[len("if") :], item.mark), item.mark, False)
    # of faulty loops too, so that nothing else is complained of
    names = set(_LOOP_NAME.findall(behind))
    before, faults = pieces.scope, len(pieces.problems)
    pieces.scope = before | names
    parts = _parts(name, item, what, pieces)
    pieces.scope = before
    used = {name for part in parts if isinstance(part, Expression) for name in part.names}
    if names and not names & used and len(pieces.problems) == faults:
        message = f"`{what}` names the same in every turn of its loops"
        hint = f"`{{${min(names)}}}` in the name is another in each turn"
        pieces.complain(item.mark, "kind", message, hint)
    return ComputedReference(text, parts, loops, test, item.mark)


def _split(text: str) -> tuple[str, str]:
    """Return the name of a computed reference, and what stands behind it: `for …`, `if …` or ""."""
    outside = _IN_BRACES.sub(lambda inside: "_" * len(inside[0]), text)
    found = _BEHIND.search(outside)
    return (text[: found.start()], text[found.end() :]) if found else (text, "")


def _parts(name: str, item: Value, what: str, pieces: Pieces) -> tuple[str | Expression, ...]:
    """Return the texts and expressions of a name in turn; complain of what is not part of it."""
    parts: list[str | Expression] = []
    for i, part in enumerate(_IN_BRACES.split(name)):
        if i % 2:
            parts.append(pieces.expression(part, item.mark))
        elif part:
            if not IN_LAYER.match(part):
                message = f"`{what}` has `{part}` in the name of a layer"
                hint = "letters, digits, _, - and dots; behind it `for j in …` or `if …`"
                pieces.complain(item.mark, "kind", message, hint)
            parts.append(part)
    return tuple(parts)
