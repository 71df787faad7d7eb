"""Receptive fields of captured networks by gradients: the user's own module runs with positive
weights, and what one unit's gradient reaches is what it sees.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.overrides import TorchFunctionMode

from archprof.analysis.receptive import Sight, rank, sights
from archprof.capturing.operators import SILENT, base_name
from archprof.capturing.origin import CapturedNetwork
from archprof.commands.verify.gradient_targets import (
    bounds_within,
    length_for,
    lengthened,
    targets,
)
from archprof.commands.verify.gradient_witness import Found, compared, spans_of
from archprof.commands.verify.verification import Check
from archprof.graph.graph import Graph
from archprof.model.captured_module import module_of, run_on, running

ROUNDING = 1e-6
"""Of the largest gradient the part below which another is not a gradient: float32's rounding."""
MOST_LAYERS = 6
MOST_BYTES = 2 * 2**30
"""Of all outputs for an input that is longer than the network's own; autograd keeps most of them.
"""

AVERAGES: dict[str, Callable[..., Tensor]] = {
    "max_pool1d": functional.avg_pool1d,
    "max_pool2d": functional.avg_pool2d,
    "max_pool3d": functional.avg_pool3d,
}
"""By a max pooling the average over the same windows."""

Call = tuple[str, int]
"""A module's path, and which of its calls it is."""

PASSED = frozenset(
    {
        *("relu", "relu6", "leaky_relu", "prelu", "rrelu", "threshold"),
        *("elu", "celu", "selu", "silu", "mish", "gelu"),
        *("hardtanh", "hardswish", "hardsigmoid", "softplus", "softsign", "tanh", "sigmoid"),
        *("clamp", "clamp_min", "clamp_max", "clip", "abs"),
    }
)
"""Functions of each element alone, whose gradient may be zero: they pass their input on."""

SELECTING = frozenset(
    {
        *("max", "min", "amax", "amin", "maximum", "minimum", "argmax", "argmin"),
        *("topk", "sort", "median", "where", "masked_fill", "detach"),
        *("floor", "ceil", "round", "sign", "grid_sample", "grid_sampler"),
        *("adaptive_max_pool1d", "adaptive_max_pool2d", "adaptive_max_pool3d"),
    }
)
"""Functions whose gradient reaches less than they read."""


