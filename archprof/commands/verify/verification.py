"""The results of a verification: every number of the analysis beside that of a witness."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from archprof.analysis.receptive import rank
from archprof.graph.graph import Graph
from archprof.ops.axes import names

Value = int | tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Check:
    """One quantity of one layer, or of the whole network where `path` is "", as the analysis and as
    the witness have it.

    Values are counts, bytes, shapes without the batch, or (first, last) pixel of a receptive field.
    """

    witness: str
    quantity: str
    path: str
    ours: Value
    theirs: Value

    @property
    def holds(self) -> bool:
        return self.ours == self.theirs


@dataclass(frozen=True)
class Verification:
    """All checks, witness by witness, layers in order of execution with the total last; `notes`
    say what no witness could check.
    """

    checks: tuple[Check, ...]
    notes: tuple[str, ...] = ()

    @property
    def holds(self) -> bool:
        """Whether every witness agrees; false where there is not a single check."""
        return bool(self.checks) and not self.differing

    @cached_property
    def differing(self) -> tuple[Check, ...]:
        return tuple(check for check in self.checks if not check.holds)

    @cached_property
    def totals(self) -> tuple[Check, ...]:
        """The checks of the network as a whole, one per witness and quantity."""
        return tuple(check for check in self.checks if not check.path)

    @cached_property
    def quantities(self) -> tuple[tuple[str, str], ...]:
        """(witness, quantity) of every kind of check made, in order: the columns of a table."""
        return tuple(dict.fromkeys((check.witness, check.quantity) for check in self.checks))

    @cached_property
    def layers(self) -> dict[str, dict[tuple[str, str], Check]]:
        """By layer path, then by (witness, quantity): the rows of a table.

        The network as a whole is under "".
        """
        rows: dict[str, dict[tuple[str, str], Check]] = {}
        for check in self.checks:
            rows.setdefault(check.path, {})[check.witness, check.quantity] = check
        return rows

    def of(self, witness: str, quantity: str = "") -> tuple[Check, ...]:
        """Return the checks of one witness, and of one quantity where it is named."""
        return tuple(
            check
            for check in self.checks
            if check.witness == witness and quantity in ("", check.quantity)
        )


def fields(graph: Graph) -> tuple[str, ...]:
    """Return what a check of a receptive field is called, by axis of the network's input."""
    axes = rank(graph)
    return tuple(f"field {name}" for name in names(axes)) if axes else ()
