"""What a run of `check` looks for: the rules, their severity, and the conditions of `--at`."""

from __future__ import annotations

from typing import NamedTuple

from archprof.analysis.counting import DTYPES
from archprof.commands.check.config import Config
from archprof.commands.check.rules import RULES
from archprof.language.kinds import parse_shape
from archprof.ops.base import Shape, shown
from archprof.problem import Mark, Problem, ProblemError, Severity, nearest

MAX_BATCH = 1_000_000


class Conditions(NamedTuple):
    """The conditions under which budgets and rules about shapes are checked.

    `input` replaces the spec's own; `batch` is the number of images; `dtype` is that of activations
    and weights.
    """

    input: Shape | None = None
    batch: int = 1
    dtype: str = "float32"


NATIVE = Conditions()


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

    Raises ProblemError.
    """
    found = Conditions()
    given: set[str] = set()
    for part in text.split(","):
        key, sign, value = (piece.strip() for piece in part.partition("="))
        if not sign or key in given:
            raise _refused(
                f"{shown(part)}, expected KEY=VALUE, each key once",
                "such as input=3x320x320,batch=8,dtype=float16",
            )
        given.add(key)
        found = _with_condition(found, key, value)
    return found


def _with_condition(conditions: Conditions, key: str, value: str) -> Conditions:
    """Return the conditions with one of them set from its text. Raises ProblemError."""
    if key == "input":
        shape = parse_shape(value)
        if shape is not None:
            return conditions._replace(input=shape)
        expected = "a shape such as 3x320x320"
    elif key == "batch":
        if value.isascii() and value.isdigit() and len(value) <= len(str(MAX_BATCH)):
            batch = int(value)
            if 1 <= batch <= MAX_BATCH:
                return conditions._replace(batch=batch)
        expected = f"a whole number from 1 to {MAX_BATCH:,}"
    elif key == "dtype":
        if value in DTYPES:
            return conditions._replace(dtype=value)
        expected = f"one of {', '.join(DTYPES)}"
    else:
        hint = nearest(key, Conditions._fields, "conditions")
        raise _refused(f"there is no condition `{key}`", hint)
    raise _refused(f"`{key}` is {shown(value)}, expected {expected}")


def _refused(message: str, hint: str = "") -> ProblemError:
    return ProblemError([Problem(Mark("--at"), "option", message, hint)])
