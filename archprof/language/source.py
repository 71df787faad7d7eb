"""YAML text to a tree of values that know their place; YAML's traps and hostile files stop here."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from archprof.language.reading import Unsafe, read_bytes
from archprof.language.scalars import Refused, scalar
from archprof.language.syntax import explain
from archprof.problem import Mark, Problem, ProblemError, Problems, closest

MAX_BYTES = 1_000_000
MAX_DEPTH = 40  # aliases expanded, as all limits here
MAX_VALUES = 100_000

_Loader = getattr(yaml, "CLoader", yaml.Loader)  # libyaml where PyYAML was built with it
_LIBYAML_TOO_DEEP = "exceeded maximum nesting depth"  # since libyaml 0.2.6: 1,000 levels
# no character of YAML
_FOREIGN = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_BREAK = re.compile("\r\n|[\n\r\x85\u2028\u2029]")  # what YAML counts as the end of a line
_NO_NAME = {
    list: "a list",
    dict: "a mapping",
    int: "a number",
    float: "a number",
    bool: "a truth value",
}


@dataclass(frozen=True, slots=True)
class Value:
    """A YAML value with its place: None, bool, int, float, str, a list of Values or a dict of str
    to Value.

    `keys` has the place of each key of a dict; `size` counts the values inside and `height` their
    levels, aliases expanded.
    """

    data: Any
    mark: Mark
    keys: dict[str, Mark] | None = None
    size: int = 1
    height: int = 0

    def plain(self) -> Any:
        """The value without its places."""
        if isinstance(self.data, dict):
            return {key: value.plain() for key, value in self.data.items()}
        return [value.plain() for value in self.data] if isinstance(self.data, list) else self.data


def read(path: Path, name: str | None = None) -> tuple[str, str]:
    """The file's text and the name it is called by in messages.

    Raises ProblemError for what is no readable UTF-8 file.
    """
    name = name or str(path)

    def refuse(message: str, hint: str = "") -> ProblemError:
        return ProblemError([Problem(Mark(name), "file", message, hint)])

    try:
        if path.is_dir():
            raise refuse("a directory, expected a spec file", "give the path of a .yaml file in it")
        raw = read_bytes(path, MAX_BYTES)
    except FileNotFoundError:
        raise refuse("there is no such file", neighbour(path)) from None
    except Unsafe as error:
        raise refuse(f"cannot be read: {error.strerror}", error.hint) from None
    except OSError as error:
        raise refuse(f"cannot be read: {error.strerror or error}") from None
    except ValueError as error:  # a NUL in the path
        raise refuse(f"cannot be read: {error}") from None
    return decode(raw, name), name


def decode(raw: bytes, name: str) -> str:
    """The bytes of a spec as text. Raises ProblemError where they are too many or no UTF-8."""
    if len(raw) > MAX_BYTES:
        raise ProblemError(
            [
                Problem(
                    Mark(name),
                    "file",
                    f"larger than {MAX_BYTES:,} bytes",
                    "split it: blocks can stand in files of their own (`use:`)",
                )
            ]
        )
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        rows = lines(raw[: error.start].decode("utf-8-sig", "replace"))
        message = f"not UTF-8: byte 0x{raw[error.start]:02x}"
        raise ProblemError(
            [Problem(Mark(name, len(rows), len(rows[-1]) + 1), "file", message, "save it as UTF-8")]
        ) from None


def neighbour(path: Path) -> str:
    """A hint naming the spec beside a missing one that is called nearly the same, "" where there
    is none.
    """
    near = beside(path)
    return f"did you mean `{near}`?" if near else ""


def beside(path: Path) -> Path | None:
    """The spec beside a missing one that is called nearly the same, None where there is none."""
    with contextlib.suppress(OSError, ValueError):
        others = {other.stem: other for other in path.parent.glob("*.y*ml")}
        near = closest(path.stem, others)
        return others[near] if near else None
    return None


def parse(
    text: str,
    name: str,
    found: Problems,
    wanted: tuple[str, str] = ("a spec", "a spec has at least `name`, `input` and `layers`"),
) -> Value:
    """The document as a Value; problems that leave it readable go to `found`.

    Raises ProblemError, with these, for those that do not.

    `wanted` is what an empty file should be, and what that needs.
    """
    before = Problems(found)
    try:
        return _Builder(name, found).document(yaml.parse(text, Loader=_Loader), wanted)
    except ProblemError as error:
        problems = list(error.problems)
    except yaml.MarkedYAMLError as error:
        if error.problem == _LIBYAML_TOO_DEEP and error.problem_mark:
            # It looks ahead: what stands before this bracket has the level that is one too many.
            return parse(text[: error.problem_mark.index], name, before, wanted)
        rows = lines(text)
        at, message, hint = explain(error, rows)
        mark = (
            Mark(name, len(rows), len(rows[-1]) + 1)
            if at is None or at.line >= len(rows)
            else Mark(name, at.line + 1, at.column + 1)
        )
        problems = [*found, Problem(mark, "yaml", f"not valid YAML: {message}", hint)]
    # a character that YAML does not take; neither error names its place well
    except (yaml.YAMLError, UnicodeEncodeError):
        foreign = _FOREIGN.search(text)
        rows = lines(text[: foreign.start()] if foreign else "")
        what = f"the character U+{ord(foreign[0]):04X}" if foreign else "a character of this file"
        problems = [
            *found,
            Problem(
                Mark(name, len(rows), len(rows[-1]) + 1),
                "yaml",
                f"not valid YAML: {what} cannot stand in it",
                "remove it",
            ),
        ]
    raise ProblemError(with_lines(problems, {name: text}))


def used(text: str) -> list[str]:
    """The files that a spec's `use:` names, read up to there and no further; none where the text
    is no YAML so far.
    """
    found: list[str] = []
    # how deep in collections; whether the next value at the top is a key; whether it is that of
    # `use`
    depth, key, wanted = 0, True, False
    with contextlib.suppress(yaml.YAMLError, UnicodeEncodeError):
        for event in yaml.parse(text, Loader=_Loader):
            if wanted and depth <= 2 and isinstance(event, yaml.ScalarEvent):
                found.append(event.value)
            if isinstance(event, yaml.CollectionStartEvent):
                depth += 1
            elif isinstance(event, yaml.CollectionEndEvent):
                depth -= 1
            if (
                depth == 1
                and isinstance(event, (yaml.NodeEvent, yaml.CollectionEndEvent))
                and not isinstance(event, yaml.MappingStartEvent)
            ):
                if wanted:
                    break
                wanted = key and getattr(event, "value", "") == "use"
                key = not key
    return found


def with_lines(problems: list[Problem], texts: dict[str, str]) -> list[Problem]:
    """The problems with the line of source they point at, where its file's text is known."""
    known: dict[str, list[str]] = {}
    result = []
    for p in problems:
        if not p.source_line and p.mark.line and p.mark.file in texts:
            rows = known.get(p.mark.file) or known.setdefault(
                p.mark.file, lines(texts[p.mark.file])
            )
            if p.mark.line <= len(rows):
                p = Problem(p.mark, p.rule, p.message, p.hint, p.chain, rows[p.mark.line - 1])
        result.append(p)
    return result


