"""A network ready for questions, as Python asks them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from archprof.allowance import ensured
from archprof.analysis.analysis import analyze
from archprof.graph.graph import Graph
from archprof.language.network import Network
from archprof.problem import Mark, ProblemError, nearest
from archprof.targets import graph_of

if TYPE_CHECKING:
    from torch.fx import GraphModule

    from archprof.commands.verify.verification import Verification
    from archprof.notebook.analyses import ShownAnalysis
    from archprof.notebook.measurements import ShownMeasurement
    from archprof.show.field_working import Step
    from archprof.targets import Source


@dataclass(frozen=True)
class Loaded:
    """A network ready for questions: a spec's, or one that was captured."""

    network: Source

    def __repr__(self) -> str:
        return f"<archprof network {self.network.name}>"

    def _repr_html_(self) -> str:
        """Return its graph and the summary, as a notebook shows them."""
        from archprof.draw.graph import graph_picture
        from archprof.notebook.shown import html

        found = self.analyze()
        return html(found.tables(), [graph_picture(found)])

    def to_frame(self, library: str | None = None) -> Any:
        """Return its layers as a frame of pandas or polars, as `analyze().to_frame()` does.

        Raises ModuleNotFoundError where neither is installed.
        """
        return self.analyze().to_frame(library)

    @cached_property
    def graph(self) -> Graph:
        """Its layers in order, shapes inferred.

        Raises ProblemError where there is none: a spec that cannot be built.
        """
        with ensured():
            graph = graph_of(self.network)
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
        freeze: Sequence[str] = (),
    ) -> ShownAnalysis:
        """Return every number per layer and in total, as integers, without torch.

        `freeze`: patterns of parameters that are not trained, such as "features.*". Raises
        ProblemError for one that names no parameter.
        """
        from archprof.notebook.analyses import ShownAnalysis

        return ShownAnalysis.of(analyze(self.graph, batch, dtype, count, optimizer, ema, freeze))

    def explain(self, layer: str, batch: int = 1, dtype: str = "float32") -> list[Step]:
        """Return how each number of a layer is worked out: formula, numbers, result.

        Raises ProblemError for a layer that the network does not have.
        """
        from archprof.show.working import steps

        paths = [node.path for node in self.graph.nodes]
        if layer not in paths:
            message = f"{self.network.name} has no layer `{layer[:60]}`"
            raise ProblemError.of(Mark("explain"), "layer", message, nearest(layer, paths))
        return steps(self.analyze(batch, dtype), paths.index(layer))

    def build(self, aux_heads: bool = False, device: Any = None, dtype: Any = None) -> GraphModule:
        """Return an fx.GraphModule over torch.nn modules, its state-dict keys the spec's paths.

        On `device`; None: where torch makes tensors at present, so that `with torch.device("meta")`
        is followed. Raises ModuleNotFoundError where torch is not installed, ProblemError for a
        captured network, whose module is there already.
        """
        if not isinstance(self.network, Network):
            raise _not_built(self.network.name)
        require_torch("building makes torch modules")
        from archprof.model.compile import build

        return build(self.graph, aux_heads, device, dtype)

    def verify(self) -> Verification:
        """Return every number that torch, fvcore, autograd or a gradient can confirm, with theirs.

        Raises ModuleNotFoundError where torch or fvcore is not installed.
        """
        require_torch("it is a witness here")
        from archprof.commands.verify.oracle import verify

        return verify(self.graph)

    def bench(
        self,
        device: str = "cpu",
        batch: int = 1,
        dtype: str = "float32",
        memory_format: str = "contiguous",
        mode: str = "eager",
        train: bool = False,
        time_limit: float = 15.0,
        *,
        autocast: bool = False,
        optimizer: str = "sgd",
        transfers: bool = False,
        sustained: float = 0.0,
        freeze: Sequence[str] = (),
    ) -> ShownMeasurement:
        """Return latency, throughput and memory, measured on this machine with their conditions.

        The options are those of `archprof bench`; `time_limit` and `sustained` are seconds,
        `freeze` has patterns of parameters that a step does not train. Raises
        ModuleNotFoundError where torch is not installed, ProblemError where the device is not there
        or lacks the dtype or the mode, and for options unknown or that do not go together.
        """
        require_torch("measuring runs the network")
        from archprof.commands.measure.on_device import torch_device
        from archprof.commands.measure.on_device.sensors import sensors
        from archprof.commands.measure.planning import combinations
        from archprof.commands.measure.planning.measurement_plan import frozen_each, single
        from archprof.commands.measure.running.end_to_end import Request, measure
        from archprof.commands.measure.running.sampling import StopRule
        from archprof.commands.measure.running.workload import Case

        where = torch_device.resolve(device)
        choice = combinations.Choice(
            where.type,
            dtype,
            memory_format,
            mode,
            train,
            autocast,
            optimizer,
            transfers,
            frozen=bool(freeze),
        )
        single(choice)
        (graph,) = frozen_each([self.graph], freeze)
        torch_device.check(where, dtype, mode)
        rule = StopRule(limit=time_limit, sustained=sustained)
        request = Request(where, sensors(where), rule=rule, transfers=transfers)
        case = Case(graph, batch, dtype, memory_format, mode, train, autocast, optimizer)
        (measured,) = measure([case], request)
        from archprof.notebook.measurements import ShownMeasurement

        return ShownMeasurement.of(measured)


def _not_built(name: str) -> ProblemError:
    message = f"{name} was captured, and is not a spec from which a module is built"
    hint = "use the module that it was captured from; `archprof export` writes it as code"
    return ProblemError.of(Mark(name), "capture", message, hint)


def require_torch(why: str) -> None:
    """Raise ModuleNotFoundError, with the way out, where torch is not installed."""
    try:
        import archprof.model.compile  # noqa: F401
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] != "torch":
            raise
        message = f'torch is not installed, and {why}: pip install "archprof[torch]"'
        raise ModuleNotFoundError(message, name="torch") from None