def receptive_fields(graph: Graph) -> tuple[list[Check], list[str]]:
    """Return first and last pixel of a central unit's field, per axis, at modules' outputs; in
    total the largest field's size.

    Nothing is witnessed where no such output has a local field, or the module does not run so,
    and that is said.
    """
    seen = sights(graph)
    network = running(graph)
    if not rank(graph):
        return [], ["receptive field: the input is not an image"]
    given = _given_by(network, graph)
    elastic, rigid = ([i for i in some if i in given.values()] for some in targets(graph, seen))
    elastic = elastic[:: -(-len(elastic) // MOST_LAYERS) or 1]
    if not elastic and not rigid:
        return [], ["receptive field: no module's output has a local one"]
    found: Found = {i: {} for i in sorted(elastic + rigid)}
    with torch.random.fork_rng(devices=()):
        torch.manual_seed(0)
        try:
            witness = _Witness(network, graph, seen, given)
            witness.at(tuple(graph.input[1:]), list(found), found)
        except Exception as error:  # noqa: BLE001 - whatever the user's code raises
            return [], [f"receptive fields not witnessed, {_reason(error)}"]
        for size in _longer(graph, seen, elastic):
            try:
                witness.at(size, elastic, found)
            except Exception:  # noqa: BLE001 - a module that takes its own size alone
                break
    why = "its field is cut off" + "".join(f", or `{name}` before it" for name in witness.selecting)
    return compared(graph, seen, found, why)


def _reason(error: Exception) -> str:
    return str(error).strip().partition("\n")[0] or type(error).__name__


def _longer(graph: Graph, seen: Sequence[Sight], picked: list[int]) -> Iterator[tuple[int, ...]]:
    """Yield inputs that are longer in one direction, as long as the fields need."""
    elements = sum(math.prod(node.output) for node in graph.nodes)
    native = graph.input[1:]
    for axis in range(len(native)) if picked else ():
        length = length_for(graph, seen, picked, axis)
        if length > native[axis] and 4 * elements * length // native[axis] <= MOST_BYTES:
            yield lengthened(native, axis, length)


def _given_by(network: CapturedNetwork, graph: Graph) -> dict[Call, int]:
    """Return by module call the layer that gives its output: the last that runs in it."""
    tape = network.tape
    layers = {node.entry.operation: i for i, node in enumerate(graph.nodes)}
    last: dict[int, int] = {}
    for number, operation in enumerate(tape.operations):
        call = operation.module
        while call >= 0:
            if number in layers and base_name(operation.operator) not in SILENT:
                last[call] = layers[number]
            call = tape.modules[call].parent
    counts: dict[str, int] = {}
    found = {}
    for call, module in enumerate(tape.modules):
        counts[module.path] = counts.get(module.path, 0) + 1
        if call in last:
            found[module.path, counts[module.path]] = last[call]
    return found


class _Witness:
    """The user's module with positive weights, and the outputs of its modules in one run."""

    def __init__(
        self,
        network: CapturedNetwork,
        graph: Graph,
        seen: Sequence[Sight],
        given: Mapping[Call, int],
    ):
        self.network, self.graph, self.seen, self.given = network, graph, seen, given
        self.module = _positive(module_of(network))
        self.calls: dict[str, int] = {}
        self.outputs: dict[int, Tensor] = {}
        self.geometry = _Geometry()
        for path, part in self.module.named_modules():
            part.register_forward_hook(self._noting(path))

    @property
    def selecting(self) -> list[str]:
        """Functions that ran and whose gradient reaches less than they read."""
        return sorted(self.geometry.selecting)

    def _noting(self, path: str) -> Callable[..., None]:
        def note(part: nn.Module, given: Any, output: Any) -> None:
            self.calls[path] = self.calls.get(path, 0) + 1
            layer = self.given.get((path, self.calls[path]))
            whole = isinstance(output, Tensor) and not self.geometry.selecting
            if whole and layer is not None and output.requires_grad:
                self.outputs[layer] = output

        return note

    def at(self, size: tuple[int, ...], picked: Sequence[int], found: Found) -> None:
        """Find fields that lie within an input of a size, where they are not found yet."""
        self.calls.clear()
        self.outputs.clear()
        _, *others = self.network.tape.inputs.values()
        tensors = self.network.tape.tensors
        image = 0.5 + torch.rand(1, self.graph.input[0], *size)
        image.requires_grad_()
        more = [_filled(tensors[number].shape, tensors[number].dtype) for number in others]
        with self.geometry:
            run_on(self.module, list(self.network.tape.inputs), [image, *more])
        bounds = [
            bounds_within(self.graph, self.seen, list(picked), axis, size[axis])
            for axis in range(len(size))
        ]
        for i in picked:
            output = self.outputs.get(i)
            if output is None or output.ndim - 1 != len(self.graph.nodes[i].output):
                continue
            for layer, axis, ours, theirs in spans_of(
                output, image, i, self.seen[i], bounds, 1, 0.0
            ):
                found[layer].setdefault(axis, (ours, theirs))


def _filled(shape: tuple[int, ...], dtype: str) -> Tensor:
    return torch.ones(shape, dtype=getattr(torch, dtype))


def _positive(module: nn.Module) -> nn.Module:
    """Return a module in evaluation whose weights are positive, each output about a mean."""
    module = module.float().eval()
    with torch.no_grad():
        for parameter in module.parameters():
            if parameter.is_floating_point():
                many = parameter[0].numel() if parameter.ndim > 1 else 1
                parameter.uniform_(0.5 / many, 1.5 / many)
    for part in module.modules():
        if isinstance(part, nn.modules.batchnorm._BatchNorm):
            part.reset_running_stats()
    return module


class _Geometry(TorchFunctionMode):
    """Lets a gradient through wherever a value is read, and keeps it from vanishing.

    Activations pass their input on; max pooling averages over the same windows. On the way back
    each gradient that is not zero becomes a random number near 1: what adds up never cancels.
    """

    def __init__(self) -> None:
        super().__init__()
        self.selecting: set[str] = set()

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        name = getattr(func, "__name__", "").strip("_")
        kwargs = dict(kwargs or {})
        if name in PASSED:
            result = args[0] if args else kwargs["input"]
        elif name in AVERAGES:
            result = self._averaged(name, *args, **kwargs)
        else:
            if name in SELECTING:
                self.selecting.add(name)
            result = func(*args, **kwargs)
        if isinstance(result, Tensor) and result.requires_grad and not result.is_leaf:
            result.register_hook(_spread)  # type: ignore[no-untyped-call]
        return result

    def _averaged(
        self,
        name: str,
        input: Tensor,
        kernel_size: Any,
        stride: Any = None,
        padding: Any = 0,
        dilation: Any = 1,
        ceil_mode: bool = False,
        return_indices: bool = False,
    ) -> Tensor:
        sides = (dilation,) if isinstance(dilation, int) else dilation
        if set(sides) != {1} or return_indices:
            self.selecting.add(name)
        return AVERAGES[name](input, kernel_size, stride or None, padding, ceil_mode)


def _spread(gradient: Tensor) -> Tensor:
    """Return random numbers near 1 where a gradient is not zero."""
    size = gradient.abs()
    zero = torch.zeros_like(gradient)
    return torch.where(size > ROUNDING * size.max(), 0.5 + torch.rand_like(gradient), zero)