@lru_cache(maxsize=8)  # many problems are of one file
def lines(text: str) -> list[str]:
    """The lines of a text as YAML counts them; not to be changed, for others have the same list."""
    return _BREAK.split(text)


def within(mark: Mark, part: str, column: int, rows: list[str]) -> Mark:
    """The place `column` characters into the scalar `part` at `mark`; `mark` itself where it is
    escaped or runs over lines.
    """
    line = rows[mark.line - 1] if 0 < mark.line <= len(rows) else ""
    start = line.find(part, mark.column - 1)
    return mark if start < 0 else Mark(mark.file, mark.line, start + 1 + column)


class _Builder:
    """Builds Values from YAML events, so that depth and aliases are counted before they cost
    anything.
    """

    def __init__(self, name: str, problems: Problems):
        self.name, self.problems = name, problems
        self.anchors: dict[str, Value | None] = {}  # None: open, this value is inside it
        self.repeats = False  # whether an alias was met

    def document(self, events: Iterator[Any], wanted: tuple[str, str]) -> Value:
        result: Value | None = None
        documents = 0
        for event in events:
            if isinstance(event, yaml.DocumentStartEvent):
                documents += 1
                if documents > 1:
                    self._complain(
                        event,
                        "yaml",
                        "a second document in one file",
                        "one spec per file; remove the `---`",
                    )
                    break
            elif isinstance(event, yaml.NodeEvent):
                result = self._value(event, events, 0)
        if result is None:
            raise ProblemError(
                [
                    *self.problems,
                    Problem(
                        Mark(self.name),
                        "yaml",
                        f"the file is empty, expected {wanted[0]}",
                        wanted[1],
                    ),
                ]
            )
        return result

    def _mark(self, event: Any) -> Mark:
        return Mark(self.name, event.start_mark.line + 1, event.start_mark.column + 1)

    def _complain(self, event: Any, rule: str, message: str, hint: str = "") -> None:
        self.problems.add(self._mark(event), rule, message, hint)

    def _stop(self, event: Any, rule: str, message: str, hint: str = "") -> ProblemError:
        return ProblemError([*self.problems, Problem(self._mark(event), rule, message, hint)])

    def _value(self, event: Any, events: Iterator[Any], depth: int) -> Value:
        mark = self._mark(event)
        anchor = event.anchor
        if isinstance(event, yaml.AliasEvent):
            self.repeats = True
            value = self.anchors.get(anchor)
            if value is None:
                where = (
                    "inside what its anchor names"
                    if anchor in self.anchors
                    else "before its anchor, or has none"
                )
                raise self._stop(
                    event,
                    "yaml",
                    f"the alias *{anchor} stands {where}",
                    "an alias repeats what was named above; a block repeats layers",
                )
        elif isinstance(event, yaml.ScalarEvent):
            self._tag(event)
            value = Value(self._scalar(event), mark)
        else:
            self._tag(event)
            if anchor:
                self.anchors[anchor] = None
            deeper = depth + 1
            if deeper > MAX_DEPTH:
                raise self._too_deep(event)
            value = (
                self._list(events, deeper, mark)
                if isinstance(event, yaml.SequenceStartEvent)
                else self._mapping(events, deeper, mark)
            )
        if depth + value.height > MAX_DEPTH:
            raise self._too_deep(event)
        if anchor:
            self.anchors[anchor] = value
        return value

    def _too_deep(self, event: Any) -> ProblemError:
        return self._stop(
            event, "limit", f"nested deeper than {MAX_DEPTH} levels", "name a block and use it"
        )

    def _tag(self, event: Any) -> None:
        if event.tag is not None:
            tag = event.tag.replace("tag:yaml.org,2002:", "!!")
            self._complain(
                event,
                "yaml",
                f"the tag {tag} is not allowed",
                "a spec is plain data: remove the tag",
            )

    def _list(self, events: Iterator[Any], depth: int, mark: Mark) -> Value:
        items: list[Value] = []
        size, height = 1, 0
        while not isinstance(event := next(events), yaml.SequenceEndEvent):
            item = self._value(event, events, depth)
            items.append(item)
            size, height = self._counted(event, size, item), max(height, item.height + 1)
        return Value(items, mark, None, size, height)

    def _mapping(self, events: Iterator[Any], depth: int, mark: Mark) -> Value:
        data: dict[str, Value] = {}
        keys: dict[str, Mark] = {}
        merged: set[str] = set()
        size, height = 1, 0
        while not isinstance(event := next(events), yaml.MappingEndEvent):
            key = self._value(event, events, depth)
            item = self._value(inner := next(events), events, depth)
            size, height = (
                self._counted(inner, self._counted(event, size, key), item),
                max(height, item.height + 1),
            )
            name = (
                event.value
                if isinstance(event, yaml.ScalarEvent) and key.data is not None
                else key.data
            )
            if not isinstance(name, str) or not name:
                self._complain(
                    event,
                    "yaml",
                    f"this key is {_NO_NAME.get(type(name), 'empty')}, expected a name",
                )
            elif name == "<<":
                self._complain(
                    event,
                    "yaml",
                    "the merge key `<<` is not allowed",
                    "write the entries out, or use a block with parameters",
                )
                for other in item.data if isinstance(item.data, list) else [item]:
                    # as YAML 1.1 has it, so that nothing else is complained of
                    if isinstance(other.data, dict):
                        merged |= other.data.keys() - data.keys()
                        data, keys = other.data | data, (other.keys or {}) | keys
            elif name in data and name not in merged:
                message = f"the key `{name}` stands twice, first in line {keys[name].line}"
                self._complain(
                    event,
                    "duplicate",
                    message,
                    "YAML readers drop one of them; rename or remove it",
                )
            else:
                data[name], keys[name] = item, key.mark
                merged.discard(name)
        return Value(data, mark, keys, size, height)

    def _counted(self, event: Any, size: int, item: Value) -> int:
        if size + item.size > MAX_VALUES:
            expanded = " once its aliases are expanded" if self.repeats else ""
            raise self._stop(
                event,
                "limit",
                f"more than {MAX_VALUES:,} values{expanded}",
                "name a block and repeat it",
            )
        return size + item.size

    def _scalar(self, event: Any) -> Any:
        text: str = event.value
        if event.style:  # quoted, or a block of text
            return text
        try:
            return scalar(text)
        except Refused as refused:
            self._complain(event, refused.rule, str(refused), refused.hint)
            return refused.meant
