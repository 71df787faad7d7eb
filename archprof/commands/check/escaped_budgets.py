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


Covered = Sequence[tuple[BudgetedNetwork, set[BudgetKind]]]
"""Networks, each with what its budgets limit."""


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
            have = _limited(now, config, table)
            lost = _lost(_limited(before, config, table), have)
            if lost is None:
                continue
            escaped = _lacking(kinds(table), covered_before, covered_now)
            for one, missing in escaped:
                yield _escaped(one, missing, table, lost)
            if not escaped and not have:
                yield _idle(table, lost)


def _limited(
    networks: Sequence[BudgetedNetwork], config: Config, table: BudgetTable
) -> list[BudgetedNetwork]:
    """Return those that the budget of this configuration limits."""
    of_config = (one for one in networks if one.config == config)
    return [one for one in of_config if table.limits_some_of(known(one.network))]


def _lost(
    had: Sequence[BudgetedNetwork], have: Sequence[BudgetedNetwork]
) -> BudgetedNetwork | None:
    """Return the first network that had a budget and has it no more; None where there is none."""
    kept = {(one.place, one.network.name) for one in have}
    return next((one for one in had if (one.place, one.network.name) not in kept), None)


def _lacking(
    limited: set[BudgetKind], before: Covered, now: Covered
) -> list[tuple[BudgetedNetwork, set[BudgetKind]]]:
    """Return the networks that lack some of what a budget limits, and did not before; and what."""
    free = {one.key() for one, covered in before if limited - covered}
    new = ((one, limited - covered) for one, covered in now if one.key() not in free)
    return [(one, missing) for one, missing in new if missing]


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
