"""Measure the times of a network's runs, by which a latency budget is decided."""

from __future__ import annotations

import torch

from archprof.commands.measure.on_device.sensors import sensors
from archprof.commands.measure.on_device.torch_device import (
    TorchFlags,
    applied,
    check,
    clock,
    resolve,
)
from archprof.commands.measure.running.sampling import StopRule, sample
from archprof.commands.measure.running.workload import DTYPES, Case, prepare
from archprof.commands.measure.writing.run_labels import threads_text
from archprof.graph.graph import Graph
from archprof.problem import Mark, Problem, ProblemError

LIMIT = 15.0  # seconds of measuring, warm-up apart


class TimingDevice:
    """A device to run networks on, in one dtype."""

    def __init__(self, name: str, dtype: str):
        """Raise ProblemError where the device is not there or lacks the dtype."""
        self.device, self.dtype = resolve(name), dtype
        if dtype not in DTYPES:
            message, hint = f"nothing is measured in {dtype}", f"there are {', '.join(DTYPES)}"
            raise ProblemError([Problem(Mark("--at"), "option", message, hint)])
        check(self.device, dtype)

    @property
    def described(self) -> str:
        """Return the device as it runs networks here: a CPU with its threads."""
        if self.kind != "cpu":
            return str(self.device)
        return f"cpu with {threads_text(torch.get_num_threads())}"

    @property
    def kind(self) -> str:
        """Return "cpu" or "cuda"."""
        return str(self.device.type)

    def milliseconds(self, graph: Graph, batch: int) -> list[float]:
        """Return the time of each run in inference, after a warm-up.

        The list is empty where the device slowed itself down all the time.

        Raises RuntimeError or MemoryError, torch's own, where the network cannot run there.
        """
        with applied(self.device, TorchFlags(), self.dtype):
            workload = prepare(Case(graph, batch, self.dtype), self.device)
            (found,) = sample(
                clock(self.device),
                [workload.runs],
                StopRule(limit=LIMIT),
                sensors=sensors(self.device),
            )
        return [1e3 * seconds for seconds in found.waits]
