"""Modules written by hand and captured, for tests of what capture makes of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from packaging.version import Version
from torch import Tensor, nn

from archprof.analysis.analysis import analyze
from archprof.analysis.totals import Totals
from archprof.capturing.assemble import assemble, network
from archprof.capturing.tape import Tape
from archprof.graph.graph import Graph, Node
from archprof.model.tracing import Inputs, traced

OLD = Version(torch.__version__) < Version("2.7")
"""Whether torch does not note which modules of an fx.GraphModule run, and exports no recurrent
layer: 2.6 does neither."""


class Computes(nn.Module):
    """A module that computes a function of its inputs, of its `weights` first where there are
    any.
    """

    def __init__(self, function: Callable[..., Any], *weights: Tensor):
        super().__init__()
        self.function = function
        self.weights = nn.ParameterList(weights)

    def forward(self, *inputs: Tensor) -> Any:
        return self.function(*self.weights, *inputs)


def tape_of(module: nn.Module, *inputs: Any) -> Tape:
    """Return the tape of a module on inputs of these shapes, or on these tensors."""
    tensors = tuple(torch.empty(each) if isinstance(each, tuple) else each for each in inputs)
    return traced(module, Inputs(tensors), "net", "Net")


def captured(module: nn.Module, *inputs: Any) -> Graph:
    """Return the graph of a module on inputs of these shapes, or on these tensors."""
    return assemble(network(tape_of(module, *inputs)))


def totals(module: nn.Module, *inputs: Any) -> Totals:
    """Return a module's totals on inputs of these shapes, or on these tensors."""
    return analyze(captured(module, *inputs)).totals


def layer(graph: Graph, kind: str) -> Node:
    """Return the one layer of a kind."""
    (found,) = [node for node in graph.nodes if node.kind == kind]
    return found
