"""Under which conditions the totals of variants hold."""

from __future__ import annotations

from archprof.analysis.analysis import Analysis, analyze
from archprof.analysis.kept_copies import KeptCopies, kept_copies
from archprof.graph.graph import Graph
from archprof.record import Record
from archprof.sweeping.variants import OF_STEP, TOTALS
from archprof.training.training_conditions import TrainingWords


class SweepConditions(Record):
    """The conditions of all variants, the same for all.

    `batch`, `dtype`, `count` and `freeze` are those of `archprof.analysis.analyze`, the others
    those of a step of training in the words of `TrainingWords`; `room`: the bytes that automatic
    checkpoints make it fit into. `train`: whether each variant's step is simulated.
    """

    batch: int = 1
    dtype: str = "float32"
    count: str = "macs"
    optimizer: str = "sgd"
    ema: bool = False
    amp: str = ""
    freeze: tuple[str, ...] = ()
    checkpoint: str = ""
    accumulate: int = 1
    device: str = "cuda"
    room: int | None = None
    train: bool = False

    @property
    def totals(self) -> tuple[str, ...]:
        """The names of the numbers that variants have."""
        return (*TOTALS, *OF_STEP) if self.train else TOTALS

    @property
    def words(self) -> TrainingWords:
        """The step; what is frozen is so in the graph already."""
        return TrainingWords(
            optimizer=f"{self.optimizer},ema" if self.ema else self.optimizer,
            amp=self.amp,
            checkpoint=self.checkpoint,
            accumulate=self.accumulate,
            device=self.device,
            room=self.room,
        )

    @property
    def kept(self) -> KeptCopies:
        """What the sum `training_bytes` counts of the optimizer."""
        return kept_copies(self.words)

    def analysis(self, graph: Graph) -> Analysis:
        """Return the analysis of a variant under them.

        Raises ProblemError for a pattern of `freeze` that names no parameter of it.
        """
        return analyze(
            graph, self.batch, self.dtype, self.count, *self.kept, self.freeze, self.words
        )
