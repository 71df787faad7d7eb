"""What torch and fvcore report of the networks that claims are about, in the claims' quantities."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping

from archprof.commands.lecture.claims.document import (
    Claim,
    Order,
    Quantity,
    Stated,
    Subject,
    leaves,
)
from archprof.commands.lecture.deciding.decision import Witnesses
from archprof.commands.lecture.deciding.evaluate import WitnessValues
from archprof.commands.lecture.deciding.subjects import Subjects
from archprof.commands.lecture.deciding.values import Result
from archprof.commands.lecture.running import experiments as experiments
from archprof.commands.verify import torch_witness
from archprof.commands.verify.verification import Check
from archprof.graph.graph import Graph
from archprof.model.threads import one_thread
from archprof.problem import Mark

ARITHMETIC = ("macs", "flops", "flops_torch", "flops_fvcore")
MULTIPLYING = (
    *("conv1d", "conv2d", "conv3d"),
    *("conv_transpose1d", "conv_transpose2d", "conv_transpose3d"),
    "linear",
)
"""Ops of which fvcore counts multiply-accumulates and nothing else."""


def witnesses(
    subjects: Subjects, claims: Iterable[Claim], progress: Callable[[str], None] | None = None
) -> Witnesses:
    """Return what both witnesses report of every network that these claims state figures of.

    `progress` receives the name of each network before it is built. Raises ProblemError where a
    network cannot be built.
    """
    wanted: dict[Subject, set[str]] = {}
    for quantity in _quantities(claims):
        wanted.setdefault(quantity.subject._replace(mark=Mark("")), set()).add(quantity.name)
    torch: dict[Subject, WitnessValues] = {}
    fvcore: dict[Subject, WitnessValues] = {}
    missing: tuple[str, ...] = ()
    with one_thread():
        for subject, names in wanted.items():
            if progress is not None:
                progress(subject.network)
            graph = subjects.analysis(subject).graph
            torch[subject] = _once(subjects, _torch, graph)
            if names & {*ARITHMETIC}:
                try:
                    fvcore[subject] = _once(subjects, _fvcore, graph)
                except ImportError:
                    missing = ("fvcore",)
    return Witnesses(torch, fvcore, experiments.run, missing)


def _once(
    subjects: Subjects, witness: Callable[[Graph], Mapping[tuple[str, str], Result]], graph: Graph
) -> WitnessValues:
    """Return what a witness reports of a graph; other lectures about the network ask again."""
    key = (witness.__name__, id(graph))
    reported: dict[tuple[str, int], WitnessValues] = subjects.shared.reported
    if key not in reported:
        reported[key] = WitnessValues(witness(graph))
    return reported[key]


def _quantities(claims: Iterable[Claim]) -> Iterator[Quantity]:
    for claim in claims:
        for part in (*claim.parts, *claim.also):
            if isinstance(part.statement, Stated):
                yield from leaves(part.statement.of)
            elif isinstance(part.statement, Order):
                for side in part.statement.sides:
                    yield from leaves(side)


def _torch(graph: Graph) -> Mapping[tuple[str, str], Result]:
    """Return parameters, buffers, shapes and arithmetic by quantity and path.

    FlopCounterMode counts 2 per multiply-accumulate.
    """
    reported: dict[tuple[str, str], Result] = {}
    for check in [*torch_witness.weights(graph)[0], *torch_witness.shapes_and_flops(graph)[0]]:
        if check.quantity == "flops" and isinstance(check.theirs, int):
            reported["flops_torch", check.path] = check.theirs
            reported["macs", check.path] = check.theirs // 2
        else:
            name = "shape" if check.quantity == "output_shape" else check.quantity
            reported[name, check.path] = check.theirs
    return reported


def _fvcore(graph: Graph) -> Mapping[tuple[str, str], Result]:
    """Return fvcore's own count of each module, and MACs, by quantity and path.

    Of convolutions and linear layers its count is their multiply-accumulates; other modules
    without MACs have none.
    """
    from archprof.commands.verify import fvcore_witness

    checks: dict[str, Check] = {check.path: check for check in fvcore_witness.flops(graph)[0]}
    reported: dict[tuple[str, str], Result] = {}
    for node in graph.nodes:
        check = checks.get(node.path)
        if check is not None:
            reported["flops_fvcore", node.path] = check.theirs
        if check is not None and node.kind in MULTIPLYING:
            reported["macs", node.path] = check.theirs
        elif node.facts.cost is not None and not node.facts.cost.macs:
            reported["macs", node.path] = 0
    return reported
