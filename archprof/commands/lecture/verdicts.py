"""What becomes of a claim: holds, holds rounded, holds as something, differs, undecidable, or
not run.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

HOLDS, ROUNDED, DIFFERS, UNDECIDABLE, NOT_RUN = (
    "holds",
    "holds rounded",
    "differs",
    "undecidable",
    "not run",
)
AS = "holds as "
MEANINGS = {
    HOLDS: "equal, or a statement that is true as it stands",
    ROUNDED: "equal at the printed precision",
    f"{AS}…": "equal under a convention or for a variant that the lecture does not name",
    DIFFERS: "not so, with the size of the error and what is likely behind it",
    UNDECIDABLE: (
        "needs training or a judgement: no analysis can decide it, and it never counts as passed"
    ),
    NOT_RUN: "needs the compiled network, and torch is not there",
}


class Verdict(NamedTuple):
    """`word` is the verdict as recorded in files; `error` how far off, `causes` what reproduces
    the stated figure, simplest first.
    """

    word: str
    error: str = ""
    causes: tuple[str, ...] = ()

    @property
    def held(self) -> bool:
        return self.word.startswith(HOLDS)


def recordable(text: str) -> bool:
    """Whether a file may record this verdict."""
    return text in (HOLDS, ROUNDED, DIFFERS, UNDECIDABLE) or (
        text.startswith(AS) and len(text) > len(AS)
    )


def worst(verdicts: Iterable[Verdict]) -> Verdict:
    """The verdict of a whole: that of its weakest part."""
    return max(verdicts, key=lambda v: _rank(v.word), default=Verdict(UNDECIDABLE))


def _rank(word: str) -> int:
    order = (HOLDS, ROUNDED, AS, UNDECIDABLE, NOT_RUN, DIFFERS)
    return order.index(AS if word.startswith(AS) else word)
