"""What is found of variants while their totals are composed."""

from __future__ import annotations

import numpy as np

from archprof.problem import Problem
from archprof.sweeping.composing.keys import Array
from archprof.sweeping.variants import TOTALS


class Composed:
    """The totals of variants by row, as far as they were found.

    `reasons`: the number in `faults` of what is wrong with a row, 0 where nothing is. `apart`: rows
    whose totals were not found, because of `why`.
    """

    def __init__(self, count: int):
        self.totals = {name: np.zeros(count, np.int64) for name in TOTALS}
        self.reasons = np.zeros(count, np.int64)
        self.faults: dict[tuple[str, str], int] = {}
        self.apart = np.zeros(count, bool)
        self.why: set[str] = set()

    def fail(self, rows: Array, problem: Problem) -> None:
        """Note what is wrong with rows."""
        fault = problem.rule, problem.message
        self.reasons[rows] = self.faults.setdefault(fault, len(self.faults) + 1)
