"""Tensors for a network's inputs, in the order in which its module takes them."""

from __future__ import annotations

import torch
from torch import Tensor, fx

from archprof.graph.graph import Arrived, Graph


def zeros(
    graph: Graph,
    batch: int,
    device: str | torch.device | None = None,
    dtype: torch.dtype | None = None,
) -> tuple[Tensor, ...]:
    """Return zeros for every input of a graph, whole numbers where it takes these.

    On `device`; None: where torch makes tensors at present.
    """
    return tuple(
        torch.zeros((batch, *one.shape), dtype=dtype_of(one, dtype), device=device)
        for one in graph.inputs
    )


def drawn(
    graph: Graph, batch: int, device: str | torch.device, dtype: torch.dtype
) -> tuple[Tensor, ...]:
    """Return random values for every input of a graph: of a normal distribution, or whole numbers
    below the stated one, 0 where none is stated.
    """
    return tuple(_drawn(one, batch, device, dtype) for one in graph.inputs)


def dtype_of(given: Arrived, dtype: torch.dtype | None = None) -> torch.dtype | None:
    """Return the dtype of an input, `dtype` where it follows the network's."""
    if not given.elements.dtype:
        return dtype
    found: torch.dtype = getattr(torch, given.elements.dtype)
    return found


def _drawn(given: Arrived, batch: int, device: str | torch.device, dtype: torch.dtype) -> Tensor:
    shape, elements = (batch, *given.shape), given.elements
    if not elements.dtype:
        return torch.randn(shape, device=device, dtype=dtype)
    return torch.randint(max(1, elements.below), shape, device=device, dtype=dtype_of(given))


def held(module: fx.GraphModule, graph: Graph, batch: int, device: torch.device) -> fx.GraphModule:
    """Return the module of a graph as one of its first input: it holds random values of the others.

    They are buffers beside the state dict.
    """
    others = [node for node in module.graph.nodes if node.op == "placeholder"][1:]
    tensors = drawn(graph, batch, device, torch.get_default_dtype())[1:]
    for number, (placeholder, tensor) in enumerate(zip(others, tensors, strict=True)):
        name = f"input_{number}"
        module.register_buffer(name, tensor, persistent=False)
        with module.graph.inserting_before(placeholder):
            given = module.graph.get_attr(name)
        given.meta.update(placeholder.meta)
        placeholder.replace_all_uses_with(given)
        module.graph.erase_node(placeholder)
    if others:
        module.recompile()
    return module
