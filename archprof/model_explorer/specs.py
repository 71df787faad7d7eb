"""The networks of a spec file, analysed for Model Explorer."""

from __future__ import annotations

from pathlib import Path

from archprof.allowance import Allowance, share
from archprof.analysis.analysis import Analysis, analyze
from archprof.language.expand import expand
from archprof.language.loader import load_file
from archprof.language.network import networks
from archprof.limits import usual
from archprof.problem import Mark, ProblemError


def analyses(path: str) -> dict[str, Analysis]:
    """Return by name the networks of a file: one, or the variants of a family.

    Raises ProblemError for a file that is not a spec, for one without a network, and for a network
    that has problems.
    """
    with Allowance(usual(), path, alarm=False):
        document = load_file(Path(path))
        found = list(networks(document))
        if not found:
            raise ProblemError.of(document.mark, "network", "this file has no network in it")
        share(len(found))
        graphs = [expand(network) for network in found]
        problems = [problem for graph in graphs for problem in graph.problems]
        if problems:
            raise ProblemError(problems)
        return {graph.network.name: analyze(graph) for graph in graphs}


def analysis_of(path: str, name: str) -> Analysis:
    """Return one network of a file. Raises ProblemError where it is not there."""
    found = analyses(path)
    if name not in found:
        raise ProblemError.of(Mark(path), "network", f"this file has no network `{name}`")
    return found[name]
