"""Under which conditions the variants of a space are analysed, as its file or `--at` has them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from archprof.analysis.counting import CONVENTIONS
from archprof.language.budget_conditions import OF_SPEC, condition
from archprof.language.pieces import Pieces
from archprof.language.typed_conditions import typed_conditions
from archprof.language.value import Value
from archprof.ops.base import shown
from archprof.ops.elements import DTYPES
from archprof.problem import Mark, Problem, ProblemError
from archprof.sweeping.conditions import SweepConditions
from archprof.sweeping.space.bounds import Bound
from archprof.sweeping.space.space import Space
from archprof.sweeping.space.words import CONDITION_WORDS, CONDITIONS
from archprof.training.training_conditions import AUTO, refuse_impossible

FLAGS = ("ema", "train")
MEMORY = "training_peak_bytes"
ONLY_OF_STEP = ("amp", "checkpoint", "accumulate", "device")
"""The conditions that say nothing of any other total: where one is stated a step is simulated."""


def read_conditions(
    value: Value | None, budget: Sequence[Bound], pieces: Pieces
) -> SweepConditions:
    """Return the conditions of the analysis."""
    if value is None:
        return SweepConditions()
    entries = pieces.keys(value, CONDITIONS, "`conditions`", CONDITION_WORDS)
    before = len(pieces.problems)
    found = {name: _condition(name, item, pieces) for name, item in entries.items()}
    if len(pieces.problems) > before:
        return SweepConditions()
    conditions = _with(SweepConditions(), found, budget)
    for problem in _contradictions(conditions):
        item = entries.get(problem.mark.file.removeprefix("--"), value)
        pieces.complain(item.mark, "kind", problem.message, problem.hint)
    return conditions


def with_conditions(space: Space, text: str | None) -> Space:
    """Return the space under the conditions of `--at batch=32,optimizer=adamw,fused`, which
    replace its own of these names. Raises ProblemError for conditions that there are not, or that
    do not go together.
    """
    if text is None:
        return space
    stated = typed_conditions(text, OF_SPEC)
    conditions = _with(space.conditions, stated, space.budget)
    problems = [one.replaced(mark=Mark("--at")) for one in _contradictions(conditions)]
    if problems:
        raise ProblemError(problems)
    return space.replaced(conditions=conditions)


def _with(
    conditions: SweepConditions, stated: Mapping[str, Any], budget: Sequence[Bound]
) -> SweepConditions:
    """Return conditions with those that are stated."""
    changed = conditions.replaced(**stated)
    limits = [one.value for one in budget if one.quantity == MEMORY and not one.least]
    planned = changed.checkpoint == AUTO
    return changed.replaced(
        train=changed.train or any(name in stated for name in ONLY_OF_STEP),
        room=min(limits, default=None) if planned else None,
    )


def _condition(name: str, value: Value, pieces: Pieces) -> Any:
    if name in FLAGS:
        return pieces.flag(value, name)
    plain = value.plain()
    try:
        return _convention(plain) if name == "count" else condition(name, plain)
    except ValueError as error:
        pieces.complain(value.mark, "kind", f"`{name}` is {shown(plain)}, {error}")
        return None


def _convention(plain: Any) -> str:
    if not isinstance(plain, str) or plain not in CONVENTIONS:
        raise ValueError(f"expected one of {', '.join(CONVENTIONS)}")
    return plain


def _contradictions(conditions: SweepConditions) -> Sequence[Problem]:
    """Return what is wrong with a step under some conditions, each by the name of an option."""
    try:
        refuse_impossible(conditions.words.replaced(itemsize=DTYPES[conditions.dtype]))
    except ProblemError as error:
        return error.problems
    if conditions.checkpoint == AUTO and conditions.room is None:
        message = "`auto` looks for checkpoints that fit into a memory, and none is given here"
        hint = "budget: {max_training_memory: 24 GiB} gives it; or a block, a path"
        return [Problem(Mark("--checkpoint"), "option", message, hint)]
    return []
