"""One network by hand against archprof: refusals, shapes, parameters, MACs by hand and by
torch's counter, keys, and values.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Iterator
from random import Random
from typing import NamedTuple

import torch
from torch.utils.flop_counter import FlopCounterMode

from archprof.analysis.analysis import analyze
from archprof.graph.graph import Graph
from archprof.language.expand import expand
from archprof.language.loader import load_text
from archprof.language.network import networks
from archprof.model.compile import build
from tests.differential.networks import Made, made

AGREE, REFUSED = "the same in everything", "refused by both, at the same layer"
KNOWN = {
    "is one number per group": (
        "known: a group norm of one number, which torch refuses for a batch of 1 and computes as 0"
        " for others"
    )
}
"""What archprof alone refuses, on purpose: by words of its message."""


class Outcome(NamedTuple):
    """How one network went: `kind` is AGREE, REFUSED or what differs; `detail` has both sides,
    and the spec.
    """

    kind: str
    detail: str = ""

    @property
    def fine(self) -> bool:
        return self.kind in (AGREE, REFUSED, *KNOWN.values())


def one(seed: int, number: int) -> Outcome:
    """Network `number` of a run: the same for the same seed."""
    network = made(Random(f"{seed}:{number}"))
    (read,) = networks(load_text(network.spec, "net.yaml"))
    graph = expand(read)
    try:
        difference = next(_differences(network, graph), None)
    except Exception as error:  # noqa: BLE001 - an archprof that breaks down is what is looked for
        difference = "archprof raises", f"{type(error).__name__}: {error}"
    if difference is not None:
        return Outcome(
            difference[0],
            f"seed {seed}, network {number}: {difference[0]}: {difference[1]}\n{network.spec}",
        )
    return Outcome(REFUSED if network.refused else AGREE)


def _differences(network: Made, graph: Graph) -> Iterator[tuple[str, str]]:
    refused = network.refused
    for problem in graph.problems:
        yield from (
            (known, problem.message) for words, known in KNOWN.items() if words in problem.message
        )
    said = "; ".join(problem.message for problem in graph.problems)
    if refused is not None:
        if not graph.problems:
            yield "torch refuses, archprof does not", f"{refused.name}: {refused.refusal}"
        elif any(f"`{refused.name}`" not in problem.message for problem in graph.problems):
            yield (
                "refused at another layer",
                f"torch {refused.name}: {refused.refusal}; archprof: {said}",
            )
        return
    if graph.problems:
        yield "archprof refuses, torch does not", said
        return
    analysis = analyze(graph)
    for step, row in zip(network.steps, analysis.layers, strict=True):
        assert step.output is not None
        if row.node.output != tuple(step.output.shape[1:]):
            yield (
                "shape",
                f"{step.name}: torch {tuple(step.output.shape[1:])}, archprof {row.node.output}",
            )
        if row.macs != step.macs:
            yield "MACs by hand", f"{step.name}: {step.macs}, archprof {row.macs}"
    if analysis.totals.params != network.params():
        yield "parameters", f"torch {network.params()}, archprof {analysis.totals.params}"
    counted = _counted(network)
    if 2 * analysis.totals.macs * len(network.images) != counted:
        yield (
            "FLOPs of torch's counter",
            f"{counted}, archprof {2 * analysis.totals.macs * len(network.images)}",
        )
    yield from _built(network, graph)


def _counted(network: Made) -> int:
    """What torch's FlopCounterMode counts of the modules by hand."""
    tensors = {"input": network.images}
    with torch.no_grad(), FlopCounterMode(display=False) as counter, _quiet():
        for step in network.steps:
            if step.module is not None:
                step.module(tensors[step.sources[0]])
            assert step.output is not None
            tensors[step.name] = step.output
    return int(counter.get_total_flops())


def _built(network: Made, graph: Graph) -> Iterator[tuple[str, str]]:
    """The module that archprof builds, with the weights by hand: its keys and what it computes."""
    module = build(graph, dtype=torch.float64).eval()
    state = dict(network.state())
    if set(module.state_dict()) != set(state):
        yield "keys", f"torch {sorted(state)}, archprof {sorted(module.state_dict())}"
        return
    module.load_state_dict(state)
    with torch.no_grad(), _quiet():
        found = module(network.images)
    expected = network.steps[-1].output
    assert expected is not None
    if found.shape != expected.shape or not torch.allclose(
        found, expected, rtol=1e-9, atol=1e-9, equal_nan=True
    ):
        yield "values", f"by {float((found - expected).abs().nan_to_num(math.inf).max())} at most"


def _quiet() -> warnings.catch_warnings[None]:
    """torch warns of the copy that uneven padding makes, once."""
    return warnings.catch_warnings(action="ignore")
