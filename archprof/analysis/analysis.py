"""A graph to numbers: every layer's and the network's shapes, parameters, arithmetic, memory and
receptive field.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING

from archprof import units
from archprof.analysis import memory
from archprof.analysis.counting import CONVENTIONS, OPTIMIZERS, counted_by_node
from archprof.analysis.expected import unmet
from archprof.analysis.layer_analysis import LayerAnalysis
from archprof.analysis.memory import MemoryWalk, Peak, peak_of
from archprof.analysis.receptive import Sight, as_written, extent, sights
from archprof.analysis.sums import Sums, copies, sums
from archprof.analysis.totals import (
    ALONE,
    OF_COST,
    OF_SAVED,
    OF_STEP,
    Totals,
    Unknown,
    answer_of,
    depth,
    unknown_cost,
    weight_size,
)
from archprof.graph.graph import Graph, unknown_answer
from archprof.graph.storage import Storage, output_sizes, samples_of, storages
from archprof.ops.base import Shape
from archprof.ops.elements import DTYPES
from archprof.problem import STATED, Problem
from archprof.record import Record

if TYPE_CHECKING:
    from archprof.training.asked_step import AskedStep
    from archprof.training.step import Timeline
    from archprof.training.stochastic_depth import Chances
    from archprof.training.training_conditions import TrainingWords

__all__ = ["Analysis", "LayerAnalysis", "analyze"]


class Analysis(Record):
    """A graph under one choice of batch, dtype, counting convention and optimizer.

    `freeze`: patterns whose parameters are frozen in it, beside those that the network freezes.
    `step`: how a step of training is run, None: by the optimizer alone, on a GPU.
    """

    graph: Graph
    batch: int = 1
    dtype: str = "float32"
    count: str = "full"
    optimizer: str = "sgd"
    ema: bool = False
    freeze: tuple[str, ...] = ()
    # the graph as its network has it, where `freeze` changed it: what is stated there holds for it
    as_written: Graph | None = None
    step: TrainingWords | None = None

    @cached_property
    def layers(self) -> tuple[LayerAnalysis, ...]:
        """One row per node, in order of execution, auxiliary heads in their place."""
        return tuple(LayerAnalysis(node, self, i) for i, node in enumerate(self.graph.nodes))

    @cached_property
    def samples(self) -> Sequence[int]:
        """By node how many samples its output holds."""
        return samples_of(self.graph, self.batch)

    @cached_property
    def sizes(self) -> Sequence[int]:
        """By node the bytes of its output; the input's are the last, where -1 finds them."""
        return output_sizes(self.graph, self.samples, self.batch, DTYPES[self.dtype])

    @cached_property
    def weights(self) -> Sequence[int]:
        """By node the bytes of the parameters and buffers that it reads."""
        return [weight_size(node, DTYPES[self.dtype]) for node in self.graph.nodes]

    @cached_property
    def stored(self) -> Storage:
        """Which tensors share memory in inference."""
        return storages(self.graph, self.batch)

    def counted(self, index: int, count: str) -> int | None:
        """Return what a node counts by a convention, for the whole batch; None: unknown."""
        if count not in self._counts:
            self._counts[count] = counted_by_node(self.graph, CONVENTIONS[count], self.samples)
        return self._counts[count][index]

    @cached_property
    def _counts(self) -> dict[str, Sequence[int | None]]:
        """By convention what each node counts, of those that were asked for."""
        return {}

    @cached_property
    def chances(self) -> Chances:
        """How probable it is that nodes are run in training. Raises TooTangled."""
        from archprof.training.stochastic_depth import Chances, survivals

        return Chances(self.graph, survivals(self.graph))

    @cached_property
    def saved(self) -> Sequence[int | None]:
        """By node the bytes that autograd keeps because of it; None: unknown."""
        graph, itemsize = self.graph, DTYPES[self.dtype]
        if graph.training is not None:
            return memory.saved_in_training(graph, graph.training, self.batch, itemsize)
        return memory.by_node(graph, *self.kept)

    @cached_property
    def trained(self) -> Storage:
        """Which tensors share memory in training."""
        return storages(self.graph, self.batch, training=True)

    @cached_property
    def kept(self) -> tuple[list[memory.Retained], list[int]]:
        """What autograd keeps, and the nodes of which that is unknown."""
        itemsize = DTYPES[self.dtype]
        return memory.kept_for_backward(self.graph, self.trained, self.batch, itemsize)

    @cached_property
    def sights(self) -> Sequence[Sight]:
        """By node what its units see of the input."""
        return sights(self.graph)

    @cached_property
    def peak(self) -> Peak:
        """Where inference needs the most memory."""
        return peak_of(self.alive, sum(row.weight_bytes for row in self.layers))

    @cached_property
    def alive(self) -> MemoryWalk:
        """What is alive in inference, layer by layer."""
        return memory.inference_walk(self.graph, self.batch, DTYPES[self.dtype], self.stored)

    @cached_property
    def asked_step(self) -> AskedStep:
        """A step of training, simulated when it is looked at: it takes as long as the totals."""
        from archprof.training.asked_step import AskedStep
        from archprof.training.training_conditions import TrainingWords

        words = self.step or TrainingWords.of_optimizer(self.optimizer, self.ema)
        return AskedStep(self.graph, words.replaced(itemsize=DTYPES[self.dtype]), self.batch)

    @property
    def training_step(self) -> Timeline:
        """That step, kernel by kernel. Raises ProblemError for words that mean nothing."""
        return self.asked_step.timeline

    @property
    def training_peak_bytes(self) -> int:
        """The most bytes that are alive at once in that step."""
        return self.asked_step.peak_bytes

    @property
    def step_flops(self) -> int:
        """The FLOPs of that step: forward, backward, what runs again, and the update."""
        return self.asked_step.arithmetic.all

    @cached_property
    def totals(self) -> Totals:
        """Sums over the layers; the main path only for arithmetic and outputs.

        Those that lack the layers in `unknown` are lower bounds.
        """
        found, state = self.sums, copies(self.optimizer, self.ema)
        return Totals(
            params=found.params,
            frozen_params=found.frozen_params,
            buffers=found.buffers,
            macs=found.macs,
            flops=found.flops,
            counted=found.counted,
            weight_bytes=found.weight_bytes,
            sum_outputs_bytes=found.sum_outputs_bytes,
            lecture_outputs_bytes=found.lecture_outputs_bytes,
            peak_inference_bytes=self.peak.bytes,
            bytes_moved=found.bytes_moved,
            saved_bytes=found.saved_bytes,
            training_bytes=found.training_bytes(state, DTYPES[self.dtype]),
            depth=depth(self.graph),
            extent=extent(self.graph, self.sights, self.graph.main),
            aux_params=found.aux_params,
            unknown=Unknown(
                unknown_cost(self.graph),
                tuple(row.node.path for row in self.layers if row.saved_bytes is None),
            ),
        )

    @property
    def sums(self) -> Sums:
        """What adds up over the layers; lower bounds as the totals are."""
        return sums(self.layers)

    @property
    def known_totals(self) -> Totals:
        """The totals where all of them are exact.

        Raises ProblemError naming a layer whose cost, or whose kept tensors, are unknown.
        """
        for name in ("macs", "saved_bytes"):
            self.known_total(name)
        return self.totals

    def known_total(self, name: str) -> int:
        """Return one total, or a number of a step of training, where it is exact.

        Raises ProblemError naming a layer that it lacks.
        """
        lacking = self.lacking(name)
        if lacking:
            raise unknown_answer(f"layer `{lacking[0]}`", answer_of(name))
        value: int = getattr(self if name in OF_STEP else self.totals, name)
        return value

    @cached_property
    def output(self) -> tuple[Shape, ...]:
        """The shapes of the network's outputs, batch left out."""
        return tuple(self.graph.shape_of(i) for i in self.graph.outputs)

    def problems(self) -> tuple[Problem, ...]:
        """Return the graph's problems and, where the network is as its spec has it and could be
        built, every `expect:` that does not hold.
        """
        if (
            any(p.rule not in STATED for p in self.graph.problems)
            or not self.graph.network.as_specified()
        ):
            return self.graph.problems
        # what is stated holds for one image in float32
        plain = self
        if self.as_written is not None or (self.batch, self.dtype) != (1, "float32"):
            plain = Analysis(self.as_written or self.graph)
        return *self.graph.problems, *unmet(self.graph.network, plain.quantity, plain.lacking)

    def quantity(self, name: str) -> int | str | None:
        """Return a total by the name `expect:` gives it; most without those that take longer.

        It is a lower bound where `lacking` names layers.
        """
        if name == "output":
            return " ".join(units.shape(shape) for shape in self.output)
        if name == "receptive_field":
            return as_written(self.totals.receptive_field)
        if name in OF_STEP:
            return int(getattr(self, name))
        if "totals" not in self.__dict__ and name in ALONE:
            return ALONE[name](self.graph, self.batch, DTYPES[self.dtype])
        value: int = getattr(self.totals, name)
        return value

    def lacking(self, name: str) -> tuple[str, ...]:
        """Return the layers whose unknown answers a total lacks; empty where it is exact."""
        if name in OF_COST:
            return unknown_cost(self.graph)
        if name in OF_STEP:
            step = self.asked_step
            return step.without_cost if name == "step_flops" else step.without_bytes
        return self.totals.unknown.saved if name in OF_SAVED else ()


def analyze(
    graph: Graph,
    batch: int = 1,
    dtype: str = "float32",
    count: str = "full",
    optimizer: str = "sgd",
    ema: bool = False,
    freeze: Sequence[str] = (),
    step: TrainingWords | None = None,
) -> Analysis:
    """Return the numbers of a graph; `freeze`: patterns of parameters that get no gradient.

    `step`: how a step of training is run, as `Analysis.step`.

    Raises ValueError for a batch below 1 or an unknown dtype, convention or optimizer, ProblemError
    for a pattern that names no parameter.
    """
    for what, name, known in (
        ("dtype", dtype, DTYPES),
        ("count", count, CONVENTIONS),
        ("optimizer", optimizer, OPTIMIZERS),
    ):
        if name not in known:
            raise ValueError(f"unknown {what} {name!r}: one of {', '.join(known)}")
    if batch < 1:
        raise ValueError(f"batch {batch}: at least 1")
    if not freeze:
        return Analysis(graph, batch, dtype, count, optimizer, ema, step=step)
    from archprof.graph.freezing import freeze as frozen  # which few need

    partly = frozen(graph, freeze)
    return Analysis(partly, batch, dtype, count, optimizer, ema, tuple(freeze), graph, step)
