"""Autograd's word on what a training step of a captured network keeps: the user's own module runs,
without data, and hooks see what is saved in which of its modules.
"""

from __future__ import annotations

from collections import Counter

import torch
from torch import Tensor, nn

from archprof import units
from archprof.analysis.analysis import Analysis, analyze
from archprof.capturing.origin import CapturedNetwork
from archprof.commands.verify.captured_witness import sample, within
from archprof.commands.verify.verification import Check
from archprof.graph.graph import Graph
from archprof.model.captured_module import run_on, running
from archprof.model.untouched import in_mode, on_cpu_without_data

WITNESS = "autograd"
BATCH = 2  # statistics of a batch need two samples


def saved_bytes(graph: Graph) -> tuple[list[Check], list[str]]:
    """Return the bytes that autograd keeps because of each module and of all: storages once,
    weights left out.

    Where the module does not run without data, nothing is witnessed, and that is said.
    """
    network = running(graph)
    analysis = analyze(graph, batch=BATCH)
    unknown = analysis.totals.unknown.saved
    if unknown:
        return [], [f"no saved bytes, what is kept of {units.unknown_of(unknown)}"]
    try:
        kept = _kept(network)
    except Exception as error:  # noqa: BLE001 - whatever the user's code raises
        reason = str(error).strip().partition("\n")[0] or type(error).__name__
        return [], [f"saved bytes not witnessed, {network.name} does not train so: {reason}"]
    checks = _by_module(analysis, network, kept)
    return [
        *checks,
        Check(WITNESS, "saved_bytes", "", analysis.totals.saved_bytes, kept[""]),
    ], []


def _by_module(analysis: Analysis, network: CapturedNetwork, kept: Counter[str]) -> list[Check]:
    """Return the checks of the modules that were called."""
    if analysis.graph.training is not None:  # its rows are not those of evaluation
        return []
    checks = []
    for path in dict.fromkeys(call.path for call in network.tape.modules):
        ours = within(analysis, network, path, "saved_bytes")
        if path and ours is not None and (ours or kept[path]):
            checks.append(Check(WITNESS, "saved_bytes", path, ours, kept[path]))
    return checks


def _kept(network: CapturedNetwork) -> Counter[str]:
    """Return the bytes kept since each module ran, by its path; of all under ""."""
    module = network.module
    with in_mode(module, training=True), on_cpu_without_data(module) as without:
        run = _Keeping(module)
        given = [without(tensor) for tensor in sample(network, BATCH)]
        with torch.autograd.graph.saved_tensors_hooks(run.pack, lambda kept: kept):
            run_on(module, list(network.tape.inputs), given)
    return run.kept


class _Keeping:
    """Notes what autograd keeps, and the modules that run meanwhile."""

    def __init__(self, module: nn.Module):
        self.kept: Counter[str] = Counter()
        self.running = [""]
        self.known = {
            tensor.untyped_storage()._cdata for tensor in (*module.parameters(), *module.buffers())
        }
        self.alive: list[Tensor] = []  # what is not alive may hand its address to another
        for path, part in module.named_modules():
            part.register_forward_pre_hook(lambda *_, path=path: self.running.append(path))
            part.register_forward_hook(lambda *_: self._left())

    def _left(self) -> None:
        self.running.pop()

    def pack(self, tensor: Tensor) -> Tensor:
        storage = tensor.untyped_storage()
        if storage._cdata not in self.known:
            self.known.add(storage._cdata)
            self.alive.append(tensor)
            for path in set(self.running):
                self.kept[path] += storage.nbytes()
        return tensor
