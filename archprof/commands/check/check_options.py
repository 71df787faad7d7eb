"""What a run of `check` looks for: the rules, their severity, and the conditions of `--at`."""

from __future__ import annotations

from typing import NamedTuple

from archprof.commands.check.conditions import NATIVE, Conditions
from archprof.commands.check.config import Config
from archprof.commands.check.rules import RULES
from archprof.language.budget_conditions import OF_CHECK
from archprof.language.typed_conditions import typed_conditions
from archprof.problem import Severity


class Options(NamedTuple):
    """The options for every file.

    `select` has the rules to run, None those that the file's configuration selects, or all;
    `ignore` those not to run; with `strict` warnings are errors.
    """

    select: frozenset[str] | None = None
    ignore: frozenset[str] = frozenset()
    strict: bool = False
    at: Conditions = NATIVE

    def rules(self, config: Config) -> frozenset[str]:
        """Return the rules to run on the files of a configuration."""
        selected = self.select
        if selected is None:
            selected = frozenset(RULES if config.select is None else config.select)
        return selected - self.ignore

    def severity(self, rule: str, config: Config) -> Severity:
        """Return the severity of a rule's findings in the files of a configuration."""
        own = RULES[rule].severity if rule in RULES else Severity.error
        strict = self.strict or config.strict
        return Severity.error if strict and own is Severity.warning else own


def parse_conditions(text: str) -> Conditions:
    """Return the conditions in `input=3x320x320,batch=8,dtype=float16`, as `typed_conditions` has
    them. Raises ProblemError.
    """
    return Conditions(**typed_conditions(text, OF_CHECK))
