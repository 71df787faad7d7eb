"""Entries to lines of YAML, in the style of `archprof fmt`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from archprof.language.writing.blanks import Blank, Value
from archprof.language.writing.entries import BlockText, BodyText, EntryText
from archprof.language.writing.literals import literal, quoted
from archprof.language.writing.parameters import REQUIRED, BlockParameter

STEP = "  "
WIDTH = 100  # columns; a group that fits stands in one line
WIDE = 300  # columns, for a group of two layers


def shown(value: Value) -> str:
    """Return a value as YAML inside brackets."""
    if isinstance(value, Blank):
        return str(value.text)
    if isinstance(value, list):
        return f"[{', '.join(map(shown, value))}]"
    if isinstance(value, dict):
        return mapping(value)
    if isinstance(value, str):
        return value
    return literal(value)


def mapping(words: Mapping[str, Any]) -> str:
    """Return a mapping in braces; an argument that no use needs is left out."""
    items = {key: shown(value) for key, value in words.items()}
    return f"{{{', '.join(f'{key}: {text}' for key, text in items.items() if text)}}}"


def block_rows(block: BlockText) -> Iterator[str]:
    """Yield the lines of a block, under `blocks:`."""
    yield f"{STEP}{block.name}:"
    if block.inputs:
        yield f"{STEP * 2}inputs: [{', '.join(block.inputs)}]"
    if block.parameters:
        yield f"{STEP * 2}params: {{{', '.join(map(_default, block.parameters))}}}"
    yield f"{STEP * 2}layers:"
    yield from body_rows(block.body, STEP * 2)
    if block.body.output:
        yield f"{STEP * 2}output: {block.body.output}"


def _default(parameter: BlockParameter) -> str:
    text = "" if parameter.default is REQUIRED else literal(parameter.default)
    return f"{parameter.name}: {text}"


def body_rows(body: BodyText, indent: str) -> Iterator[str]:
    """Yield the entries under a key that stands at `indent`: a list begins in the same column."""
    for entry in body.entries:
        if body.numbered:
            yield from _item(entry, indent)
        else:
            yield from _keyed(entry, indent + STEP)


def _item(entry: EntryText, indent: str) -> Iterator[str]:
    """Yield one entry of a list."""
    line = f"{indent}- {_flow(entry)}"
    if entry.body is None or _fits(entry, line):
        yield line
        return
    words = _words(entry)
    rows = [f"{key}: {text}" for key, text in words.items()]
    for number, row in enumerate([*rows, "layers:"]):
        yield f"{indent}{STEP if number else '- '}{row}"
    yield from body_rows(entry.body, indent + STEP)
    if entry.body.output:
        yield f"{indent}{STEP}output: {entry.body.output}"


def _keyed(entry: EntryText, indent: str) -> Iterator[str]:
    """Yield one entry of a mapping."""
    line = f"{indent}{_key(entry.key)}: {_flow(entry)}"
    if entry.body is None or _fits(entry, line):
        yield line
        return
    yield f"{indent}{_key(entry.key)}:"
    words = _words(entry)
    if entry.body.numbered and not words and not entry.body.output:
        yield from body_rows(entry.body, indent)
        return
    for key, text in words.items():
        yield f"{indent}{STEP}{key}: {text}"
    yield f"{indent}{STEP}layers:"
    yield from body_rows(entry.body, indent + STEP)
    if entry.body.output:
        yield f"{indent}{STEP}output: {entry.body.output}"


def _key(name: str) -> str:
    return quoted(name)


def _words(entry: EntryText) -> dict[str, str]:
    return {key: shown(value) for key, value in entry.words.items()}


def _fits(entry: EntryText, line: str) -> bool:
    """Whether a group stands in one line: few layers, none of which has others in it."""
    assert entry.body is not None  # noqa: S101 - the caller has looked
    entries = entry.body.entries
    if any(inner.body is not None for inner in entries):
        return False
    return len(entries) == 1 or len(line) <= WIDTH or (len(line) <= WIDE and len(entries) == 2)


def _flow(entry: EntryText) -> str:
    """Return an entry in brackets."""
    body = entry.body
    if body is None:
        return mapping(_with_braces(entry.words))
    inner = ", ".join(
        _flow(one) if body.numbered else f"{_key(one.key)}: {_flow(one)}" for one in body.entries
    )
    text = f"[{inner}]" if body.numbered else f"{{{inner}}}"
    words = _words(entry)
    if body.output:
        words["output"] = body.output
    if body.numbered and not words:
        return text
    before = "".join(f"{key}: {value}, " for key, value in words.items() if key != "output")
    after = f", output: {body.output}" if body.output else ""
    return f"{{{before}layers: {text}{after}}}"


def _with_braces(words: dict[str, Value]) -> dict[str, Value]:
    """Return the words of a layer without `with` and `first` that would be empty."""
    found = {}
    for key, value in words.items():
        if key in ("with", "first") and shown(value) == "{}":
            continue
        found[key] = value
    return found
