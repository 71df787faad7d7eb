"""Autograd's word on what a training step keeps: saved_tensors_hooks over the compiled network,
on CPU tensors without memory.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Any

import torch
from torch import Tensor, fx
from torch._subclasses.fake_tensor import FakeTensorMode

from archprof import units
from archprof.analysis.analysis import Analysis, analyze
from archprof.commands.verify.verification import Check
from archprof.graph.graph import Graph
from archprof.model.compile import NODE, assemble
from archprof.model.inputs import zeros

WITNESS = "autograd"
# statistics of a batch need two samples; and what is kept per batch then differs from what is kept
# per sample
BATCH = 2
SMALL = 64 * 2**20
"""Bytes of a training step that is run with memory where without it something differs."""


def saved_bytes(graph: Graph) -> tuple[list[Check], list[str]]:
    """Return the bytes kept because of each layer, auxiliary heads included: storages once, with
    the layer that saved first, weights left out.
    """
    analysis = analyze(graph, batch=BATCH)
    unknown = analysis.totals.unknown.saved
    if unknown:
        return [], [f"no saved bytes, what is kept of {units.unknown_of(unknown)}"]
    # the CPU's strides and copies, which the meta device does not always have, and like it no
    # memory
    checks = _checks(analysis, FakeTensorMode())
    differs = any(check.ours != check.theirs for check in checks)
    if differs and analysis.totals.training_bytes <= SMALL:
        # a view without memory has other strides along dimensions of one element, by which torch
        # picks another algorithm
        checks = _checks(analysis, nullcontext())
    return checks, []


def _checks(analysis: Analysis, tensors: AbstractContextManager[object]) -> list[Check]:
    """Return what autograd says of each layer and of all, with tensors of a kind."""
    graph = analysis.graph
    with tensors:
        module = assemble(graph, aux_heads=True).train()
        found = saved_by_node(module, zeros(graph, BATCH))
    checks = [
        Check(WITNESS, "saved_bytes", row.node.path, row.known("saved_bytes"), found[i])
        for i, row in enumerate(analysis.layers)
    ]
    total = analysis.totals.saved_bytes
    return [*checks, Check(WITNESS, "saved_bytes", "", total, sum(found.values()))]


def saved_by_node(module: fx.GraphModule, inputs: Sequence[Tensor]) -> Counter[int]:
    """Return for each graph node the bytes of the storages that autograd keeps since it ran."""
    run = _Saving(module)
    with torch.autograd.graph.saved_tensors_hooks(run.pack, lambda kept: kept):
        run.run(*inputs)
    return run.saved


class _Saving(fx.Interpreter):
    """Runs the graph and notes what is saved while each layer runs."""

    def __init__(self, module: fx.GraphModule):
        super().__init__(module)
        self.current = -1
        self.saved: Counter[int] = Counter()
        self.known = {
            tensor.untyped_storage()._cdata for tensor in (*module.parameters(), *module.buffers())
        }
        self.alive: list[Tensor] = []  # what is not alive may hand its address to another

    def run_node(self, n: fx.Node) -> Any:
        self.current = n.meta.get(NODE, -1)
        return super().run_node(n)

    def pack(self, tensor: Tensor) -> Tensor:
        storage = tensor.untyped_storage()
        if storage._cdata not in self.known:
            self.known.add(storage._cdata)
            self.alive.append(tensor)
            self.saved[self.current] += storage.nbytes()
        return tensor
