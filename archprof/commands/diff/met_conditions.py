"""The conditions of --fail-on that networks of a review meet, each with the place to look at."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from archprof import units
from archprof.analysis.analysis import Analysis
from archprof.commands.diff.cause import Causes
from archprof.commands.diff.difference import Change, Difference, Share
from archprof.commands.diff.fail_conditions import SIZED, Condition, Numbers, numbers, value
from archprof.commands.diff.review import Compared, Review
from archprof.language.text import with_lines
from archprof.problem import Problem

NEAREST_SHARE = {"training_peak": "training", "step_flops": "flops"}
"""By which share of a layer a number of a step, which is not a sum over layers, is most likely
moved."""

SUCCESSOR_HINT = (
    "a network that is added counts as the successor of each that is removed; where it is none,"
    " remove and add in two changes"
)


class MetCondition(NamedTuple):
    """A condition, the network that meets it, and the problem at what weighs most in it."""

    condition: Condition
    compared: Compared
    problem: Problem


def met_conditions(review: Review, conditions: Iterable[Condition]) -> list[MetCondition]:
    """Return the conditions that hold, network by network."""
    conditions = tuple(conditions)
    found = []
    for one, olds in zip(review.networks, _predecessors(review.networks), strict=True):
        for condition in conditions:
            problem = _problem(condition, one, olds)
            if problem is not None:
                found.append(MetCondition(condition, one, problem))
    return found


def _predecessors(networks: Sequence[Compared]) -> list[tuple[Analysis, ...]]:
    """Return for each network the old ones that conditions compare it with.

    That is the network itself before. Of an added network it is the removed one with the same
    numbers or, where there is none, each removed one: a condition on a change would otherwise miss
    a network that was changed and renamed at once.
    """
    gone = [one.old for one in networks if one.state == "removed" and one.old]
    renamed: dict[int, Analysis] = {}
    for number, one in enumerate(networks):
        if one.state != "added" or one.new is None:
            continue
        same = next((old for old in gone if old.totals == one.new.totals), None)
        if same is not None:
            renamed[number] = same
            gone = [old for old in gone if old is not same]
    found: list[tuple[Analysis, ...]] = []
    for number, one in enumerate(networks):
        if number in renamed:
            found.append((renamed[number],))
        elif one.state == "added":
            found.append(tuple(gone))
        else:
            found.append((one.old,) if one.old else ())
    return found


def _problem(condition: Condition, one: Compared, olds: tuple[Analysis, ...]) -> Problem | None:
    """Return the problem where a network meets a condition, against any of `olds`.

    Its place is that of the change that weighs most.
    """
    if one.new is None:
        return None
    quantity, network = condition.quantity, one.new.graph.network
    new = numbers(one.new, quantity)
    met = [old for old in olds or (None,) if condition.met(old and numbers(old, quantity), new)]
    if not met:
        return None
    old = met[0]
    place, most = network.mark, ""
    heaviest = _heaviest(condition, one.found) if one.found else None
    if one.found and heaviest:
        place = Causes(one.found).of(heaviest)
        most = f", most by {heaviest.state} `{heaviest.layer.row.node.path}`"
    instead, hint = "", ""
    if old and old is not one.old and condition.relative:
        instead, hint = f" in the place of {old.graph.network.name}", SUCCESSOR_HINT
    change = change_text(quantity, old and numbers(old, quantity), new)
    message = f"{one.name}{instead}: {change} meets `{condition.text}`{most}"
    return with_lines([Problem(place, "fail-on", message, hint)], network.texts())[0]


def change_text(quantity: str, old: Numbers | None, new: Numbers) -> str:
    """Return a number and its change: macs 4.09 G -> 4.83 G (+18.2%)."""
    text = units.size if quantity in SIZED else units.count
    before, after = (None if side is None else value(side, quantity) for side in (old, new))
    if after is None:
        return f"{quantity} all"
    if before is None:
        return f"{quantity} {text(after)}"
    return f"{quantity} {text(before)} -> {text(after)} ({units.relative(before, after)})"


def _heaviest(condition: Condition, found: Difference) -> Change | None:
    """Return the change that moves a condition's quantity most towards it.

    Of a quantity that is not a sum over layers it is the first change.
    """
    own = [change for change in found.changes if change.state in ("changed", "added", "removed")]
    changes = own or list(found.changes)
    quantity = NEAREST_SHARE.get(condition.quantity, condition.quantity)
    if not changes or quantity not in Share._fields:
        return changes[0] if changes else None
    sign = -1 if condition.comparison.startswith("<") else 1
    return max(changes, key=lambda change: sign * getattr(change.share, quantity))
