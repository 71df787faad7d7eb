"""The records of a decided claim, and the witnesses that are consulted."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

from archprof.commands.lecture.claims.document import Claim, Experiment, Subject
from archprof.commands.lecture.deciding.evaluate import WitnessValues
from archprof.commands.lecture.deciding.subjects import Subjects
from archprof.commands.lecture.deciding.values import HandCalculation, PublishedReport, Reported
from archprof.commands.lecture.deciding.verdicts import NOT_RUN, Verdict

Run = Callable[[Experiment, Subjects], str]


class Witnesses(NamedTuple):
    """What torch and fvcore report of each subject, and how experiments are run.

    `run` is None where torch is not installed; `missing` names the witnesses that are not there.
    """

    torch: Mapping[Subject, WitnessValues] = {}
    fvcore: Mapping[Subject, WitnessValues] = {}
    run: Run | None = None
    missing: tuple[str, ...] = ()


class Decision(NamedTuple):
    """One statement decided.

    `stated` is the statement as printed, or what the lecture's words `reads` say. `by_hand` is the
    lecture's own calculation, or the experiment that was run. `channels_last` is how the lecture
    writes shapes. What does not apply is "".
    """

    label: str
    stated: str
    by_hand: HandCalculation | str
    analysis: Reported
    torch: Reported
    fvcore: Reported
    verdict: Verdict
    recorded: str
    channels_last: bool = False
    published: PublishedReport | None = None
    reads: str = ""

    @property
    def as_recorded(self) -> bool:
        """Whether the verdict is the one that the file records; what was not run is as recorded."""
        if not self.recorded or self.verdict.kind == NOT_RUN:
            return True
        return self.recorded == self.verdict.word


class JudgedClaim(NamedTuple):
    """A claim with the decision on each of its parts.

    `also` are those on archprof's own supporting checks, which count in no total.
    """

    claim: Claim
    decisions: tuple[Decision, ...]
    also: tuple[Decision, ...] = ()

    @property
    def everything(self) -> tuple[Decision, ...]:
        """All that was decided: what the lecture states, then the supporting checks."""
        return (*self.decisions, *self.also)
