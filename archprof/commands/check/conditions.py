"""The conditions under which budgets and rules about shapes are checked, and how they are read."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

from archprof.analysis.analysis import Analysis, analyze
from archprof.graph.graph import Graph
from archprof.language.kinds import parse_shape
from archprof.ops.base import Shape
from archprof.ops.elements import DTYPES
from archprof.problem import ProblemError

MAX_BATCH = 1_000_000
MAX_PATTERNS = 100
MAX_TEXT = 200  # characters of a pattern, or of a block's name
DEVICE = "cuda"  # by whose rules a step is run, as in `archprof fit`

OF_STEP = ("optimizer", "amp", "freeze", "checkpoint", "accumulate")
"""The conditions of a step of training alone."""

COUNTS = ("batch", "accumulate")
"""The conditions that are whole numbers."""

OF_BUDGET = ("batch", "dtype", *OF_STEP)
"""The conditions that a budget of a configuration may state of its own."""

Stated = tuple[tuple[str, Any], ...]
"""Conditions by name, those that are stated."""


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


def condition(name: str, value: Any) -> Any:
    """Return a condition's value, given as a configuration has it.

    Raises ValueError saying what is expected.
    """
    if name in COUNTS:
        return _count(value)
    if name == "freeze":
        return _patterns(value)
    if not isinstance(value, str):
        raise ValueError("expected a text")
    if name == "input":
        return _shape(value)
    if name in ("optimizer", "checkpoint"):
        return _optimizer(value) if name == "optimizer" else _checkpoint(value)
    return _one_of(value, _choices(name))


def _count(value: Any) -> int:
    if type(value) is not int or not 1 <= value <= MAX_BATCH:
        raise ValueError(f"expected a whole number from 1 to {MAX_BATCH:,}")
    return value


def _patterns(value: Any) -> tuple[str, ...]:
    patterns = value if isinstance(value, list) else [value]
    texts = [text for text in patterns if isinstance(text, str) and 0 < len(text) <= MAX_TEXT]
    if not texts or len(texts) < len(patterns) or len(texts) > MAX_PATTERNS:
        raise ValueError("expected a pattern of parameters' names, or a list of them")
    return tuple(texts)


def _shape(text: str) -> Shape:
    shape = parse_shape(text)
    if shape is None:
        raise ValueError("expected a shape such as 3x320x320")
    return shape


def _optimizer(text: str) -> str:
    from archprof.training.training_conditions import update_rule

    try:
        update_rule(text)
    except ProblemError as error:
        (problem,) = error.problems
        raise ValueError(f"{problem.message}; {problem.hint}") from None
    return text


def _checkpoint(text: str) -> str:
    if not 0 < len(text) <= MAX_TEXT:
        raise ValueError("expected the name of a block, a path such as layer3.*, or auto")
    return text


def _choices(name: str) -> Iterable[str]:
    from archprof.training.training_conditions import AMP, DEVICES

    return {"dtype": DTYPES, "amp": AMP, "device": DEVICES}[name]


def _one_of(text: str, known: Iterable[str]) -> str:
    if text not in known:
        raise ValueError(f"expected one of {', '.join(known)}")
    return text
