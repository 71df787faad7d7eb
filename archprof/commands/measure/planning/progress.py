"""The progress of measurements on standard error: a bar on a terminal, elsewhere plain lines."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator, Sequence, Sized
from contextlib import contextmanager
from types import TracebackType
from typing import TYPE_CHECKING, Any, Protocol

from archprof.units import printable

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

    from archprof.commands.measure.planning.measurement_plan import Plan
    from archprof.commands.measure.running.workload import Case

AROUND = 12  # further runs of a case: warm-up, memory, batched
TRAINING = 3  # a training step is about as many forward passes
PREPARED = 1.0  # seconds to build a network
PATIENCE, PAUSE = 10.0, 30.0  # seconds before the first plain line, and between two


class Standing(Protocol):
    """How far the measurement of one network has come, as a Sampler has it."""

    @property
    def noise(self) -> float | None:
        """Standard deviation over mean, None before the second run."""

    @property
    def waits(self) -> Sized:
        """The runs so far."""


class Lines:
    """Plain lines on standard error: the first after `patience`, then one every `pause` seconds."""

    def __init__(self, patience: float = PATIENCE, pause: float = PAUSE):
        self.pause = pause
        self.next = time.monotonic() + patience

    def say(self, text: str) -> None:
        """Print the line if it is time for one."""
        now = time.monotonic()
        if now >= self.next:
            print(printable(f"archprof: {text}"), file=sys.stderr, flush=True)
            self.next = now + self.pause


class Course:
    """The progress of a plan, and the time that is left."""

    def __init__(self, plan: Plan):
        self.plan, self.rule = plan, plan.request.rule
        self.seconds_per_flop = 0.0  # of the latest measurement; none is known before the first
        self.done = 0
        # seconds of the finished groups, as they were and as `_seconds` has them
        self.spent, self.foreseen = 0.0, 0.0
        self.started = time.monotonic()
        self.bar: Progress | None = None
        self.task: TaskID | None = None
        self.lines = Lines(PATIENCE, PAUSE)

    def __enter__(self) -> Course:
        if sys.stderr.isatty():
            from rich.console import Console
            from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn

            self.bar = Progress(
                SpinnerColumn(),
                BarColumn(bar_width=20),
                TextColumn(
                    "{task.completed:.0f}/{task.total:.0f} {task.description}", markup=False
                ),
                console=Console(stderr=True),
                transient=True,
            )
            self.bar.start()
            self.task = self.bar.add_task("", total=len(self.plan.groups))
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self.bar:
            self.bar.stop()

    def show(self, cases: Sequence[Case], standings: Sequence[Standing]) -> None:
        """Show what is measured now."""
        now = describe(cases, standings)
        if self.bar and self.task is not None:
            self.bar.update(self.task, description=f"{now} · {duration(self.left())}")
        else:
            left = f"at most about {self.rule.limit * len(cases):.0f} s after warming up"
            if self.done:  # before the first is finished nothing is known
                left = duration(self.left())
            self.lines.say(f"measuring {self.done + 1} of {len(self.plan.groups)}: {now} · {left}")

    def finished(self, rows: Sequence[dict[str, Any]]) -> None:
        """Note that a group is finished; `rows` are all rows so far."""
        self.done += 1
        measured = [row for row in rows if row["latency_ms"]]
        if measured:
            self.seconds_per_flop = measured[-1]["latency_ms"] / 1e3 / measured[-1]["flops"]
        self.spent = time.monotonic() - self.started
        self.foreseen = sum(map(self._seconds, self.plan.groups[: self.done]))
        if self.bar and self.task is not None:
            self.bar.update(self.task, completed=self.done)

    def left(self) -> float:
        """Return the seconds until the end.

        They are estimated by the speed of the latest network, and corrected by how long the
        finished groups took. Where the batch is searched, the others take as long as those.
        """
        since = time.monotonic() - self.started - self.spent
        if self.plan.largest and self.done:
            groups = len(self.plan.groups) - self.done
            return max(0.0, groups * self.spent / self.done - since)
        rest = sum(map(self._seconds, self.plan.groups[self.done :]))
        correction = self.spent / self.foreseen if self.foreseen else 1.0
        return max(0.0, correction * rest - since)

    def _seconds(self, group: Sequence[Case]) -> float:
        """Return the seconds that a group is estimated to take."""
        from archprof.commands.measure.running.measurement import analyzed

        total = 0.0
        for case in group:
            run = analyzed(case).totals.flops * self.seconds_per_flop
            if case.train and not self.done:
                run *= TRAINING
            counted = max(self.rule.seconds, self.rule.samples * run)
            total += PREPARED + AROUND * run + min(self.rule.limit, counted) + self.rule.sustained
        return total


def describe(cases: Sequence[Case], standings: Sequence[Standing]) -> str:
    """Return what is measured now, and how noisy it is so far."""
    case = cases[0]
    names = ", ".join(case.graph.network.name for case in cases)
    how = f"{names} · batch {case.batch} · {case.dtype} {case.mode}"
    if case.train:
        how += " training"
    noises = [one.noise for one in standings if one.noise is not None]
    if not noises:
        return f"{how} · warming up"
    runs = min(len(one.waits) for one in standings)
    return f"{how} · {runs} runs, noise {100 * max(noises):.1f} %"


def duration(seconds: float) -> str:
    """Return roughly how much time is left."""
    return f"about {seconds:.0f} s left" if seconds < 100 else f"about {seconds / 60:.0f} min left"


@contextmanager
def working(text: str) -> Iterator[None]:
    """Show a text on a terminal while something takes long."""
    if not sys.stderr.isatty():
        yield
        return
    from rich.console import Console

    with Console(stderr=True).status(printable(text)):
        yield
