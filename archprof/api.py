"""The library's front door: load a network, analyse it, build it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from archprof.allowance import ensured
from archprof.analysis.analysis import Analysis, analyze
from archprof.graph.graph import Graph
from archprof.language.expand import expand
from archprof.language.find import find
from archprof.language.kinds import parse_shape
from archprof.language.network import Network
from archprof.language.override import override
from archprof.ops.base import Shape, shown
from archprof.problem import Mark, ProblemError

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
        """Its layers in order, shapes inferred.

        Raises ProblemError where the spec cannot be built.
        """
        with ensured():
            graph = expand(self.network)
        if graph.problems:
            raise ProblemError(graph.problems)
        return graph

    def analyze(
        self,
        batch: int = 1,
        dtype: str = "float32",
        count: str = "macs",
        optimizer: str = "sgd",
        ema: bool = False,
    ) -> Analysis:
        """Return every number per layer and in total, as integers, without torch."""
        return analyze(self.graph, batch, dtype, count, optimizer, ema)

    def build(self, aux_heads: bool = False, device: Any = None, dtype: Any = None) -> GraphModule:
        """Return an fx.GraphModule over torch.nn modules, its state-dict keys the spec's paths.

        On `device`; None: where torch makes tensors at present, so that `with torch.device("meta")`
        is followed. Raises ModuleNotFoundError where torch is not installed.
        """
        try:
            from archprof.model.compile import build
        except ModuleNotFoundError as error:
            if (error.name or "").partition(".")[0] != "torch":
                raise
            raise ModuleNotFoundError(
                "torch is not installed, and building makes torch modules: pip install"
                ' "archprof[torch]"',
                name="torch",
            ) from None

        return build(self.graph, aux_heads, device, dtype)


def load(
    target: str | Path, input: str | int | Sequence[int] | None = None, **values: Any
) -> Loaded:
    """Return the network called `target`; `values` override its parameters.

    `target` is a shipped name or alias, a path, or PATH:VARIANT. `input`: another shape than the
    spec's, the batch left out: "3x96x96", [3, 96, 96] or (3, 96, 96), as `--input`. Raises
    ProblemError for an unknown name, a bad spec, an unknown parameter or what is not a shape.
    """
    shape = _shape(input) if input is not None else None
    with ensured():
        return Loaded(override(find(str(target)), values, shape))


def _shape(given: object) -> Shape:
    """Return `given` as a shape. Raises ProblemError."""
    shape = parse_shape(list(given) if isinstance(given, (list, tuple)) else given)
    if shape is None:
        raise ProblemError.of(
            Mark("input"),
            "override",
            f"`input` is {shown(given)}, expected 1 to 4 whole numbers from 1 to 1,000,000",
            'for instance "3x224x224" or (3, 224, 224), without the batch',
        )
    return shape
