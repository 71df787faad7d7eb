"""YAML's events to values, so that depth and aliases are counted before they cost anything."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import yaml

from archprof.language.scalars import Refused, scalar
from archprof.language.value import Value
from archprof.problem import Mark, Problem, ProblemError, Problems

MAX_DEPTH = 40  # aliases expanded, as all limits here
MAX_VALUES = 100_000

_NO_NAME = {
    list: "a list",
    dict: "a mapping",
    int: "a number",
    float: "a number",
    bool: "a truth value",
}


class ValueBuilder:
    """Builds the Values of one file."""

    def __init__(self, name: str, problems: Problems):
        self.name, self.problems = name, problems
        self.anchors: dict[str, Value | None] = {}  # None: open, this value is inside it
        self.repeats = False  # whether an alias was met

    def document(self, events: Iterator[Any], wanted: tuple[str, str]) -> Value:
        """Return the one document of the file; `wanted` is what an empty one should be, and needs.

        Raises ProblemError with everything found for one that is empty or too large.
        """
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
            what, hint = wanted
            message = f"the file is empty, expected {what}"
            raise ProblemError([*self.problems, Problem(Mark(self.name), "yaml", message, hint)])
        return result

    def _mark(self, event: Any) -> Mark:
        return Mark(self.name, event.start_mark.line + 1, event.start_mark.column + 1)

    def _complain(self, event: Any, rule: str, message: str, hint: str = "") -> None:
        self.problems.add(self._mark(event), rule, message, hint)

    def _stop(self, event: Any, rule: str, message: str, hint: str = "") -> ProblemError:
        return ProblemError([*self.problems, Problem(self._mark(event), rule, message, hint)])

    def _value(self, event: Any, events: Iterator[Any], depth: int) -> Value:
        anchor = event.anchor
        if isinstance(event, yaml.ScalarEvent):
            self._refuse_tag(event)
            value = Value(self._scalar(event), self._mark(event))
        elif isinstance(event, yaml.AliasEvent):
            value = self._aliased(event)
        else:
            self._refuse_tag(event)
            if anchor:
                self.anchors[anchor] = None
            if depth + 1 > MAX_DEPTH:
                raise self._too_deep(event)
            if isinstance(event, yaml.SequenceStartEvent):
                value = self._list(events, depth + 1, self._mark(event))
            else:
                value = self._mapping(events, depth + 1, self._mark(event))
        if depth + value.height > MAX_DEPTH:
            raise self._too_deep(event)
        if anchor:
            self.anchors[anchor] = value
        return value

    def _aliased(self, event: Any) -> Value:
        """Return the value that an alias repeats."""
        self.repeats = True
        value = self.anchors.get(event.anchor)
        if value is None:
            where = "before its anchor, or has none"
            if event.anchor in self.anchors:
                where = "inside what its anchor names"
            raise self._stop(
                event,
                "yaml",
                f"the alias *{event.anchor} stands {where}",
                "an alias repeats what was named above; a block repeats layers",
            )
        return value

    def _too_deep(self, event: Any) -> ProblemError:
        return self._stop(
            event, "limit", f"nested deeper than {MAX_DEPTH} levels", "name a block and use it"
        )

    def _refuse_tag(self, event: Any) -> None:
        if event.tag is not None:
            tag = event.tag.replace("tag:yaml.org,2002:", "!!")
            hint = "a spec is plain data: remove the tag"
            self._complain(event, "yaml", f"the tag {tag} is not allowed", hint)

    def _list(self, events: Iterator[Any], depth: int, mark: Mark) -> Value:
        items: list[Value] = []
        size, height = 1, 0
        while not isinstance(event := next(events), yaml.SequenceEndEvent):
            item = self._value(event, events, depth)
            items.append(item)
            size = self._add_size(event, size, item)
            height = max(height, item.height + 1)
        return Value(items, mark, None, size, height)

    def _mapping(self, events: Iterator[Any], depth: int, mark: Mark) -> Value:
        data: dict[str, Value] = {}
        keys: dict[str, Mark] = {}
        merged: set[str] = set()
        size, height = 1, 0
        while not isinstance(event := next(events), yaml.MappingEndEvent):
            key = self._value(event, events, depth)
            inner = next(events)
            item = self._value(inner, events, depth)
            size = self._add_size(event, size, key)
            size = self._add_size(inner, size, item)
            height = max(height, item.height + 1)
            name = key.data
            if isinstance(event, yaml.ScalarEvent) and key.data is not None:
                name = event.value  # as it is written: 1.0 and 1 are two names
            if not isinstance(name, str) or not name:
                what = _NO_NAME.get(type(name), "empty")
                self._complain(event, "yaml", f"this key is {what}, expected a name")
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
                        data, keys = other.data | data, other.places() | keys
            elif name in data and name not in merged:
                self._complain(
                    event,
                    "duplicate",
                    f"the key `{name}` stands twice, first in line {keys[name].line}",
                    "YAML readers drop one of them; rename or remove it",
                )
            else:
                data[name], keys[name] = item, key.mark
                merged.discard(name)
        return Value(data, mark, keys, size, height)

    def _add_size(self, event: Any, size: int, item: Value) -> int:
        """Return the size with one more item. Raises ProblemError where it is too large."""
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
