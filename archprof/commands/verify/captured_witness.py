"""Torch's word on a captured network: its module's own weights, what FlopCounterMode counts in each
module, and what autograd keeps.
"""

from __future__ import annotations

import torch
from torch.nn.attention import SDPBackend, sdpa_kernel
from torch.utils.flop_counter import FlopCounterMode

from archprof import units
from archprof.analysis.analysis import Analysis, analyze
from archprof.capturing.origin import CapturedNetwork
from archprof.commands.verify.verification import Check
from archprof.graph.graph import Graph
from archprof.model.captured_module import inputs_of, run_on, running
from archprof.model.untouched import in_mode, without_data

MODULES, COUNTER = "torch", "FlopCounterMode"


def weights(graph: Graph) -> tuple[list[Check], list[str]]:
    """Return the parameters and buffers of each layer as the module has them under these names,
    and all of them.
    """
    module = running(graph).module
    held = dict(module.named_parameters(remove_duplicate=False))
    buffers = dict(module.named_buffers(remove_duplicate=False))
    checks = []
    for node in graph.nodes:
        if node.shares is not None:
            continue
        names = [f"{node.path}.{name}" if name else node.path for name in node.facts.weights]
        theirs = sum(held[name].numel() for name in names if name in held)
        checks.append(Check(MODULES, "params", node.path, node.params, theirs))
    totals = analyze(graph).totals
    of_all = sum(p.numel() for p in module.parameters())
    checks.append(Check(MODULES, "params", "", totals.params, of_all))
    in_all = sum({id(b): b.numel() for b in buffers.values()}.values())
    checks.append(Check(MODULES, "buffers", "", totals.buffers, in_all))
    return checks, []


def flops(graph: Graph) -> tuple[list[Check], list[str]]:
    """Return what FlopCounterMode counts in each module and in all: 2 per MAC.

    The module runs without data and stays as it is, with attention computed step by step,
    because the counter does not know every fused kernel.
    """
    network = running(graph)
    analysis = analyze(graph, count="torch")
    counter = FlopCounterMode(display=False, depth=10**6)
    inputs = sample(network)
    with (
        without_data(network.module) as without,
        in_mode(network.module, training=False),
        torch.no_grad(),
        counter,
        sdpa_kernel(SDPBackend.MATH),
    ):
        run_on(network.module, list(network.tape.inputs), [without(tensor) for tensor in inputs])
    counted = counter.get_flop_counts()
    name = type(network.module).__name__
    checks = []
    # one that was not called has its weights used by the module around it; an exported program
    # calls no modules, and is counted as a whole
    called = dict.fromkeys(call.path for call in network.tape.modules)
    by_module = any(f"{name}.{path}" in counted for path in called)
    for path in called if by_module else ():
        theirs = sum(counted.get(f"{name}.{path}", {}).values())
        ours = within(analysis, network, path)
        if ours is not None and (theirs or ours):
            checks.append(Check(COUNTER, "flops", path, ours, theirs))
    if analysis.totals.unknown.cost:
        left_out = units.unknown_of(analysis.totals.unknown.cost)
        return checks, [f"no total FLOPs, the cost of {left_out}"]
    theirs = counter.get_total_flops()
    return [*checks, Check(COUNTER, "flops", "", analysis.totals.counted, theirs)], []


def sample(network: CapturedNetwork, batch: int = 1) -> list[torch.Tensor]:
    """Return tensors as the network's inputs are, where its module's are, for so many images."""
    device = next((t.device for t in network.module.parameters()), torch.device("meta"))
    return [tensor.to(device) for tensor in inputs_of(network, batch)]


def within(
    analysis: Analysis, network: CapturedNetwork, path: str, quantity: str = "counted"
) -> int | None:
    """Return a quantity of the layers that ran in a module; None where that of one is unknown."""
    tape = network.tape
    found = []
    for row in analysis.layers:
        operation = row.node.entry.operation
        call = tape.operations[operation].module if operation >= 0 else -1
        ran = tape.modules[call].path if call >= 0 else ""
        if ran == path or ran.startswith(f"{path}."):
            found.append(getattr(row, quantity))
    known = [value for value in found if value is not None]
    return sum(known) if len(known) == len(found) else None
