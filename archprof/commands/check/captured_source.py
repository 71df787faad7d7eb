"""A network named on the command line that is captured: what `check` checks of it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from archprof.capturing.inputs import InputSpec
from archprof.capturing.targets import CODE, Target
from archprof.commands.check.base import Budget
from archprof.commands.check.config import Config, KnownAs
from archprof.graph.graph import Graph
from archprof.ops.base import Shape
from archprof.problem import Mark
from archprof.targets import captured, graph_of


class CapturedSource(NamedTuple):
    """A module, an ONNX file or a tape that is checked.

    Only what is named on the command line is one: no configuration makes a module's code run.
    `inputs` are those of the command line, none where the network has its own.
    """

    target: Target
    inputs: tuple[InputSpec, ...] = ()

    @property
    def name(self) -> str:
        return self.target.text

    @property
    def path(self) -> None:
        """It has no text in which a comment could suppress a rule."""

    @property
    def shipped(self) -> bool:
        return False

    @property
    def folder(self) -> Path:
        """The folder where its configuration is looked for: that of its file, or this one."""
        if self.target.kind == "package":
            return Path().absolute()
        return Path(self.target.place).absolute().parent

    @property
    def is_code(self) -> bool:
        """Whether its check runs somebody's code."""
        return self.target.kind in CODE

    def known(self, graph: Graph) -> KnownAs:
        """Return what its network is known by: its target, which of a tape is the file's name, or
        what was captured; and the classes of its modules.
        """
        names, blocks = (self.name, graph.network.name), set[str]()
        for node in graph.nodes:
            use = node.instance
            while use is not None:
                blocks.add(use.block)
                use = use.parent
        return KnownAs(names, names, tuple(blocks))

    def graph(self, shape: Shape | None) -> Graph:
        """Return its graph at an input, None for those of the command line.

        Raises ProblemError for what cannot be captured.
        """
        inputs = (InputSpec("", shape),) if shape is not None else self.inputs
        return graph_of(captured(self.target, inputs, {}))


def captured_budgets(source: CapturedSource, itself: KnownAs, config: Config) -> Iterator[Budget]:
    """Yield the budgets of the configuration that count for a captured network."""
    for table in config.budgets:
        if table.holds_for(itself):
            for name, value, mark in table.limits:
                given = f"the budget stands in {mark}"
                yield Budget(
                    name,
                    value,
                    Mark(source.name),
                    given,
                    table.block,
                    table.device,
                    table.conditions,
                )
