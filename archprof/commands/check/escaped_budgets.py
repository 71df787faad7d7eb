"""Networks that escape a budget by another name.

A network that had the budget is gone, and the same change brings a network that lacks it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from archprof.commands.check.base import Finding
from archprof.commands.check.config import BudgetTable, Config, known
from archprof.language.budget_conditions import Stated
from archprof.language.network import Network
from archprof.problem import Problem, Severity

BudgetKind = tuple[str, bool, str, Stated]
"""What a budget limits, whether it is of a block, its device, and its own conditions."""


class BudgetedNetwork(NamedTuple):
    """A network, its file as a path from the root, and the configuration that counts there."""

    place: str
    network: Network
    config: Config

    def key(self) -> tuple[str, str]:
        """Return what identifies it when its file moves under the same configuration."""
        return self.config.file, self.network.name

    def covered(self) -> set[BudgetKind]:
        """Return what the budgets of its configuration limit."""
        found: set[BudgetKind] = set()
        for table in self.config.budgets:
            if table.limits_some_of(known(self.network)):
                found |= kinds(table)
        return found


def kinds(table: BudgetTable) -> set[BudgetKind]:
    """Return what a budget limits."""
    block = bool(table.block)
    return {(name, block, table.device, table.conditions) for name, _, _ in table.limits}


def escapes(before: Sequence[BudgetedNetwork], now: Sequence[BudgetedNetwork]) -> Iterator[Finding]:
    """Yield an error for each new network that lacks a budget which another network lost.

    A network is new to a budget unless one of its name was there before and lacked that budget too.
    Where no network escapes, a note says that a budget has lost its last network.
    """
    covered_before = [(one, one.covered()) for one in before]
    covered_now = [(one, one.covered()) for one in now]
    for config in dict.fromkeys(one.config for one in before):
        for table in config.budgets:
            had = [
                one
                for one in before
                if one.config == config and table.limits_some_of(known(one.network))
            ]
            have = [
                one
                for one in now
                if one.config == config and table.limits_some_of(known(one.network))
            ]
            kept = {(one.place, one.network.name) for one in have}
            lost = [one for one in had if (one.place, one.network.name) not in kept]
            if not lost:
                continue
            limited = kinds(table)
            # these lacked the budget before, too
            free = {one.key() for one, covered in covered_before if limited - covered}
            escaped = [
                (one, limited - covered)
                for one, covered in covered_now
                if one.key() not in free and limited - covered
            ]
            for one, missing in escaped:
                yield _escaped(one, missing, table, lost[0])
            if not escaped and not have:
                yield _idle(table, lost[0])


def _escaped(
    found: BudgetedNetwork, missing: set[BudgetKind], table: BudgetTable, lost: BudgetedNetwork
) -> Finding:
    name = found.network.name
    budgets = ", ".join(f"`{kind}`" for kind in sorted({kind for kind, *_ in missing}))
    if table.block:
        budgets += f" of the block `{table.block}`"
    if (found.place, name) == (lost.place, lost.network.name):
        whose = "it had"
    else:
        whose = f"`{lost.network.name}` of {lost.place} had and the change removes or renames"
    message = f"{name} lacks the budget {budgets}, which {whose}"
    hint = (
        f"that budget is {table.limits[0][2]}: let it, or another, fit the new name in a change"
        " merged first; or remove and add in two changes"
    )
    return Finding(Problem(found.network.mark, "budget", message, hint), Severity.error)


def _idle(table: BudgetTable, lost: BudgetedNetwork) -> Finding:
    message = f"this budget fits no network now: `{lost.network.name}` of {lost.place} is gone"
    hint = "remove it, or let it fit the networks it is for"
    return Finding(Problem(table.limits[0][2], "budget", message, hint), Severity.note)
