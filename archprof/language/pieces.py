"""The small pieces of a spec, each of which reads one value and complains in its place.

Each returns something usable all the same, so that one run finds every fault.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import TypeVar

from archprof.foreign import KEYS, VALUES
from archprof.language.document import BUILT_IN, NamePattern, Template
from archprof.language.expression import (
    Clause,
    Expression,
    compile_expression,
    cut,
    is_expression,
)
from archprof.language.functions import ExpressionError
from archprof.language.kinds import initial_fault
from archprof.language.naming import NameFault, name_fault, part_fault
from archprof.language.text import lines, within
from archprof.language.value import Value
from archprof.language.words import ABOUT, INITIALIZERS
from archprof.ops.base import shown
from archprof.problem import Mark, Problems
from archprof.vocabulary import Vocabulary

E = TypeVar("E", bound=Expression)


class Pieces:
    """Reads pieces of one file. `scope` names the values that expressions may use at the moment."""

    def __init__(self, text: str, problems: Problems):
        self.text_lines, self.problems = lines(text), problems
        self.scope: set[str] = set()

    def complain(self, mark: Mark, rule: str, message: str, hint: str = "") -> None:
        """Note a problem of what is written at `mark`."""
        self.problems.add(mark, rule, message, hint)

    def mapping(self, value: Value | None, what: str) -> dict[str, Value]:
        """Return the entries of a mapping, none for a missing value or another kind."""
        if value is None or value.data is None:
            return {}
        if not isinstance(value.data, dict):
            self.complain(
                value.mark, "kind", f"{what} is {shown(value.plain())}, expected a mapping"
            )
            return {}
        return value.data

    def keys(
        self, value: Value, known: Iterable[str], what: str, words: Vocabulary = KEYS
    ) -> dict[str, Value]:
        """Return the mapping's entries with known keys, and complain of the others."""
        known = set(known)
        data = self.mapping(value, what)
        for key in data:
            if key not in known:
                self.complain(
                    (value.keys or {})[key],
                    "unknown-key",
                    f"unknown key `{key}` in {what}",
                    words.hint(key, known, "keys"),
                )
        return {key: item for key, item in data.items() if key in known}

    def template(self, value: Value) -> Template:
        """Return the value with its expressions compiled and their names checked."""
        if isinstance(value.data, list):
            items = [self.template(item) for item in value.data]
            constant = all(item.constant for item in items)
            return Template(
                [item.data for item in items] if constant else items, value.mark, constant
            )
        if isinstance(value.data, dict):
            entries = {key: self.template(item) for key, item in value.data.items()}
            constant = all(item.constant for item in entries.values())
            return Template(
                {key: item.data for key, item in entries.items()} if constant else entries,
                value.mark,
                constant,
            )
        if not is_expression(value.data):
            return Template(value.data, value.mark, True)
        expression = self.expression(value.data, value.mark)
        return Template(expression, value.mark, False)

    def expression(self, text: str, mark: Mark) -> Expression:
        """Return the text compiled; where it cannot be, an expression in its place."""
        return self._compiled(compile_expression, text.strip(), mark) or compile_expression("0")

    def loops(self, text: str, mark: Mark) -> Clause | None:
        """Return loops such as `for j in range($n)` compiled, None where they cannot be."""
        return self._compiled(Clause, text.strip(), mark)

    def _compiled(self, compiler: Callable[[str], E], text: str, mark: Mark) -> E | None:
        """Return what a compiler makes of a text, with its names checked; None for a fault."""
        try:
            expression = compiler(text)
        except ExpressionError as error:
            hint = f"did you mean `${error.name}`?" if error.name in self.scope else error.hint
            self.complain(
                within(mark, text, error.column, self.text_lines),
                "expression",
                f"`{cut(text)}`: {error}" if text else str(error),
                hint,
            )
            return None
        for name, column in expression.names.items():
            if name not in self.scope:
                known = (f"${known}" for known in self.scope)
                self.complain(
                    within(mark, text, column, self.text_lines),
                    "unknown-name",
                    f"`{cut(text)}`: there is no value ${name} here",
                    VALUES.hint(f"${name}", known, "values"),
                )
        self._check_loops(expression, mark)
        return expression

    def _check_loops(self, expression: Expression, mark: Mark) -> None:
        """Complain of comprehensions that give a name which has another value here."""
        text = expression.text
        for name, column in expression.loops.items():
            if name in self.scope:
                self.complain(
                    within(mark, text, column, self.text_lines),
                    "name",
                    f"`{cut(text)}`: the loop's `{name}` hides ${name}",
                    "choose another name for the loop's",
                )

    def refuse(self, mark: Mark, fault: NameFault | None) -> None:
        """Complain of a name that cannot be one."""
        if fault is not None:
            self.complain(mark, "name", fault.message, fault.hint)

    def text(self, value: Value | None, what: str) -> str:
        """Return a text, "" for a missing value or another kind."""
        if value is None:
            return ""
        if not isinstance(value.data, str) or not value.data:
            self.complain(value.mark, "kind", f"{what} is {shown(value.plain())}, expected a text")
            return ""
        return value.data

    def flag(self, value: Value | None, what: str) -> bool:
        """Return a truth value, false for a missing one or another kind."""
        if value is None:
            return False
        if type(value.data) is not bool:
            self.complain(
                value.mark, "kind", f"`{what}` is {shown(value.plain())}, expected true or false"
            )
        return value.data is True

    def params(
        self, value: Value | None, owner: str, outer: set[str]
    ) -> dict[str, Template | None]:
        """Return names with their defaults, which may use the names before them."""
        result: dict[str, Template | None] = {}
        for name, item in self.mapping(value, f"`params` of {owner}").items():
            mark = ((value and value.keys) or {})[name]
            known = self.value_name(name, mark, "parameter")
            if name in outer:
                self.complain(
                    mark,
                    "name",
                    f"parameter `{name}` of {owner} hides the network's own `{name}`",
                    "choose another name, or omit it and use the network's",
                )
            result[name] = None if item.data is None else self.template(item)
            self.scope |= known
        return result

    def lets(self, value: Value | None, owner: str, outer: set[str]) -> dict[str, Template]:
        """Return names with their values, which may use the names before them."""
        result: dict[str, Template] = {}
        for name, item in self.mapping(value, f"`let` of {owner}").items():
            mark = ((value and value.keys) or {})[name]
            known = self.value_name(name, mark, "value")
            if name in outer:
                self.complain(
                    mark,
                    "name",
                    f"value `{name}` of {owner} hides the network's own `{name}`",
                    "choose another name",
                )
            elif name in self.scope and name not in BUILT_IN:
                self.complain(
                    mark,
                    "name",
                    f"value `{name}` of {owner} has the name of a parameter",
                    "choose another name",
                )
            result[name] = self.template(item)
            self.scope |= known
        return result

    def value_name(self, name: str, mark: Mark, what: str) -> set[str]:
        """Return the name of a value where it can be one, for the scope; nothing otherwise.

        It is written behind a `$`, and beside the words of a variant.
        """
        before = len(self.problems)
        if name.startswith("_"):
            self.complain(
                mark,
                "name",
                f"{what} `{name}` begins with _, expected a letter",
                "so that $name can be read",
            )
        else:
            self.refuse(mark, name_fault(name, what, (*BUILT_IN, *ABOUT)))
        return {name} if len(self.problems) == before else set()

    def pattern(self, value: Value) -> NamePattern:
        """Return the parts of a name such as `layer{$index + 1}`."""
        text = self.text(value, "`name`")
        parts: list[str | Expression] = []
        for i, part in enumerate(re.split(r"\{([^{}]*)\}", text)):
            if i % 2:
                parts.append(self.expression(part, value.mark))
            elif part:
                self.refuse(value.mark, part_fault(part, text, first=not i))
                parts.append(part)
        return NamePattern(tuple(parts), value.mark)

    def init(self, value: Value | None, what: str) -> Template | None:
        """Return how weights start, by weight: a number, or a scheme such as {normal: 0.01}."""
        if value is None or value.data is None:
            return None
        for weight, how in self.mapping(value, what).items():
            if isinstance(how.data, dict):
                self.keys(how, INITIALIZERS, f"the initial `{weight}`")
            template = self.template(how)
            if template.constant and (fault := initial_fault(weight, template.data)):
                self.complain(how.mark, "kind", fault)
        return self.template(value)
