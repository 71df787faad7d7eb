"""The layers that `from`, `output`, `share` and `inputs` name, written out or computed."""

from __future__ import annotations

import re

from archprof.language.document import AnyReference, ComputedReference, Reference
from archprof.language.expression import Expression
from archprof.language.hints import computed_hint, reference_hint
from archprof.language.pieces import Pieces
from archprof.language.value import Value
from archprof.language.words import IN_WORD, WORD
from archprof.ops.base import shown

_IN_BRACES = re.compile(r"\{([^{}]*)\}")
_LOOP_NAME = re.compile(r"\bfor\s+\$?([A-Za-z]\w*)")
_LOOPS = re.compile(r"\s+(?=for\s)")


def plain_references(
    value: Value | None, what: str, pieces: Pieces, single: bool = False
) -> tuple[Reference, ...] | None:
    """Return the layers that a value names by their names, None for a missing value or none."""
    expected = "the name of a layer" if single else "the name of a layer, or a list of names"
    result = []
    for item in _items(value, what, expected, pieces, single):
        reference = _plain(item)
        if reference:
            result.append(reference)
        else:
            message = f"`{what}` is {shown(item.plain())}, expected {expected}"
            pieces.complain(item.mark, "kind", message, reference_hint(item.data))
    return tuple(result) or None


def references(value: Value | None, what: str, pieces: Pieces) -> tuple[AnyReference, ...] | None:
    """Return the layers that a value names, computed ones too, None for a missing value or none."""
    expected = "the name of a layer, or a list of names"
    result: list[AnyReference] = []
    for item in _items(value, what, expected, pieces):
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
    """Return the layer that is named, None for what is no name."""
    text = str(item.data) if type(item.data) is int else item.data
    if isinstance(text, str) and all(WORD.match(part) for part in text.split(".")):
        return Reference(tuple(text.split(".")), item.mark)
    return None


def _is_computed(text: str) -> bool:
    """Whether a text names layers by expressions: those in braces, outside of a list's brackets."""
    return _IN_BRACES.search(text) is not None and not text.startswith("[")


def _computed(item: Value, what: str, pieces: Pieces) -> ComputedReference:
    """Return the reference of `path_{$j} for j in range($n)`; complain of what is wrong with it."""
    text: str = item.data.strip()
    outside = _IN_BRACES.sub(lambda inside: "_" * len(inside[0]), text)
    behind = _LOOPS.search(outside)
    name, loops = text, None
    if behind:
        name, loops = text[: behind.start()], pieces.loops(text[behind.end() :], item.mark)
    before, faults = pieces.scope, len(pieces.problems)
    # of faulty loops too, so that nothing else is complained of
    names = set(_LOOP_NAME.findall(text[behind.start() :])) if behind else set()
    pieces.scope = before | names
    parts: list[str | Expression] = []
    for i, part in enumerate(_IN_BRACES.split(name)):
        if i % 2:
            parts.append(pieces.expression(part, item.mark))
        elif part:
            if not IN_WORD.match(part.replace(".", "_")):
                message = f"`{what}` has `{part}` beside its expressions"
                hint = "a name is letters, digits, _, - and dots; loops are `for j in …` behind it"
                pieces.complain(item.mark, "kind", message, hint)
            parts.append(part)
    pieces.scope = before
    used = {name for part in parts if isinstance(part, Expression) for name in part.names}
    if names and not names & used and len(pieces.problems) == faults:
        message = f"`{what}` names the same in every turn of its loops"
        hint = f"`{{${min(names)}}}` in the name is another in each turn"
        pieces.complain(item.mark, "kind", message, hint)
    return ComputedReference(text, tuple(parts), loops, item.mark)
