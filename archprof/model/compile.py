"""A graph to an fx.GraphModule over ordinary torch.nn modules, one fx node per layer, keys as
the spec's paths.
"""

from __future__ import annotations

from collections.abc import Sequence, Set
from contextlib import nullcontext

import torch
from torch import fx, nn

from archprof.graph.graph import Arrived, Graph, Node
from archprof.model.functions import cat_repeated
from archprof.model.namespace import TORCH
from archprof.model.weights import initialize
from archprof.ops.answers import Function
from archprof.problem import Problem, ProblemError

NODE = "archprof_node"
PATH = "archprof_path"
"""Keys in an fx node's `meta`: the index of the graph node that it computes, and its path."""


def build(
    graph: Graph,
    aux_heads: bool = False,
    device: str | torch.device | None = None,
    dtype: torch.dtype | None = None,
) -> fx.GraphModule:
    """Return the network as a GraphModule in training mode, initialised as its spec says.

    On `device`; None: where torch makes tensors at present, as `with torch.device(...)` sets it. On
    "meta" it allocates nothing. Its forward takes the inputs in order, such as N×C×H×W, and gives
    the output, or a tuple of several. With `aux_heads` it gives (output, aux head, …) as training
    needs it; without, the heads are in the state dict and off the path. Raises ProblemError where
    the graph has problems.
    """
    module = assemble(graph, aux_heads, device)
    if dtype is not None:
        module = module.to(dtype)
    if not any(tensor.is_meta for tensor in module.parameters()):
        initialize(module, graph)
    return module


def assemble(
    graph: Graph, aux_heads: bool = False, device: str | torch.device | None = None
) -> fx.GraphModule:
    """Return what `build` gives, before the spec has its say on the initialisation.

    Raises ProblemError where the graph has problems.
    """
    if graph.problems:
        raise ProblemError(graph.problems)
    root = nn.Module()
    with torch.device(device) if device is not None else nullcontext():
        functions = {
            i: None if node.op.arrives else _held(root, graph, node)
            for i, node in enumerate(graph.nodes)
        }
    module = fx.GraphModule(
        root, _trace(graph, functions, aux_heads), class_name=_identifier(graph.network.name)
    )
    for node in graph.nodes:  # what is off the path keeps its place in the state dict
        if not node.op.arrives:
            _adopt(module, root, node)
    for node in graph.nodes:
        _freeze(module, node)
    return module


def _register(root: nn.Module, graph: Graph, node: Node) -> Function | None:
    """Put the node's module or bare parameter at its path; returns how to compute what is not
    a module.
    """
    shapes = tuple(graph.shape_of(i) for i in node.inputs)
    built = node.op.build(TORCH, shapes)
    if isinstance(built, Function):
        for name, weight in node.facts.weights.items() if node.shares is None else ():
            path = node.weight_path(name)
            parent, _, leaf = path.rpartition(".")
            if weight.trainable:
                _container(root, parent).register_parameter(
                    leaf, nn.Parameter(torch.full(weight.shape, built.start))
                )
            else:
                _container(root, parent).register_buffer(
                    leaf, built.buffers[name](), persistent=weight.persistent
                )
        return built
    parent, _, leaf = node.path.rpartition(".")
    if node.shares is None:
        _container(root, parent).add_module(leaf, built)
    return None


def _held(root: nn.Module, graph: Graph, node: Node) -> Function | None:
    """Do what `_register` does.

    Raises ProblemError where this torch has an attribute of the layer's name that `graph.taken`
    does not list.
    """
    try:
        return _register(root, graph, node)
    except KeyError as error:
        problem = Problem(
            node.mark,
            "name",
            f"this torch cannot hold `{node.path}`: {error.args[0]}",
            "choose another name",
        )
        raise ProblemError([problem]) from None


def _container(root: nn.Module, path: str) -> nn.Module:
    for part in path.split(".") if path else ():
        child = root._modules.get(part)
        if child is None:
            child = nn.Module()
            root.add_module(part, child)
        root = child
    return root


