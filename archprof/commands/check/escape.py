"""Networks that escape a budget by another name: one that had it is gone, and the same change
brings one that lacks it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fnmatch import fnmatchcase
from typing import NamedTuple

from archprof.commands.check.base import Finding
from archprof.commands.check.config import Allowance, Config
from archprof.language.network import Network
from archprof.problem import Problem, Severity

Kind = tuple[str, bool, str]  # what is limited, whether it is of a block, and the device


class Entry(NamedTuple):
    """A network, the path from the root of the file it is in, and the configuration that counts
    there.
    """

    place: str
    network: Network
    config: Config

    def key(self) -> tuple[str, str]:
        """What identifies it wherever its file is moved to under the same configuration."""
        return self.config.file, self.network.name

    def covered(self) -> set[Kind]:
        """What the budgets of its configuration limit."""
        return {
            kind
            for allowance in self.config.allowances
            if applies(allowance, self.network)
            for kind in kinds(allowance)
        }


def applies(allowance: Allowance, network: Network) -> bool:
    """Whether a budget limits the network, or a block that its file has or uses."""
    document = network.document
    blocks = (*document.blocks, *document.homes)
    return allowance.holds_for(network) and (
        not allowance.block or any(fnmatchcase(name, allowance.block) for name in blocks)
    )


def kinds(allowance: Allowance) -> set[Kind]:
    return {(name, bool(allowance.block), allowance.device) for name, _, _ in allowance.limits}


def escapes(before: Sequence[Entry], now: Sequence[Entry]) -> Iterator[Finding]:
    """An error for each new network without a budget that a network of before had and lost; a note
    where a budget's last network is gone.

    A network is new to a budget unless one of its name was there before and lacked that budget too.
    """
    covered_before, covered_now = (
        [(entry, entry.covered()) for entry in entries] for entries in (before, now)
    )
    for config in dict.fromkeys(entry.config for entry in before):
        for allowance in config.allowances:
            mine, still = (
                [
                    entry
                    for entry in entries
                    if entry.config == config and applies(allowance, entry.network)
                ]
                for entries in (before, now)
            )
            kept = {(entry.place, entry.network.name) for entry in still}
            lost = [entry for entry in mine if (entry.place, entry.network.name) not in kept]
            if not lost:
                continue
            free = {entry.key() for entry, covered in covered_before if kinds(allowance) - covered}
            fresh = [
                (entry, kinds(allowance) - covered)
                for entry, covered in covered_now
                if entry.key() not in free
            ]
            escaped = [(entry, missing) for entry, missing in fresh if missing]
            for entry, missing in escaped:
                yield _escaped(entry, missing, allowance, lost[0])
            if not escaped and not still:
                yield _idle(allowance, lost[0])


def _escaped(entry: Entry, missing: set[Kind], allowance: Allowance, lost: Entry) -> Finding:
    budgets = ", ".join(f"`{name}`" for name in sorted({name for name, _, _ in missing}))
    about = f"{budgets} of the block `{allowance.block}`" if allowance.block else budgets
    same = (entry.place, entry.network.name) == (lost.place, lost.network.name)
    whose = (
        "it had"
        if same
        else f"`{lost.network.name}` of {lost.place} had and the change removes or renames"
    )
    hint = (
        f"that budget is {allowance.limits[0][2]}: let it, or another, fit the new name in a change"
        " merged first; or remove and add in two changes"
    )
    return Finding(
        Problem(
            entry.network.mark,
            "budget",
            f"{entry.network.name} lacks the budget {about}, which {whose}",
            hint,
        ),
        Severity.error,
    )


def _idle(allowance: Allowance, lost: Entry) -> Finding:
    message = f"this budget fits no network now: `{lost.network.name}` of {lost.place} is gone"
    return Finding(
        Problem(
            allowance.limits[0][2],
            "budget",
            message,
            "remove it, or let it fit the networks it is for",
        ),
        Severity.note,
    )
