"""What is wrong between the parts of a space, and between them and its network."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from archprof.foreign import SETTINGS
from archprof.language.document import Template
from archprof.language.functions import ExpressionError
from archprof.language.hints import condition_hint
from archprof.language.kinds import parse_shape
from archprof.language.override import override
from archprof.language.pieces import Pieces
from archprof.ops.base import shown
from archprof.problem import Mark, ProblemError, closest
from archprof.sweeping.space.names import names_of
from archprof.sweeping.space.space import Space


def check(space: Space, pieces: Pieces) -> None:
    """Complain of what does not go together, but for what is faulty by itself.

    Values are looked at in one variant, in which each axis has its first value; where an expression
    has none there, nothing is complained of: a `where` may leave that variant out.
    """
    _Checker(space, pieces).check()


class _Checker:
    """`values` are those of the first point by name, the derived ones included, as far as there
    are any.
    """

    def __init__(self, space: Space, pieces: Pieces):
        self.space, self.pieces = space, pieces
        self.own = space.network.document.params
        self.faulty = {problem.mark for problem in pieces.problems}
        self.values: dict[str, Any] = {
            one.name: one.value([axis.first for axis in one.axes])
            for one in space.parameters
            if not one.faulty
        }
        for name, template in space.lets.items():
            found = _evaluated(template, self.values)
            if found is not None:
                self.values[name] = found

    def check(self) -> None:
        """Complain of everything."""
        self._check_use()
        for condition, values in self._conditions():
            answer = _evaluated(condition, values)
            if answer is not None and type(answer) is not bool:
                message = f"`{condition.plain()}` is {shown(answer)}, expected true or false"
                self._complain(condition.mark, "kind", message, condition_hint(None, ()))
        for name, template in self.space.settings.items():
            value = _evaluated(template, self.values)
            if name == "input":
                self._check_input(value, template.mark)
            else:
                self._check_setting(name, value, template.mark)

    def _complain(self, mark: Mark, rule: str, message: str, hint: str = "") -> None:
        """Note a problem, unless what is written there is faulty by itself."""
        if mark not in self.faulty:
            self.pieces.complain(mark, rule, message, hint)

    def _conditions(self) -> Iterator[tuple[Template, dict[str, Any]]]:
        """Yield each condition with the values that it sees."""
        for template in self.space.where:
            yield template, self.values
        whens: dict[Mark, tuple[Template, int]] = {}
        for parameter in self.space.parameters:
            for index, axis in enumerate(parameter.axes):
                if axis.when is not None:  # of `each` it is that of many axes
                    whens.setdefault(axis.when.mark, (axis.when, index))
        for template, index in whens.values():
            yield template, {**self.values, "index": index}

    def _check_use(self) -> None:
        """Complain of parameters and derived values that nothing uses."""
        space = self.space
        whens = [axis.when for axis in space.axes if axis.when is not None]
        everything = [*space.lets.values(), *space.settings.values(), *space.where, *whens]
        used = {name for template in everything for name in names_of(template)}
        for parameter in space.parameters:
            name = parameter.name
            if name not in used:
                message = f"{space.network.name} has no parameter `{name}`"
                hint = SETTINGS.hint(name, (*self.own, "input"), "parameters")
                message = f"{message}, and no expression uses it"
                self._complain(parameter.mark, "unused", message, hint)
        for name, template in space.lets.items():
            if name not in used and name in self.pieces.scope:  # otherwise it is not a name
                hint = "`set:` gives it to the network"
                if near := closest(name, self.own):
                    hint = f"set: {{{near}: ${name}}} gives it to the network"
                self._complain(template.mark, "unused", f"no expression uses `{name}`", hint)

    def _check_setting(self, name: str, value: Any, mark: Mark) -> None:
        """Complain of a setting that the network does not have, or that is of another kind."""
        network = self.space.network
        if name not in self.own:
            message = f"{network.name} has no parameter `{name}`"
            hint = SETTINGS.hint(name, (*self.own, "input"), "parameters")
            self._complain(mark, "override", message, hint)
        elif value is not None:
            try:
                override(network, {name: value})
            except ProblemError as error:
                for problem in error.problems:
                    self._complain(mark, problem.rule, problem.message, problem.hint)

    def _check_input(self, value: Any, mark: Mark) -> None:
        """Complain of an input that is not a shape, or of none to replace."""
        if not self.space.network.inputs:
            message = f"{self.space.network.name} states no input that `input` could replace"
            self._complain(mark, "override", message)
        elif value is not None and parse_shape(value) is None:
            message = f"`input` is {shown(value)}, expected a whole number or a shape"
            hint = "round(…) gives a whole number" if type(value) is float else ""
            self._complain(mark, "kind", message, hint)


def _evaluated(template: Template, values: Mapping[str, Any]) -> Any:
    """Return a template's value, None where it has none."""
    try:
        return template.evaluate(values)
    except ExpressionError:
        return None
