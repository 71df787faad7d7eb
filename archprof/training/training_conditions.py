"""What users say of a training step, read into the conditions of a simulation: one place for all
commands.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from archprof.graph.freezing import freeze
from archprof.graph.graph import Graph
from archprof.problem import Mark, ProblemError, nearest
from archprof.record import Record
from archprof.training.checkpoints import block_parts
from archprof.training.conditions import StepConditions
from archprof.training.optimizers import IMPLEMENTATIONS, UpdateRule

DEVICES = ("cpu", "cuda")
AMP = ("bfloat16", "float16")
AUTO = "auto"
FLOAT32 = 4  # bytes of an element
ALL_ALIKE = 2  # passes: from the second on, which finds gradients, each is like the one before


BESIDE: dict[str, tuple[str, str | bool]] = {
    "single": ("implementation", "single"),
    "foreach": ("implementation", "foreach"),
    "fused": ("implementation", "fused"),
    "amsgrad": ("amsgrad", True),
    "decay": ("weight_decay", True),
    "clip": ("clip", True),
    "ema": ("ema", True),
    "master": ("master_weights", True),
}
"""Words behind an optimizer's name, and the setting of UpdateRule that each gives: how it is run
(torch's choice without), weight decay, clipping of gradients by their norm, a moving average of
the weights, float32 copies of narrower weights.
"""

OF_STEP: dict[str, tuple[str, bool]] = {
    "zeroed": ("set_to_none", False),
    "first": ("first", True),
}
"""Words that say which step it is, by the setting of StepConditions: one after gradients that were
set to zero and kept, and the first one, in which the optimizer's state is made.
"""


class TrainingWords(Record):
    """A training step in the users' words.

    `optimizer`: as `update_rule` reads it. `amp`: the narrower dtype of autocast, "" for none.
    `freeze`: patterns of parameters' names that are not trained. `checkpoint`: "" for none, AUTO,
    or a block or a path as `block_parts` reads it.
    `accumulate`: batches whose gradients are added up. `itemsize`: bytes of an element of the
    weights. `device`: by whose rules. `room`: the bytes that tensors may take, which AUTO makes the
    step fit into.
    """

    optimizer: str = "sgd"
    amp: str = ""
    itemsize: int = FLOAT32
    freeze: tuple[str, ...] = ()
    checkpoint: str = ""
    accumulate: int = 1
    device: str = "cpu"
    room: int | None = None

    @staticmethod
    def of_optimizer(optimizer: str, ema: bool) -> TrainingWords:
        """Return the words for a step on a GPU of which no more is said than its optimizer."""
        return TrainingWords(f"{optimizer},ema" if ema else optimizer, device="cuda")


class TrainingStep(Record):
    """A network with what is frozen of it, and how its step is run."""

    graph: Graph
    conditions: StepConditions


def refuse_impossible(words: TrainingWords) -> None:
    """Raise ProblemError naming the option for words that mean nothing, whatever the network."""
    known_device(words.device)
    if words.amp:
        _known("--amp", words.amp, AMP)
        if words.itemsize != FLOAT32:
            message = "autocast narrows float32, and the weights have another dtype"
            hint = "--amp without --dtype; --dtype without --amp has everything in that dtype"
            raise ProblemError.of(Mark("--amp"), "option", message, hint)
    if "master" in words.optimizer.split(",") and words.itemsize >= FLOAT32:
        message = "master weights are float32 copies of narrower ones, and these are none"
        raise ProblemError.of(Mark("--optimizer"), "option", message, "with --dtype bfloat16")


def training_step(graph: Graph, words: TrainingWords) -> TrainingStep:
    """Return the step that the words describe; of AUTO, whose plan needs a budget, without plan.

    Raises ProblemError naming the option.
    """
    refuse_impossible(words)
    conditions = StepConditions(
        itemsize=words.itemsize,
        autocast=bool(words.amp),
        device=words.device,
        accumulate=min(words.accumulate, ALL_ALIKE),
        optimizer=update_rule(words.optimizer, scaler=words.amp == "float16"),
    )
    for word in words.optimizer.split(",")[1:]:
        if word.strip() in OF_STEP:
            setting, value = OF_STEP[word.strip()]
            conditions = conditions.replaced(**{setting: value})
    if words.checkpoint and words.checkpoint != AUTO:
        parts = block_parts(graph, words.checkpoint)
        conditions = conditions.replaced(checkpoints=parts)
    return TrainingStep(freeze(graph, words.freeze), conditions)


def update_rule(text: str, scaler: bool = False) -> UpdateRule:
    """Return an optimizer of a text such as `adamw` or `adamw,fused,ema`: its name, and words of
    BESIDE behind it; those of OF_STEP say nothing of it. `scaler`: the loss is scaled, as float16
    needs it.

    Raises ProblemError.
    """
    name, *others = (word.strip() for word in text.split(","))
    _known("--optimizer", name, IMPLEMENTATIONS)
    values: dict[str, Any] = {"scaler": scaler}
    for word in others:
        _known("--optimizer", word, [*BESIDE, *OF_STEP])
        if word in OF_STEP:
            continue
        setting, value = BESIDE[word]
        if values.get(setting, value) != value:
            message = f"`{word}` and `{values[setting]}` are two ways of the same"
            raise ProblemError.of(Mark("--optimizer"), "option", message, "one of them")
        values[setting] = value
    try:
        return UpdateRule(name, **values)
    except ValueError as error:
        hint = f"--optimizer {name}"
        raise ProblemError.of(Mark("--optimizer"), "option", str(error), hint) from None


def known_device(name: str) -> None:
    """Raise ProblemError for a device whose rules nobody has written down."""
    _known("--device", name, DEVICES)


def _known(option: str, name: str, known: Collection[str]) -> None:
    if name not in known:
        message = f"there is no `{name[:60]}`"
        hint = nearest(name, known) or f"one of {', '.join(known)}"
        raise ProblemError.of(Mark(option), "option", message, hint)
