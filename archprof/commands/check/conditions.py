"""The conditions under which budgets and rules about shapes are checked."""

from __future__ import annotations

from typing import NamedTuple

from archprof.analysis.analysis import Analysis, analyze
from archprof.graph.graph import Graph
from archprof.language.budget_conditions import Stated
from archprof.ops.base import Shape

DEVICE = "cuda"  # by whose rules a step is run, as in `archprof fit`


class Conditions(NamedTuple):
    """The conditions of a check.

    `input` replaces the spec's own; `batch` is the number of images; `dtype` is that of activations
    and weights. The others are of a step of training, in the words of `archprof fit`; `room`
    is what a limit leaves to its tensors, in bytes, where AUTO finds their checkpoints.
    """

    input: Shape | None = None
    batch: int = 1
    dtype: str = "float32"
    optimizer: str = "sgd"
    amp: str = ""
    freeze: tuple[str, ...] = ()
    checkpoint: str = ""
    accumulate: int = 1
    device: str = DEVICE
    room: int | None = None

    def analysis(self, graph: Graph) -> Analysis:
        """Return the analysis of a graph under them; `input` is the graph's business.

        Raises ProblemError for a pattern of `freeze` that names no parameter.
        """
        from archprof.training.training_conditions import TrainingWords  # which few need

        words = TrainingWords(
            optimizer=self.optimizer,
            amp=self.amp,
            checkpoint=self.checkpoint,
            accumulate=self.accumulate,
            device=self.device,
            room=self.room,
        )
        return analyze(graph, self.batch, self.dtype, freeze=self.freeze, step=words)


NATIVE = Conditions()


def named_under(name: str, stated: Stated) -> str:
    """Return a network's name, and the conditions that a budget of it states."""
    texts = []
    for condition, value in stated:
        text = "+".join(value) if isinstance(value, tuple) else str(value)
        texts.append(f"{condition} {text}")
    return f"{name} ({', '.join(texts)})" if texts else name
