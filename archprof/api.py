"""The library's front door: what the commands answer, as functions that return records.

`docs/python.md` shows each of them; its examples are run by a test. Nothing here imports torch
until it is needed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from archprof.allowance import ensured, paused
from archprof.analysis.analysis import Analysis, analyze
from archprof.capture.inputs import InputSpec
from archprof.capture.targets import target as target_of
from archprof.graph.graph import Graph
from archprof.language.find import find
from archprof.language.kinds import parse_shape
from archprof.language.network import Network
from archprof.language.override import override
from archprof.ops.base import Shape, shown
from archprof.problem import Mark, ProblemError, nearest
from archprof.targets import captured, graph_of

if TYPE_CHECKING:
    from torch.fx import GraphModule
    from torch.nn import Module

    from archprof.commands.check.check_run import Outcome as CheckOutcome
    from archprof.commands.compare.comparison import StructureDifference
    from archprof.commands.diff.difference import Difference
    from archprof.commands.lecture.deciding import DecidedLectures
    from archprof.commands.lecture.solving import Solved
    from archprof.commands.measure.measurement import Measurement
    from archprof.commands.verify.verification import Verification
    from archprof.show.field_working import Step
    from archprof.targets import Source

NOTEBOOK_WIDTH = 160  # columns

Figure = Literal["macs", "flops", "params", "output_bytes", "elements"]


@dataclass(frozen=True)
class Loaded:
    """A network ready for questions: a spec's, or one that was captured."""

    network: Source

    def __repr__(self) -> str:
        return f"<archprof network {self.network.name}>"

    def _repr_html_(self) -> str:
        """Return the summary as a notebook shows it."""
        from archprof.commands.summary.summary_table import summary_table
        from archprof.show.html import html_table

        return html_table(summary_table(self.analyze(), NOTEBOOK_WIDTH))

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
    ) -> Analysis:
        """Return every number per layer and in total, as integers, without torch."""
        return analyze(self.graph, batch, dtype, count, optimizer, ema)

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
        _require_torch("building makes torch modules")
        from archprof.model.compile import build

        return build(self.graph, aux_heads, device, dtype)

    def verify(self) -> Verification:
        """Return every number that torch, fvcore, autograd or a gradient can confirm, with theirs.

        Raises ModuleNotFoundError where torch or fvcore is not installed.
        """
        _require_torch("it is a witness here")
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
    ) -> Measurement:
        """Return latency, throughput and memory, measured on this machine with their conditions.

        The options are those of `archprof bench`; `time_limit` and `sustained` are seconds. Raises
        ModuleNotFoundError where torch is not installed, ProblemError where the device is not there
        or lacks the dtype or the mode, and for options unknown or that do not go together.
        """
        _require_torch("measuring runs the network")
        from archprof.commands.measure import combinations, torch_device
        from archprof.commands.measure.end_to_end import Request, measure
        from archprof.commands.measure.measurement_plan import single
        from archprof.commands.measure.sampling import StopRule
        from archprof.commands.measure.sensors import sensors
        from archprof.commands.measure.workload import Case

        where = torch_device.resolve(device)
        choice = combinations.Choice(
            where.type, dtype, memory_format, mode, train, autocast, optimizer, transfers
        )
        single(choice)
        torch_device.check(where, dtype, mode)
        rule = StopRule(limit=time_limit, sustained=sustained)
        request = Request(where, sensors(where), rule=rule, transfers=transfers)
        case = Case(self.graph, batch, dtype, memory_format, mode, train, autocast, optimizer)
        (measured,) = measure([case], request)
        return measured


Target = str | Path | Loaded
"""What a network is named by: a shipped name or alias, a path, PATH:VARIANT, or a loaded one."""


def load(
    target: str | Path, input: str | int | Sequence[int] | None = None, **values: Any
) -> Loaded:
    """Return the network called `target`; `values` override its parameters.

    `target` is a shipped name or alias, a path, PATH:VARIANT, or what is captured, such as
    "torchvision:resnet50" or "net.onnx"; then `values` are the constructor's arguments. `input`:
    another shape than the network's own, the batch left out: "3x96x96", [3, 96, 96] or (3, 96, 96),
    as `--input`. Raises ProblemError for an unknown name, a bad spec, an unknown parameter, what is
    not a shape, and a module that cannot be built or captured.
    """
    shape = _shape(input) if input is not None else None
    with ensured():
        found = target_of(str(target))
        if found is None:
            return Loaded(override(find(str(target)), values, shape))
        specs = (InputSpec("", shape),) if shape is not None else ()
        return Loaded(captured(found, specs, values))


