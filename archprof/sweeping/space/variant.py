"""What a space says of a variant: derived values, conditions, and settings of the network."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from archprof.allowance import Allowance, limits
from archprof.column import Column, Differs, TooLarge, is_whole
from archprof.language.document import Template
from archprof.language.expression import cut
from archprof.language.functions import ExpressionError
from archprof.language.kinds import parse_shape
from archprof.language.override import override
from archprof.problem import ProblemError
from archprof.sweeping.space.names import names_of
from archprof.sweeping.space.space import DROPPED

if TYPE_CHECKING:
    from archprof.sweeping.space.space import Space

MAX_SIDE = 10**6  # of an input, as `parse_shape` has it


class NoVariant(Exception):
    """A group of rows has no variants; `fault` is the rule and the message of the reason."""

    def __init__(self, rule: str, message: str):
        super().__init__(message)
        self.fault = rule, message


class VariantSettings:
    """What a space says of its variants, worked out for a group of rows at once."""

    def __init__(self, space: Space):
        self.space = space
        self.shape = space.network.inputs[0].shape if space.network.inputs else ()
        lets = set(space.lets)
        self.first = [one for one in space.where if not names_of(one) & lets]
        self.then = [one for one in space.where if names_of(one) & lets]

    def of(self, values: Mapping[str, Any]) -> dict[str, Any] | NoVariant:
        """Return the settings of the network, its `input` among them, or why there are none."""
        scope = dict(values)
        with Allowance(limits(), alarm=False):  # each group has the items of one network
            return self._settings(scope)

    def _settings(self, scope: dict[str, Any]) -> dict[str, Any] | NoVariant:
        try:
            self._meet(self.first, scope)
            for name, template in self.space.lets.items():
                scope[name] = _value(template, scope)
            self._meet(self.then, scope)
            settings = {
                name: _value(template, scope) for name, template in self.space.settings.items()
            }
            if "input" in settings:
                settings["input"] = self._shape(settings["input"])
            self._fit(settings)
            return settings
        except NoVariant as reason:
            return reason

    def _meet(self, conditions: Sequence[Template], scope: Mapping[str, Any]) -> None:
        for condition in conditions:
            if not truth(condition, scope):
                raise NoVariant(DROPPED, f"`{cut(condition.plain())}` is false")

    def _fit(self, settings: Mapping[str, Any]) -> None:
        """Raise NoVariant where a parameter gets a value of another kind than it has."""
        for name, value in settings.items():
            if name != "input":
                try:
                    override(self.space.network, {name: _example(value)})
                except ProblemError as error:
                    message = f"`{name}` is of another kind than {self.space.network.name} takes"
                    raise NoVariant(error.problems[0].rule, message) from None

    def _shape(self, value: Any) -> list[Any]:
        """Return an input's shape: one number is the side of the network's own input."""
        if type(value) in (int, float, Column):
            shape: Any = [self.shape[0], *(value for _ in self.shape[1:])]
        else:
            shape = parse_shape(value) or value
        if isinstance(shape, (list, tuple)) and 1 <= len(shape) <= 4 and all(map(_is_side, shape)):
            return list(shape)
        raise NoVariant("kind", "`input` is not a shape of whole numbers from 1 to 1,000,000")


def _example(value: Any) -> Any:
    """Return a plain value of the same kind."""
    if type(value) is Column:
        return 0 if value.whole else 0.0
    return value


def _is_side(value: Any) -> bool:
    return is_whole(value) and bool(value >= 1) and bool(value <= MAX_SIDE)


def truth(condition: Template, scope: Mapping[str, Any]) -> bool:
    """Return the answer of a condition. Raises NoVariant where it has none."""
    answer = _value(condition, scope)
    if type(answer) is not bool:
        raise NoVariant("expression", f"`{cut(condition.plain())}` is neither true nor false")
    return answer


def _value(template: Template, scope: Mapping[str, Any]) -> Any:
    """Return a template's value. Raises NoVariant where it has none.

    The reason has no numbers in it: they differ from row to row.
    """
    try:
        return template.evaluate(scope)
    except TooLarge:
        _halve(scope)
        raise
    except ExpressionError as error:
        at = error.at or template
        if error.limit:
            raise ProblemError.of(at.mark, "limit", str(error), error.hint) from None
        raise NoVariant("expression", f"`{cut(str(at.plain()))}` has no value") from None


def _halve(scope: Mapping[str, Any]) -> None:
    """Raise Differs where there are several rows: a number of one row alone may be too large."""
    for value in scope.values():
        for one in value if isinstance(value, list) else [value]:
            if type(one) is Column:
                raise Differs(np.arange(len(one.rows)) < len(one.rows) // 2)
