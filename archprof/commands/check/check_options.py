"""What a run of `check` looks for: the rules, their severity, and the reader of `--at`."""

from __future__ import annotations

from typing import Any, NamedTuple

from archprof.commands.check.conditions import NATIVE, Conditions
from archprof.commands.check.config import Config
from archprof.commands.check.rules import RULES
from archprof.language.budget_conditions import COUNTS, MAX_BATCH, OF_CHECK, condition
from archprof.ops.base import shown
from archprof.problem import Mark, Problem, ProblemError, Severity, nearest

LISTS = ("optimizer", "freeze")  # the conditions of which several words may be given


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
    """Return the conditions in `input=3x320x320,batch=8,dtype=float16`, each at most once.

    Of `optimizer` and `freeze` the words that follow without a key are more of the same:
    `optimizer=adamw,fused`. Raises ProblemError.
    """
    given: dict[str, list[str]] = {}
    key = ""
    for part in text.split(","):
        word, sign, value = (piece.strip() for piece in part.partition("="))
        if not sign and word and key in LISTS:
            given[key].append(word)
            continue
        if not sign or word in given:
            raise _refused(
                f"{shown(part)}, expected KEY=VALUE, each key once",
                "such as input=3x320x320,batch=8,dtype=float16",
            )
        key = word
        given[key] = [value]
    return Conditions(**{name: _condition(name, values) for name, values in given.items()})


def _condition(key: str, values: list[str]) -> Any:
    """Return one condition from its text. Raises ProblemError."""
    if key not in OF_CHECK:
        raise _refused(f"there is no condition `{key}`", nearest(key, OF_CHECK, "conditions"))
    text = ",".join(values)
    value: Any = text
    if key == "freeze":
        value = values
    elif key in COUNTS and text.isascii() and text.isdigit() and len(text) <= len(str(MAX_BATCH)):
        value = int(text)
    try:
        return condition(key, value)
    except ValueError as error:
        raise _refused(f"`{key}` is {shown(text)}, {error}") from None


def _refused(message: str, hint: str = "") -> ProblemError:
    return ProblemError([Problem(Mark("--at"), "option", message, hint)])
