"""What a configuration says: rules, budgets, suppressions and limits for the files below it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from fractions import Fraction
from pathlib import Path
from typing import NamedTuple

from archprof.language.network import Network, names
from archprof.problem import Mark


class Limits(NamedTuple):
    """Lower limits for each file than the run has, by their names in `archprof.allowance`; None:
    those of the run.

    A configuration lowers them only: a pull request changes configurations too, and must not keep a
    machine busy.
    """

    layers: int | None = None
    seconds: float | None = None
    megabytes: float | None = None
    edges: int | None = None
    items: int | None = None


USUAL = Limits()


class Allowance(NamedTuple):
    """One table of budgets: the networks it is for, by globs over name and family, and what
    they, or every use of a block, must keep.
    """

    network: str
    family: str
    block: str
    device: str
    limits: tuple[tuple[str, int | Fraction, Mark], ...]

    def holds_for(self, network: Network) -> bool:
        """Whether both globs match; a family is called by its `family:` or by its file's `name`."""
        family = {
            str(network.stated("family") or network.document.name).casefold(),
            network.document.name.casefold(),
        }
        return any(fnmatchcase(name, self.network) for name in names(network)) and any(
            fnmatchcase(name, self.family.casefold()) for name in family
        )


class Exemption(NamedTuple):
    """Rules left out for files (globs relative to the configuration) and networks, and the place
    that says so.
    """

    rules: tuple[str, ...]
    files: tuple[str, ...]
    network: str
    mark: Mark
    row: str = ""  # of the file


@dataclass(frozen=True)
class Config:
    """What one configuration says; one without a file says nothing.

    `folder` is what globs over files are relative to.
    """

    file: str = ""
    folder: Path = Path()
    select: tuple[str, ...] | None = None
    strict: bool = False
    limits: Limits = USUAL
    allowances: tuple[Allowance, ...] = ()
    exemptions: tuple[Exemption, ...] = ()

    def exempts(self, file: Path, network: str, rule: str) -> Iterator[Mark]:
        """The exemptions that leave this rule out for a file and a network ("": the file as a
        whole).
        """
        for exemption in self.exemptions:
            if (
                rule in exemption.rules
                and fnmatchcase(network, exemption.network)
                and self.covers(exemption, file)
            ):
                yield exemption.mark

    def covers(self, exemption: Exemption, file: Path) -> bool:
        """Whether an exemption is for this file."""
        return any(_matches(file, self.folder, glob) for glob in exemption.files)


def _matches(file: Path, folder: Path, glob: str) -> bool:
    """Whether a file matches a glob relative to a folder; a folder's name stands for all that is
    in it, `**` for any folders.
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
