"""YAML text to a tree of values that know their place; YAML's traps and hostile files stop here."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from archprof.problem import Mark, Problem, ProblemError

MAX_BYTES = 1_000_000
MAX_DEPTH = 40
MAX_VALUES = 100_000  # after alias expansion
MAX_DIGITS = 18

_Loader = getattr(yaml, "CLoader", yaml.Loader)  # libyaml where PyYAML was built with it
_INT = re.compile(r"[-+]?(0|[1-9][0-9_]*)$")
_FLOAT = re.compile(r"[-+]?([0-9][0-9_]*)?\.[0-9_]*([eE][-+][0-9]+)?$")
_WORDS: dict[str, Any] = {"": None, "~": None, "null": None, "true": True, "false": False}
_TRAPS = (
    (re.compile(r"(?i)(y|yes|n|no|on|off)$"), "YAML 1.1 reads it as a truth value", "write true or false, or put it in quotes"),
    (re.compile(r"(?i)(true|false|null)$"), "only the lower-case word is read as such", "write it in lower case, or put it in quotes"),
    (re.compile(r"[-+]?0[0-9_]+$"), "YAML 1.1 reads a leading zero as octal", "leave the zero away, or put it in quotes"),
    (re.compile(r"[-+]?0[xob][0-9a-fA-F_]+$"), "a number in another base", "write it in decimal"),
    (re.compile(r"[-+]?[0-9][0-9_]*([eE][-+]?[0-9]+)$|[-+]?[0-9_]*\.[0-9_]*[eE][0-9]+$"),
     "YAML 1.1 reads it as text, other readers as a number", "write it with a dot and a signed exponent (1.0e-6), or in full"),
    (re.compile(r"[-+]?[0-9][0-9_]*(:[0-5]?[0-9])+$"), "YAML 1.1 reads it as a number in base 60", "put it in quotes"),
    (re.compile(r"(?i)[-+]?\.(inf|nan)$"), "not a finite number", "write a number"),
)


@dataclass(frozen=True, slots=True)
class Value:
    """A YAML value with its place: None, bool, int, float, str, a list of Values or a dict of str to Value.

    `keys` has the place of each key of a dict; `size` counts the values inside, aliases expanded.
    """

    data: Any
    mark: Mark
    keys: dict[str, Mark] | None = None
    size: int = 1

    def plain(self) -> Any:
        """The value without its places."""
        if isinstance(self.data, dict):
            return {key: value.plain() for key, value in self.data.items()}
        return [value.plain() for value in self.data] if isinstance(self.data, list) else self.data


def read(path: Path, name: str | None = None) -> tuple[str, str]:
    """The file's text and the name it is called by in messages. Raises ProblemError for what is no readable UTF-8 file."""
    name = name or str(path)

    def refuse(message: str, hint: str = "") -> ProblemError:
        return ProblemError([Problem(Mark(name), "file", message, hint)])

    try:
        if path.is_dir():
            raise refuse("a directory, expected a spec file", "give the path of a .yaml file in it")
        with path.open("rb") as file:
            raw = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise refuse(f"cannot be read: {error.strerror or error}") from None
    except ValueError as error:  # a NUL in the path
        raise refuse(f"cannot be read: {error}") from None
    if len(raw) > MAX_BYTES:
        raise refuse(f"larger than {MAX_BYTES:,} bytes", "split it: blocks can stand in files of their own (`use:`)")
    try:
        return raw.decode("utf-8-sig"), name
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise ProblemError([Problem(Mark(name, line, 1), "file", f"not UTF-8: byte 0x{raw[error.start]:02x}", "save it as UTF-8")]) from None


def parse(text: str, name: str) -> Value:
    """The document as a Value. Raises ProblemError with every problem that does not hide the rest."""
    problems: list[Problem] = []
    try:
        value = _Builder(name, problems).document(yaml.parse(text, Loader=_Loader))
    except yaml.MarkedYAMLError as error:
        at = error.problem_mark or error.context_mark
        mark = Mark(name, at.line + 1, at.column + 1) if at else Mark(name)
        message = ", ".join(part for part in (error.context, error.problem) if part)
        line = (text.split("\n")[mark.line - 1 : mark.line] or [""])[0]
        problems.append(Problem(mark, "yaml", f"not valid YAML: {message}", _yaml_hint(message, line)))
    except yaml.YAMLError as error:
        reason = getattr(error, "reason", None) or str(error).splitlines()[0]
        line = text.count("\n", 0, error.position) + 1 if isinstance(getattr(error, "position", None), int) else 0
        problems.append(Problem(Mark(name, line, 1 if line else 0), "yaml", f"not valid YAML: {reason}"))
    if problems:
        raise ProblemError(with_lines(problems, {name: text}))
    return value


def with_lines(problems: list[Problem], texts: dict[str, str]) -> list[Problem]:
    """The problems with the line of source they point at, where its file's text is known."""
    lines: dict[str, list[str]] = {}
    result = []
    for p in problems:
        if not p.source_line and p.mark.line and p.mark.file in texts:
            rows = lines.setdefault(p.mark.file, texts[p.mark.file].split("\n"))
            if p.mark.line <= len(rows):
                p = Problem(p.mark, p.rule, p.message, p.hint, p.chain, rows[p.mark.line - 1].rstrip("\r"))
        result.append(p)
    return result