def _trace(graph: Graph, functions: dict[int, Function | None], aux_heads: bool) -> fx.Graph:
    """Return the layers as an fx graph; `functions`: how to compute those that are not modules."""
    traced = fx.Graph()
    values = {one.index: traced.placeholder(_argument(one)) for one in graph.inputs}
    used = range(len(graph.nodes)) if aux_heads else graph.main
    # the same for every sample, with a batch of 1: constant, or made from parameters alone
    learned: set[int] = set()
    for i in used:
        node, function = graph.nodes[i], functions[i]
        if not node.op.arrives:
            if node.op.constant or all(source in learned for source in node.inputs):
                learned.add(i)
            inputs = tuple(values[source] for source in node.inputs)
            owner = graph.nodes[node.shares] if node.shares is not None else node
            if function is None:
                values[i] = traced.call_module(owner.path, inputs)
            else:
                if i not in learned:
                    function = _expanding(function, node.inputs, learned)
                values[i] = _call(traced, node, owner, function, inputs)
        values[i].meta.update({NODE: i, PATH: node.path})
    heads = graph.aux_outputs if aux_heads else ()
    outputs = [values[i] for i in (*graph.outputs, *heads)]
    traced.output(outputs[0] if len(outputs) == 1 else tuple(outputs))
    return traced


def _expanding(function: Function, sources: Sequence[int], learned: Set[int]) -> Function:
    """Return how to compute a layer of which some inputs are learned, and so come once for all
    samples: a list is joined with those expanded to the batch of the others.
    """
    repeated = tuple(place for place, source in enumerate(sources) if source in learned)
    if not function.listed or not repeated:
        return function
    return function.replaced(target=cat_repeated, kwargs={**function.kwargs, "repeated": repeated})


def _call(
    traced: fx.Graph, node: Node, owner: Node, function: Function, inputs: tuple[fx.Node, ...]
) -> fx.Node:
    """Return a call of what is not a module, with the weights that lie at `owner`'s path."""
    weights = tuple(
        traced.get_attr(f"{owner.path}.{name}" if name else owner.path)
        for name in node.facts.weights
    )
    given = (list(inputs),) if function.listed else inputs
    arguments = (*given, *weights, *function.args)
    name = _identifier(node.path)
    return traced.create_node(
        "call_function", function.target, arguments, dict(function.kwargs), name=name
    )


def _argument(given: Arrived) -> str:
    """Return what `forward` calls an input."""
    return given.name if given.name.isidentifier() else "input"


def _adopt(module: fx.GraphModule, root: nn.Module, node: Node) -> None:
    if not node.op.is_module and not node.facts.weights:
        return  # what torch does not hold may lie below any name
    parent, _, leaf = node.path.rpartition(".")
    theirs = _container(module, parent)
    ours = _container(root, parent)
    if leaf in ours._modules and leaf not in theirs._modules:
        theirs.add_module(leaf, ours._modules[leaf])
    elif leaf in ours._parameters and leaf not in theirs._parameters:
        theirs.register_parameter(leaf, ours._parameters[leaf])
    for name, weight in node.facts.weights.items():
        parent, _, leaf = node.weight_path(name).rpartition(".")
        buffer = _container(root, parent)._buffers.get(leaf)
        if buffer is not None:  # GraphModule forgets which of them stay out of the state dict
            _container(module, parent).register_buffer(leaf, buffer, weight.persistent)


def _freeze(module: fx.GraphModule, node: Node) -> None:
    """Tell torch which of the node's own parameters want no gradient."""
    if node.shares is not None:
        return
    for name in node.frozen:
        module.get_parameter(node.weight_path(name)).requires_grad_(False)


def _identifier(text: str) -> str:
    name = "".join(c if c.isalnum() else "_" for c in text)
    return name if name[:1].isalpha() else f"_{name}"
