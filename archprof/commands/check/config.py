"""The records of a configuration: rules, budgets, suppressions and limits for its folder."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from fractions import Fraction
from pathlib import Path
from typing import NamedTuple

from archprof.language.budget_conditions import Stated
from archprof.language.network import Network, names
from archprof.problem import Mark


class LowerLimits(NamedTuple):
    """Limits for each file that are lower than the run's, by their names in `archprof.allowance`.

    None keeps the run's limit. A configuration can only lower a limit: a pull request changes
    configurations too, and must not keep a machine busy.
    """

    layers: int | None = None
    seconds: float | None = None
    megabytes: float | None = None
    edges: int | None = None
    items: int | None = None


USUAL = LowerLimits()


class KnownAs(NamedTuple):
    """What globs know a network by: its names, its families, and the blocks its file has or uses.

    A family is known by its `family:` and by the `name` of its file.
    """

    names: tuple[str, ...]
    families: tuple[str, ...]
    blocks: tuple[str, ...] = ()


def known(network: Network) -> KnownAs:
    """Return what a spec's network is known by."""
    document = network.document
    family = str(network.stated("family") or document.name)
    return KnownAs(names(network), (family, document.name), (*document.blocks, *document.homes))


class BudgetTable(NamedTuple):
    """One `[[budget]]`: the limits, and globs over the networks, families and blocks it is for.

    `conditions` are those under which it holds, in the place of `--at`.
    """

    network: str
    family: str
    block: str
    device: str
    limits: tuple[tuple[str, int | Fraction, Mark], ...]
    conditions: Stated = ()

    def holds_for(self, network: KnownAs) -> bool:
        """Return whether the globs over networks and families match."""
        if not any(fnmatchcase(name, self.network) for name in network.names):
            return False
        family = self.family.casefold()
        return any(fnmatchcase(name.casefold(), family) for name in network.families)

    def limits_some_of(self, network: KnownAs) -> bool:
        """Return whether it limits the network, or a block that its file has or uses."""
        if not self.holds_for(network):
            return False
        return not self.block or any(fnmatchcase(name, self.block) for name in network.blocks)


class Exemption(NamedTuple):
    """One `[[suppress]]`: rules that do not run on some files and networks, and its place.

    `files` are globs relative to the configuration, `row` is the line at the place.
    """

    rules: tuple[str, ...]
    files: tuple[str, ...]
    network: str
    mark: Mark
    row: str = ""


@dataclass(frozen=True)
class Config:
    """One configuration; that without a file is empty.

    `folder` is the folder that globs over files are relative to.
    """

    file: str = ""
    folder: Path = Path()
    select: tuple[str, ...] | None = None
    strict: bool = False
    limits: LowerLimits = USUAL
    budgets: tuple[BudgetTable, ...] = ()
    exemptions: tuple[Exemption, ...] = ()

    def exempts(self, file: Path, network: str, rule: str) -> Iterator[Mark]:
        """Yield the places that suppress a rule for a file and a network, "" for the whole file."""
        for exemption in self.exemptions:
            matches = rule in exemption.rules and fnmatchcase(network, exemption.network)
            if matches and self.covers(exemption, file):
                yield exemption.mark

    def covers(self, exemption: Exemption, file: Path) -> bool:
        """Return whether an exemption is for this file."""
        return any(_matches(file, self.folder, glob) for glob in exemption.files)


def _matches(file: Path, folder: Path, glob: str) -> bool:
    """Return whether a file matches a glob relative to a folder.

    A folder's name matches all that is in it, `**` any folders.
    """
    try:
        relative = file.relative_to(folder).as_posix()
    except ValueError:
        return False
    pattern = glob.removeprefix("./").rstrip("/")
    return (
        fnmatchcase(relative, pattern)
        or fnmatchcase(relative, f"{pattern}/*")
        or fnmatchcase(relative, pattern.replace("**/", ""))
    )
