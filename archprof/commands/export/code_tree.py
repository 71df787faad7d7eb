"""What modules of exported code hold, and what their forwards do."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from archprof.commands.export.code_expressions import Expression, Own, parts

Path = tuple[str, ...]
"""Names from the network, or from a module, to what lies below it."""


class ForwardStep(NamedTuple):
    """One call in a forward: of a module below, or of a function.

    Values are numbers of nodes, -1 the network's input; `names` is what the layers that give them
    are called. `expression` is over the step's inputs; None: a call of the module at `path`.
    """

    path: Path
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]
    names: tuple[str, ...]
    expression: Expression | None = None
    inplace: bool = False


class Held(NamedTuple):
    """What a module holds under a name. `aside`: an auxiliary head, which no forward calls."""

    name: str
    kind: Literal["module", "parameter", "buffer", "transient buffer"]
    value: Expression | Scope
    aside: bool = False


@dataclass
class Scope:
    """A module of modules. Without `steps` it only holds them; its forward is never called."""

    path: Path
    block: str  # "" for a group
    held: list[Held] = field(default_factory=list)
    steps: list[ForwardStep] = field(default_factory=list)
    inputs: tuple[int, ...] = ()
    outputs: tuple[int, ...] = ()
    auxiliary: bool = False

    def is_chain(self) -> bool:
        """Whether its steps are what it holds, one after the other, each called once."""
        value = self.inputs
        for step in self.steps:
            if step.inputs != value or len(step.outputs) != 1 or len(step.path) != 1:
                return False
            value = step.outputs
        return bool(self.steps) and len(self.inputs) == 1 and self.outputs == value


def is_liftable(step: ForwardStep) -> bool:
    """Whether a step is a module, or a function that can become one: without weights."""
    return step.expression is None or not _owns(step.expression)


def _owns(expression: Expression) -> bool:
    """Whether an expression names a weight."""
    return isinstance(expression, Own) or any(_owns(part) for part in parts(expression))
