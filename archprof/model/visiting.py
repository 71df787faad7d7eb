"""A network run layer by layer, with each layer's output handed to a function on the way."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from torch import Tensor, fx

from archprof.model.compile import NODE

Visit = Callable[[int, Tensor], Tensor]


class Visiting(fx.Interpreter):
    """Runs a network that `build` gives; each layer passes on what `visit` returns for its output.

    `visit` receives the place of the layer in the graph and its output.
    """

    def __init__(self, module: fx.GraphModule, visit: Visit):
        super().__init__(module)
        self.visit = visit
        self.extra_traceback = False  # an error of torch's is reported as it is

    def run_node(self, n: fx.Node) -> Any:
        """Return what the layer's successors receive."""
        result = super().run_node(n)
        place = n.meta.get(NODE)
        return self.visit(place, result) if place is not None else result
