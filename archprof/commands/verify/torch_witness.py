"""Torch's word on parameters, buffers, shapes and FLOPs, from the compiled network on the meta
device.
"""

from __future__ import annotations

from operator import attrgetter
from typing import Any

from torch import Tensor, fx, nn
from torch.nn.attention import SDPBackend, sdpa_kernel
from torch.utils.flop_counter import FlopCounterMode

from archprof import units
from archprof.analysis.analysis import analyze
from archprof.commands.verify.verification import Check
from archprof.graph.graph import Graph
from archprof.model.compile import NODE, build
from archprof.model.inputs import zeros

MODULES, COUNTER = "torch", "FlopCounterMode"


def weights(graph: Graph) -> tuple[list[Check], list[str]]:
    """Return the parameters and buffers as nn.Module holds them: each layer's own, a shared one
    with the layer that uses it first.
    """
    module = build(graph, aux_heads=True, device="meta")
    found: dict[int, dict[str, int]] = {}
    seen: set[int] = set()
    for traced in module.graph.nodes:
        if NODE not in traced.meta:
            continue
        counts = found.setdefault(traced.meta[NODE], {"params": 0, "buffers": 0})
        for quantity, tensor in _tensors(module, traced):
            if id(tensor) not in seen:
                seen.add(id(tensor))
                counts[quantity] += tensor.numel()
    checks = [
        Check(MODULES, quantity, node.path, getattr(node, quantity), found[i][quantity])
        for i, node in enumerate(graph.nodes)
        for quantity in ("params", "buffers")
    ]
    totals = analyze(graph).totals
    checks.append(
        Check(MODULES, "params", "", totals.params, sum(p.numel() for p in module.parameters()))
    )
    checks.append(
        Check(MODULES, "buffers", "", totals.buffers, sum(b.numel() for b in module.buffers()))
    )
    return checks, []


def _tensors(module: fx.GraphModule, traced: fx.Node) -> list[tuple[str, Tensor]]:
    """Return the parameters and buffers that one fx node computes with."""
    if traced.op == "call_module":
        target = module.get_submodule(str(traced.target))
        return [("params", p) for p in target.parameters()] + [
            ("buffers", b) for b in target.buffers()
        ]
    owned = [
        attrgetter(str(source.target))(module)
        for source in traced.all_input_nodes
        if source.op == "get_attr"
    ]
    return [
        ("params" if isinstance(tensor, nn.Parameter) else "buffers", tensor) for tensor in owned
    ]


def shapes_and_flops(graph: Graph) -> tuple[list[Check], list[str]]:
    """Return each layer's output shape, and what torch's FlopCounterMode adds to its count while
    the layer runs: 2 per MAC.
    """
    module = build(graph, aux_heads=True, device="meta").eval().requires_grad_(False)
    with FlopCounterMode(display=False) as counter, sdpa_kernel(SDPBackend.MATH):
        run = _Counting(module, counter)
        run.run(*zeros(graph, 1, "meta"))
    checks = [
        Check(MODULES, "output_shape", node.path, node.output, run.shapes[i])
        for i, node in enumerate(graph.nodes)
    ]
    analysis = analyze(graph, count="torch")
    checks += [
        Check(COUNTER, "flops", row.node.path, row.counted, run.flops[i])
        for i, row in enumerate(analysis.layers)
        if row.counted is not None
    ]
    unknown = analysis.totals.unknown.cost
    if unknown:
        return checks, [f"no total FLOPs, the cost of {units.unknown_of(unknown)}"]
    theirs = sum(run.flops[i] for i in graph.main)
    checks.append(Check(COUNTER, "flops", "", analysis.totals.counted, theirs))
    return checks, []


class _Counting(fx.Interpreter):
    """Runs the graph and notes by layer its output shape and the FLOPs counted meanwhile."""

    def __init__(self, module: fx.GraphModule, counter: FlopCounterMode):
        super().__init__(module)
        self.counter = counter
        self.shapes: dict[int, tuple[int, ...]] = {}
        self.flops: dict[int, int] = {}

    def run_node(self, n: fx.Node) -> Any:
        before = self.counter.get_total_flops()
        result = super().run_node(n)
        if NODE in n.meta:
            self.shapes[n.meta[NODE]] = tuple(result.shape[1:])
            self.flops[n.meta[NODE]] = self.counter.get_total_flops() - before
        return result
