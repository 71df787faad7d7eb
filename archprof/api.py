"""The library's front door: load a network, analyse it, build it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from archprof.allowance import ensured
from archprof.analysis.analysis import Analysis, analyze
from archprof.graph.expand import expand
from archprof.graph.graph import Graph
from archprof.ops.base import Shape
from archprof.problem import ProblemError
from archprof.spec.loader import Network, find, override

if TYPE_CHECKING:
    from torch.fx import GraphModule


@dataclass(frozen=True)
class Loaded:
    """A network ready for questions."""

    network: Network

    def __repr__(self) -> str:
        return f"<archprof network {self.network.name}>"

    @cached_property
    def graph(self) -> Graph:
        """Its layers in order, shapes inferred. Raises ProblemError where the spec cannot be built."""
        with ensured():
            graph = expand(self.network)
        if graph.problems:
            raise ProblemError(graph.problems)
        return graph

    def analyze(self, batch: int = 1, dtype: str = "float32", count: str = "macs", optimizer: str = "sgd", ema: bool = False) -> Analysis:
        """Every number per layer and in total, as integers, without torch."""
        return analyze(self.graph, batch, dtype, count, optimizer, ema)

    def build(self, aux_heads: bool = False, device: Any = "cpu", dtype: Any = None) -> GraphModule:
        """An fx.GraphModule over torch.nn modules, its state-dict keys the spec's paths. Raises ModuleNotFoundError where torch is not installed."""
        try:
            from archprof.runtime.compile import build
        except ModuleNotFoundError as error:
            if (error.name or "").partition(".")[0] != "torch":
                raise
            raise ModuleNotFoundError('torch is not installed, and building makes torch modules: pip install "archprof[torch]"', name="torch") from None

        return build(self.graph, aux_heads, device, dtype)


def load(target: str | Path, input: Shape | None = None, **values: Any) -> Loaded:
    """The network called `target`: a shipped name or alias, a path, or PATH:VARIANT; `values` override its parameters.

    Raises ProblemError for an unknown name, a bad spec or an unknown parameter.
    """
    with ensured():
        return Loaded(override(find(str(target)), values, input))
