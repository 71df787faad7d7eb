"""What users say of a training step, read into the conditions of a simulation: one place for all
commands.
"""

from __future__ import annotations

from collections.abc import Collection

from archprof.graph.freezing import freeze
from archprof.graph.graph import Graph
from archprof.problem import Mark, ProblemError, nearest
from archprof.record import Record
from archprof.training.conditions import StepConditions
from archprof.training.optimizers import IMPLEMENTATIONS, UpdateRule

DEVICES = ("cpu", "cuda")
AMP = ("bfloat16", "float16")
FLOAT32 = 4  # bytes of an element
ALL_ALIKE = 2  # passes: from the second on, which finds gradients, each is like the one before


class TrainingWords(Record):
    """A training step in the users' words.

    `amp`: the narrower dtype of autocast, "" for none. `freeze`: patterns of parameters' names that
    are not trained. `checkpoint`: "" for none. `accumulate`: batches whose gradients are added up.
    `itemsize`: bytes of an element of the weights. `device`: by whose rules.
    """

    optimizer: str = "sgd"
    amp: str = ""
    itemsize: int = FLOAT32
    freeze: tuple[str, ...] = ()
    checkpoint: str = ""
    accumulate: int = 1
    device: str = "cpu"


class TrainingStep(Record):
    """A network with what is frozen of it, and how its step is run."""

    graph: Graph
    conditions: StepConditions


def training_step(graph: Graph, words: TrainingWords) -> TrainingStep:
    """Return the step that the words describe. Raises ProblemError naming the option."""
    known_device(words.device)
    _known("--optimizer", words.optimizer, IMPLEMENTATIONS)
    if words.amp:
        _known("--amp", words.amp, AMP)
        if words.itemsize != FLOAT32:
            message = "autocast narrows float32, and the weights have another dtype"
            hint = "--amp without --dtype; --dtype without --amp has everything in that dtype"
            raise ProblemError.of(Mark("--amp"), "option", message, hint)
    conditions = StepConditions(
        itemsize=words.itemsize,
        autocast=bool(words.amp),
        device=words.device,
        accumulate=min(words.accumulate, ALL_ALIKE),
        optimizer=UpdateRule(words.optimizer, scaler=words.amp == "float16"),
    )
    return TrainingStep(freeze(graph, words.freeze), conditions)


def known_device(name: str) -> None:
    """Raise ProblemError for a device whose rules nobody has written down."""
    _known("--device", name, DEVICES)


def _known(option: str, name: str, known: Collection[str]) -> None:
    if name not in known:
        message = f"there is no `{name[:60]}`"
        hint = nearest(name, known) or f"one of {', '.join(known)}"
        raise ProblemError.of(Mark(option), "option", message, hint)