def _yaml_hint(message: str, line: str) -> str:
    if found := re.search(r"[^'\"\s:{]*\$\w+\[[^\]]*\]|\w+\([^()]*\$[^()]*\)", line):
        return f"inside {{…}} an expression with brackets or commas needs quotes: '{found[0]}'"
    if "\\t" in message or "tab" in message:
        return "indent with spaces"
    if "mapping values are not allowed" in message:
        return "a `: ` inside a text needs quotes around the text"
    if "flow mapping" in message or "flow sequence" in message:
        return "a `{` or `[` is not closed, or a `,` is missing"
    return ""


class _Builder:
    """Builds Values from YAML events, so that depth and aliases are counted before they cost anything."""

    def __init__(self, name: str, problems: list[Problem]):
        self.name, self.problems = name, problems
        self.anchors: dict[str, Value] = {}

    def document(self, events: Iterator[Any]) -> Value:
        result: Value | None = None
        documents = 0
        for event in events:
            if isinstance(event, yaml.DocumentStartEvent):
                documents += 1
                if documents > 1:
                    self._complain(event, "yaml", "a second document in one file", "one spec per file; remove the `---`")
                    break
            elif isinstance(event, yaml.NodeEvent):
                result = self._value(event, events, 0)
        if result is None:
            raise ProblemError([Problem(Mark(self.name, 1, 1), "yaml", "the file is empty, expected a spec", "a spec needs at least `name`, `input` and `layers`"), *self.problems])
        return result

    def _mark(self, event: Any) -> Mark:
        return Mark(self.name, event.start_mark.line + 1, event.start_mark.column + 1)

    def _complain(self, event: Any, rule: str, message: str, hint: str = "") -> None:
        self.problems.append(Problem(self._mark(event), rule, message, hint))

    def _stop(self, event: Any, message: str, hint: str = "") -> ProblemError:
        return ProblemError([*self.problems, Problem(self._mark(event), "limit", message, hint)])

    def _value(self, event: Any, events: Iterator[Any], depth: int) -> Value:
        if depth > MAX_DEPTH:
            raise self._stop(event, f"nested deeper than {MAX_DEPTH} levels", "name a block and use it")
        mark = self._mark(event)
        anchor = event.anchor
        if isinstance(event, yaml.AliasEvent):
            if anchor not in self.anchors:
                self._complain(event, "yaml", f"alias *{anchor} stands before its anchor")
                return Value(None, mark)
            return self.anchors[anchor]
        if event.tag is not None and not (isinstance(event, yaml.ScalarEvent) and event.tag == "!"):
            self._complain(event, "yaml", f"tag {event.tag} is not allowed", "a spec is plain data: remove the tag")
        if isinstance(event, yaml.ScalarEvent):
            value = Value(self._scalar(event), mark)
        elif isinstance(event, yaml.SequenceStartEvent):
            items: list[Value] = []
            total = 1
            while not isinstance(event := next(events), yaml.SequenceEndEvent):
                items.append(self._value(event, events, depth + 1))
                total = self._count(total, items[-1], event)
            value = Value(items, mark, size=total)
        else:
            value = self._mapping(event, events, depth, mark)
        if anchor:
            self.anchors[anchor] = value
        return value

    def _mapping(self, event: Any, events: Iterator[Any], depth: int, mark: Mark) -> Value:
        data: dict[str, Value] = {}
        keys: dict[str, Mark] = {}
        total = 1
        while not isinstance(event := next(events), yaml.MappingEndEvent):
            key = self._value(event, events, depth + 1)
            name = key.data
            inner = next(events)
            item = self._value(inner, events, depth + 1)
            total = self._count(total, item, inner)
            if isinstance(name, int) and not isinstance(name, bool):
                name = str(name)
            if not isinstance(name, str):
                self._complain(event, "yaml", f"a key is {'nothing' if name is None else str(name).lower() if isinstance(name, bool) else 'no text'}, expected a name", "put it in quotes if it is meant as a name")
            elif name == "<<":
                self._complain(event, "yaml", "the merge key `<<` is not allowed", "use a block with parameters")
            elif name in data:
                self._complain(event, "duplicate", f"key `{name}` stands twice, first in line {keys[name].line}", "YAML keeps only one of them; rename or remove it")
            else:
                data[name], keys[name] = item, key.mark
        return Value(data, mark, keys, total)

    def _count(self, total: int, item: Value, event: Any) -> int:
        total += item.size
        if total > MAX_VALUES:
            raise self._stop(event, f"more than {MAX_VALUES:,} values once its aliases are expanded", "name a block and repeat it")
        return total

    def _scalar(self, event: Any) -> Any:
        text: str = event.value
        if not event.implicit[0]:  # quoted, or a block text
            return text
        if text in _WORDS:
            return _WORDS[text]
        if _INT.match(text):
            if len(text) > MAX_DIGITS + 8 or len(text.replace("_", "").lstrip("+-")) > MAX_DIGITS:
                self._complain(event, "limit", f"a number of more than {MAX_DIGITS} digits")
                return 0
            return int(text.replace("_", ""))
        for pattern, what, hint in _TRAPS:
            if pattern.match(text):
                self._complain(event, "yaml-trap", f"`{text[:40]}`: {what}", hint)
                return None
        if _FLOAT.match(text) and any(c.isdigit() for c in text) and len(text) <= 40:
            return float(text.replace("_", ""))
        return text
