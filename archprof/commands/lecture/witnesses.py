"""What torch and fvcore say of the networks that claims are about, in the claims' own
quantities.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping

from archprof.commands.lecture import run_experiments as experiments
from archprof.commands.lecture.document import Claim, Order, Quantity, Stated, Subject, leaves
from archprof.commands.lecture.evaluate import Answer, Said, Subjects
from archprof.commands.lecture.judge import Witnesses
from archprof.commands.verify import torch_witness
from archprof.commands.verify.verification import Check
from archprof.graph.graph import Graph
from archprof.model.threads import one_thread
from archprof.problem import Mark

ARITHMETIC = ("macs", "flops", "flops_torch", "flops_fvcore")
MULTIPLYING = ("conv2d", "conv_transpose2d", "linear")
"""Ops of which fvcore counts multiply-accumulates and nothing else."""


def witnesses(
    subjects: Subjects, claims: Iterable[Claim], progress: Callable[[str], None] | None = None
) -> Witnesses:
    """Both witnesses' word on every network that these claims state figures of.

    Raises ProblemError where one cannot be built.
    """
    wanted: dict[Subject, set[str]] = {}
    for quantity in _quantities(claims):
        wanted.setdefault(quantity.subject._replace(mark=Mark("")), set()).add(quantity.name)
    torch: dict[Subject, Said] = {}
    fvcore: dict[Subject, Said] = {}
    missing: tuple[str, ...] = ()
    with one_thread():
        for subject, names in wanted.items():
            if progress is not None:
                progress(subject.network)
            graph = subjects.analysis(subject).graph
            torch[subject] = Said(_torch(graph, bool(names & {*ARITHMETIC})))
            if names & {*ARITHMETIC}:
                try:
                    fvcore[subject] = Said(_fvcore(graph))
                except ImportError:
                    missing = ("fvcore",)
    return Witnesses(torch, fvcore, experiments.run, missing)


def _quantities(claims: Iterable[Claim]) -> Iterator[Quantity]:
    for claim in claims:
        for part in claim.parts:
            if isinstance(part.statement, Stated):
                yield from leaves(part.statement.of)
            elif isinstance(part.statement, Order):
                for side in part.statement.sides:
                    yield from leaves(side)


def _torch(graph: Graph, arithmetic: bool) -> Mapping[tuple[str, str], Answer]:
    """Parameters, buffers, shapes and, where asked for, arithmetic: FlopCounterMode counts 2 per
    multiply-accumulate.
    """
    said: dict[tuple[str, str], Answer] = {}
    for check in [*torch_witness.weights(graph)[0], *torch_witness.shapes_and_flops(graph)[0]]:
        if check.quantity == "flops" and isinstance(check.theirs, int):
            said["flops_torch", check.path], said["macs", check.path] = (
                check.theirs,
                check.theirs // 2,
            )
        else:
            said["shape" if check.quantity == "output_shape" else check.quantity, check.path] = (
                check.theirs
            )
    return said


def _fvcore(graph: Graph) -> Mapping[tuple[str, str], Answer]:
    """Its own count of each module; of convolutions and linear layers that is their
    multiply-accumulates, and other modules without MACs have none.
    """
    from archprof.commands.verify import fvcore_witness

    checks: dict[str, Check] = {check.path: check for check in fvcore_witness.flops(graph)[0]}
    said: dict[tuple[str, str], Answer] = {}
    for node in graph.nodes:
        check = checks.get(node.path)
        if check is not None:
            said["flops_fvcore", node.path] = check.theirs
        if check is not None and node.kind in MULTIPLYING:
            said["macs", node.path] = check.theirs
        elif not node.facts.cost.macs:
            said["macs", node.path] = 0
    return said
