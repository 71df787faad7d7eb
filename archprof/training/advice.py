"""What would let more images fit, and what each change costs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from archprof.graph.graph import Graph
from archprof.problem import ProblemError
from archprof.training.checkpoints import block_parts
from archprof.training.training_conditions import FLOAT32, TrainingWords

LIGHTER = {
    "adam": ("adam8bit", "sgd"),
    "adamw": ("adam8bit", "sgd"),
    "nesterov": ("sgd",),
    "momentum": ("sgd",),
    "rmsprop": ("sgd",),
    "lion": ("sgd",),
    "adafactor": ("sgd",),
}
"""By optimizer those that keep less beside each parameter: 8-bit states, and nothing."""

SHOWN_BLOCKS = 2

KEPT = ("clip", "ema", "master")  # words that go with any optimizer


class Advice(NamedTuple):
    """A change of the conditions: what a user types for it, the words, and what it costs beside
    arithmetic, which is simulated.
    """

    typed: str
    words: TrainingWords
    cost: str


def changes(graph: Graph, words: TrainingWords) -> Iterator[Advice]:
    """Yield the changes that are not made yet, one at a time."""
    if not words.amp and words.itemsize == FLOAT32:
        yield Advice(
            "--amp bfloat16",
            words.replaced(amp="bfloat16"),
            "products in bfloat16, weights in float32",
        )
    if not words.checkpoint:
        for block in blocks(graph):
            yield Advice(
                f"--checkpoint {block}",
                words.replaced(checkpoint=block),
                "these parts run twice",
            )
    own, *others = words.optimizer.split(",")
    around = [word for word in others if word in KEPT]
    for name in LIGHTER.get(own, ()):
        lighter = ",".join([name, *around])
        yield Advice(
            f"--optimizer {lighter}",
            words.replaced(optimizer=lighter),
            "another optimizer, with other learning rates",
        )
    parts = backbone(graph)
    if parts and not words.freeze:
        yield Advice(
            _typed("--freeze", parts),
            words.replaced(freeze=parts),
            f"only {head(graph)} is trained",
        )


def _typed(option: str, values: tuple[str, ...]) -> str:
    """Return an option that is repeated, as users type it."""
    return " ".join(f"{option} {value}" for value in values)


def head(graph: Graph) -> str:
    """Return the outermost part of the network that has its last parameters, "" for none."""
    return next((_part(node.path) for node in reversed(graph.nodes) if node.params), "")


def backbone(graph: Graph) -> tuple[str, ...]:
    """Return the outermost parts that have parameters and come before the head."""
    parts = dict.fromkeys(_part(node.path) for node in graph.nodes if node.params)
    parts.pop(head(graph), None)
    return tuple(parts)


def blocks(graph: Graph) -> list[str]:
    """Return the blocks that are used several times, and that checkpoints of each use make up half
    of the network or more of, those of most layers first.
    """
    names: dict[str, None] = {}
    for node in graph.nodes:
        instance = node.instance
        while instance is not None:
            names[instance.block] = None
            instance = instance.parent
    covered = {name: _covered(graph, name) for name in names if name}
    found = [name for name, count in covered.items() if 2 * count >= len(graph.nodes)]
    return sorted(found, key=lambda name: -covered[name])[:SHOWN_BLOCKS]


def _covered(graph: Graph, block: str) -> int:
    """Return how many layers run again if each use of a block does; 0 where it cannot, or is one.

    Its uses must be safe parts: nothing but their end may be read outside.
    """
    try:
        parts = [part for part, again in block_parts(graph, block) if again]
    except ProblemError:
        return 0
    return sum(map(len, parts)) if len(parts) > 1 else 0


def _part(path: str) -> str:
    return path.partition(".")[0]
