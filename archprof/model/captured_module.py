"""A captured network as a module that runs: the user's own, written down operator by operator."""

from __future__ import annotations

import copy
import inspect
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from torch import fx, nn

from archprof.capturing.operators import SILENT, base_name
from archprof.capturing.origin import CapturedNetwork
from archprof.capturing.targets import CODE, Target
from archprof.graph.graph import Graph
from archprof.model.compile import NODE, build
from archprof.model.inputs import drawn, held
from archprof.model.tracing import operator_name
from archprof.problem import Mark, ProblemError


def module_for(graph: Graph, batch: int, device: torch.device, train: bool) -> Any:
    """Return the module of a graph on a device: built from its spec, or the user's own.

    It takes the network's first input and holds the others. In training a spec's has its auxiliary
    heads.
    """
    if isinstance(graph.network, CapturedNetwork):
        return runnable(graph, batch, device, train)
    return held(build(graph, aux_heads=train, device=device), graph, batch, device)


def runnable(graph: Graph, batch: int, device: torch.device, train: bool = False) -> fx.GraphModule:
    """Return a captured network's module on a device, for batches of one size, in evaluation or
    training.

    Each fx node has in its `meta` under NODE the index of the graph's node that it computes, where
    both follow the same operators. It takes the network's first input; further ones are zeros
    that it holds. Raises ProblemError where only a tape is there.
    """
    network = running(graph)
    module = _with_frozen(module_of(network).to(device), graph)
    image, *others = (tensor.to(device) for tensor in inputs_of(network, batch))
    if others:
        module = WithInputs(module, list(network.tape.inputs), others)
    module.train(train)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        program = torch.export.export(module, (image,), strict=False)
    made = unguarded(program)
    _numbered(made, graph)
    return made


def _with_frozen(module: nn.Module, graph: Graph) -> nn.Module:
    """Return the module, of whose parameters those are not trained that the graph has as frozen."""
    frozen = {node.weight_path(name) for node in graph.nodes for name in node.frozen}
    for name, parameter in module.named_parameters(remove_duplicate=False):
        if name in frozen:
            parameter.requires_grad_(False)
    return module


def first_input(graph: Graph, batch: int, device: torch.device, dtype: torch.dtype) -> torch.Tensor:
    """Return a random first input for a graph's module: images, or the whole numbers that a spec
    takes, zeros where a captured module takes integers.
    """
    network = graph.network
    if isinstance(network, CapturedNetwork):
        example = inputs_of(network, batch)[0]
        if not example.is_floating_point():
            return example.to(device)
    return drawn(graph, batch, device, dtype)[0]


def inputs_of(network: CapturedNetwork, batch: int) -> list[torch.Tensor]:
    """Return zeros as the network's inputs are, for so many images."""
    known = [network.tape.tensors[number] for number in network.tape.inputs.values()]
    return [
        torch.zeros((batch, *tensor.shape[1:]), dtype=getattr(torch, tensor.dtype))
        for tensor in known
    ]


def run_on(module: nn.Module, names: Sequence[str], tensors: Sequence[torch.Tensor]) -> Any:
    """Call a module on its inputs: by their names, where its `forward` has these."""
    known = inspect.signature(module.forward).parameters
    if all(name in known for name in names):
        return module(**dict(zip(names, tensors, strict=True)))
    return module(*tensors)


class WithInputs(nn.Module):
    """A module of several inputs as one of its first: it holds the others."""

    def __init__(self, module: nn.Module, names: Sequence[str], others: Sequence[torch.Tensor]):
        super().__init__()
        self.module, self.names = module, tuple(names)
        self.held = [f"input_{number}" for number in range(len(others))]
        for name, tensor in zip(self.held, others, strict=True):
            self.register_buffer(name, tensor, persistent=False)

    def forward(self, image: torch.Tensor) -> Any:
        return run_on(self.module, self.names, [image, *(self.get_buffer(n) for n in self.held)])


def unguarded(program: torch.export.ExportedProgram) -> fx.GraphModule:
    """Return a program's module without checks of its input, which take time at each call.

    Older versions of torch write none.
    """
    known = inspect.signature(program.module).parameters
    given = {"check_guards": False} if "check_guards" in known else {}
    made: fx.GraphModule = program.module(**given)
    # torch.export refuses both, which here change nothing: what is captured is in evaluation
    for refused in ("train", "eval"):
        made.__dict__.pop(refused, None)
    return made


def of_one_input(graph: Graph) -> CapturedNetwork:
    """Return the network of a graph that can run on images alone. Raises ProblemError."""
    network = running(graph)
    if len(network.tape.inputs) > 1:
        message = f"{network.name} takes {len(network.tape.inputs)} inputs, expected one"
        hint = "wrap it in a module that makes the others"
        raise ProblemError.of(Mark(network.name), "capture", message, hint)
    return network


def running(graph: Graph) -> CapturedNetwork:
    """Return the network of a graph that can run. Raises ProblemError for one that cannot."""
    network = graph.network
    if not isinstance(network, CapturedNetwork):
        raise TypeError(f"{network.name} is a spec")
    target = network.target
    # a process that measures gets the target, and builds the module again
    buildable = target is not None and target.kind in CODE
    if network.module is None and not buildable:
        message = f"{network.name} is a tape, which runs nothing"
        hint = "name the module itself, such as torchvision:resnet50 or model.py:build"
        raise ProblemError.of(Mark(network.name), "capture", message, hint)
    return network


def module_of(network: CapturedNetwork) -> nn.Module:
    """Return a copy of the network's module with its weights in memory."""
    target, module = network.target, network.module
    if target is not None and (module is None or any(t.is_meta for t in _tensors(module))):
        return _built(target, network)
    copied: nn.Module = copy.deepcopy(module)
    return copied


def _built(target: Target, network: CapturedNetwork) -> nn.Module:
    if target.kind == "program":
        from archprof.model.programs import program

        return program(Path(target.place), target.text)[1]
    from archprof.model.importing import with_weights

    return with_weights(target, network.overrides)


def _tensors(module: nn.Module) -> list[torch.Tensor]:
    return [*module.parameters(), *module.buffers()]


def _numbered(module: fx.GraphModule, graph: Graph) -> None:
    """Write each operator's layer into its fx node: both are in the order of execution.

    Where they are not the same operators (a branch that depends on the batch), none is written.
    """
    calls = [n for n in module.graph.nodes if n.op == "call_function" and not _is_part(n)]
    operators = [operator_name(call.target) for call in calls]
    network = running(graph)
    if operators != [operation.operator for operation in network.tape.operations]:
        return
    layers = {node.entry.operation: i for i, node in enumerate(graph.nodes)}
    for number, call in enumerate(calls):
        if base_name(operators[number]) not in SILENT and number in layers:
            call.meta[NODE] = layers[number]


def _is_part(node: fx.Node) -> bool:
    target: Any = node.target
    return getattr(target, "__name__", "") == "getitem"
