"""The times of one network's runs, one by one: what a latency budget is judged by."""

from __future__ import annotations

import torch

from archprof.commands.measure.conditions import Settings, applied, check, clock, resolve
from archprof.commands.measure.sampling import Rule, sample
from archprof.commands.measure.sensors import sensors
from archprof.commands.measure.workload import DTYPES, Case, prepare
from archprof.graph.graph import Graph
from archprof.problem import Mark, Problem, ProblemError

LIMIT = 15.0  # seconds of measuring, warm-up apart


class Device:
    """A device to run networks on, in one dtype.

    Raises ProblemError where it is not there or lacks the dtype.
    """

    def __init__(self, name: str, dtype: str):
        self.device, self.dtype = resolve(name), dtype
        if dtype not in DTYPES:
            raise ProblemError(
                [
                    Problem(
                        Mark("--at"),
                        "option",
                        f"nothing is measured in {dtype}",
                        f"there are {', '.join(DTYPES)}",
                    )
                ]
            )
        check(self.device, dtype)

    @property
    def described(self) -> str:
        """The device as it runs networks here: a CPU with its threads."""
        if self.kind != "cpu":
            return str(self.device)
        threads = torch.get_num_threads()
        return f"cpu with {threads} thread{'s' if threads > 1 else ''}"

    @property
    def kind(self) -> str:
        """cpu or cuda."""
        return str(self.device.type)

    def milliseconds(self, graph: Graph, batch: int) -> list[float]:
        """Each run's time in inference, warm, one after the other; none where the clock was
        throttled all along.

        Raises RuntimeError or MemoryError, torch's own, where the network cannot run there.
        """
        with applied(self.device, Settings(), self.dtype):
            workload = prepare(Case(graph, batch, self.dtype), self.device)
            (found,) = sample(
                clock(self.device),
                [workload.runs],
                Rule(limit=LIMIT),
                speed=sensors(self.device).speed,
            )
        return [1e3 * seconds for seconds in found.seconds]
