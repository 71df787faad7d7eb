"""The verdict on a statement, from holds to differs."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from typing import NamedTuple

from archprof.commands.lecture.deciding.explanation import Explanation
from archprof.commands.lecture.deciding.values import Fault

AS = "holds as "
HOLDS, ROUNDED, AS_PUBLISHED, DIFFERS, UNDECIDABLE, NOT_MODELLED, NOT_RUN = (
    "holds",
    "holds rounded",
    "holds, as published",
    "differs",
    "undecidable",
    "not modelled",
    "not run",
)
HOLDS_AS = f"{AS}…"
MEANINGS = {
    HOLDS: "equal, or a statement that is true as it stands",
    ROUNDED: "equal at the printed precision",
    AS_PUBLISHED: "equal to what a source publishes, at the printed precision",
    HOLDS_AS: "equal under a convention or for a variant that the lecture does not name",
    DIFFERS: "not so, with the size of the error and what is likely behind it",
    UNDECIDABLE: (
        "needs training or a judgement: no analysis can decide it, and it never counts as passed"
    ),
    NOT_MODELLED: "arithmetic could decide it, but archprof does not know the operation",
    NOT_RUN: "needs the compiled network, and torch is not there",
}
"""Each kind of verdict and what it means."""

Moves = tuple[str, ...]
"""The conventions, variants and slips that together reproduce a figure."""

_FROM_BEST_TO_WORST = (
    HOLDS,
    ROUNDED,
    AS_PUBLISHED,
    HOLDS_AS,
    UNDECIDABLE,
    NOT_MODELLED,
    NOT_RUN,
    DIFFERS,
)

RECORDED = (HOLDS, ROUNDED, AS_PUBLISHED, HOLDS_AS, DIFFERS, UNDECIDABLE, NOT_MODELLED)
"""The kinds that a file may record; what stands for the dots of HOLDS_AS is its own."""


class Verdict(NamedTuple):
    """One of the kinds in MEANINGS.

    `reading` is what a statement holds as. `fault` is how far off a statement is, or why it is
    not decided. `causes` are what else reproduces the stated figure, simplest first. `luck` is
    the probability that the reading is a coincidence, where it is known. `others` is the
    convention of the figures beside this one where that gives another figure.
    """

    kind: str
    fault: Fault = ""
    causes: tuple[Explanation, ...] = ()
    reading: Moves = ()
    luck: Fraction | None = None
    others: str = ""

    @property
    def word(self) -> str:
        """The verdict as files record it."""
        if self.kind == HOLDS_AS:
            return AS + ", ".join(self.reading)
        return self.kind

    @property
    def is_true(self) -> bool:
        """Whether the statement is true, exactly or as it can be read."""
        return self.kind in (HOLDS, ROUNDED, AS_PUBLISHED, HOLDS_AS)

    @property
    def is_open(self) -> bool:
        """Whether nothing decides the statement, here or anywhere."""
        return self.kind in (UNDECIDABLE, NOT_MODELLED, NOT_RUN)


def recordable(text: str) -> bool:
    """Return whether a file may record this verdict."""
    if text.startswith(AS):
        return len(text) > len(AS) and text != HOLDS_AS
    return text in RECORDED


def worst(verdicts: Iterable[Verdict]) -> Verdict:
    """Return the verdict on the whole: that of its weakest part."""
    return max(
        verdicts,
        key=lambda verdict: _FROM_BEST_TO_WORST.index(verdict.kind),
        default=Verdict(UNDECIDABLE),
    )