def capture(
    module: Module,
    input: str | int | Sequence[int] | Mapping[str, Any] | None = None,
    name: str = "",
) -> Loaded:
    """Return a torch module as a network: what it computes in evaluation for one image.

    `input`: the shape without the batch, "3x224x224", [3, 224, 224] or (3, 224, 224); of a module
    with several a mapping from the names in its `forward` to shapes, or to "77:int64" with a dtype.
    The module stays as it is, and nothing is computed. Raises ProblemError for one that cannot be
    captured, ModuleNotFoundError where torch is not installed.
    """
    _require_torch("what is captured is a module of it")
    from archprof.capture.assemble import network
    from archprof.capture.inputs import input_specs
    from archprof.model.capturing import capture as tape_of

    if isinstance(input, Mapping):
        texts = [f"{key}={_written(value)}" for key, value in input.items()]
        specs = input_specs(texts)
    else:
        shape = _shape(input) if input is not None else None
        specs = (InputSpec("", shape),) if shape is not None else ()
    kind = type(module).__name__
    with ensured(), paused():
        tape = tape_of(module, specs, name or kind, kind)
    return Loaded(network(tape, module))


def compare(
    first: Target, second: Target, batch: int = 1, dtype: str = "float32"
) -> StructureDifference:
    """Return what differs in structure from one network to another, and what that costs.

    Raises ProblemError as `load` does.
    """
    from archprof.commands.compare.comparison import structure_difference

    ours, theirs = (_loaded(target).analyze(batch, dtype) for target in (first, second))
    return structure_difference(ours, theirs)


def diff(old: Target, new: Target, batch: int = 1, dtype: str = "float32") -> Difference:
    """Return what became of a network, layer by layer through renames, and its effect on totals.

    Raises ProblemError as `load` does.
    """
    from archprof.commands.diff.difference import difference

    with ensured():
        before, after = (_loaded(target).analyze(batch, dtype) for target in (old, new))
        return difference(before, after)


def check(*paths: str | Path, strict: bool = False, base: str | None = None) -> CheckOutcome:
    """Return what is wrong with spec files and folders, by the rules of their configuration.

    `strict` makes warnings errors; `base` is the git revision whose rules and budgets count.
    Raises ProblemError for a configuration or a revision that cannot be read.
    """
    from archprof.commands.check.check_options import Options
    from archprof.commands.check.check_paths import check_paths

    with ensured():
        return check_paths([str(path) for path in paths], Options(strict=strict), base=base)


def lecture(
    target: str | None = None, claim: str | None = None, static: bool = False
) -> DecidedLectures:
    """Return the verdicts on a lecture (L8), a claim (L8-07) or a file of claims; on all without.

    `claim` is one claim of a file. With `static` torch and fvcore are not consulted, though they
    are installed. Raises ProblemError for an unknown name and a bad file.
    """
    from archprof.commands.lecture.deciding import consult_all, decide

    with ensured():
        return decide(target, claim, None if static else consult_all)


def solve(
    target: str | Path,
    printed: str,
    of: Figure = "macs",
    first: str = "",
    last: str = "",
    input: str | None = None,
    batch: int = 1,
    dtype: str = "float32",
) -> Solved:
    """Return under which convention, or after which slip, a printed figure comes out.

    `printed` is written as in print: "13.6G", "138M", "96 MB". `first` and `last` are the layers
    to count from and to. Raises ProblemError for what is not a figure, and for unknown layers.
    """
    from archprof.commands.lecture.solving import Solver
    from archprof.language.override import parse_input

    shape = parse_input(input) if input else None
    with ensured():
        return Solver(str(target), shape, batch, dtype).figure(of, printed, first, last)


def _loaded(target: Target) -> Loaded:
    return target if isinstance(target, Loaded) else load(target)


def _written(given: object) -> str:
    """Return a shape as `--input` writes it."""
    if isinstance(given, (list, tuple)):
        return "x".join(map(str, given))
    return str(given)


def _not_built(name: str) -> ProblemError:
    message = f"{name} was captured, and is no spec from which a module is built"
    hint = "use the module that it was captured from; `archprof export` writes it as code"
    return ProblemError.of(Mark(name), "capture", message, hint)


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


def _require_torch(why: str) -> None:
    """Raise ModuleNotFoundError, with the way out, where torch is not installed."""
    try:
        import archprof.model.compile  # noqa: F401
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] != "torch":
            raise
        message = f'torch is not installed, and {why}: pip install "archprof[torch]"'
        raise ModuleNotFoundError(message, name="torch") from None
