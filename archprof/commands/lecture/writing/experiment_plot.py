"""The picture of what claims run: gradients by layer, or how alike they are, of their networks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from archprof.commands.lecture.claims.document import Claim, Experiment, Subject
from archprof.commands.lecture.claims.library import Chosen
from archprof.commands.lecture.deciding.subjects import Subjects
from archprof.commands.plot.plots import PlotOptions
from archprof.commands.plot.signal_plot import gradients_plot, shattering_plot
from archprof.draw.shapes import Picture
from archprof.graph.graph import Graph
from archprof.problem import Mark, ProblemError

DRAWN = ("flow", "shatters")
"""The experiments that have a picture."""


def experiment_plot(chosen: Iterable[Chosen], options: PlotOptions) -> Picture:
    """Return one picture of the networks that the chosen claims' experiments are about.

    Raises ProblemError where no claim has such an experiment, or several have different ones.
    """
    found: dict[tuple[str, str], dict[tuple[str, str], Graph]] = {}
    for lecture, claims in chosen:
        subjects = Subjects(lecture)
        for experiment in _drawn(claims):
            arguments = dict(experiment.arguments)
            network, of = str(arguments["network"]), str(arguments.get("of", ""))
            graph = subjects.analysis(Subject(network, experiment.mark)).graph
            found.setdefault((experiment.name, of), {})[lecture.id, network] = graph
    if len(found) != 1:
        raise _refused(list(found))
    [((name, of), networks)] = found.items()
    graphs = list(networks.values())
    if name == "shatters":
        return shattering_plot(graphs, options)
    return gradients_plot(graphs, of, options)


def _drawn(claims: Iterable[Claim]) -> Iterator[Experiment]:
    for claim in claims:
        for part in claim.parts:
            if isinstance(part.statement, Experiment) and part.statement.name in DRAWN:
                yield part.statement


def _refused(kinds: Sequence[tuple[str, str]]) -> ProblemError:
    if not kinds:
        message = f"no claim here runs {' or '.join(DRAWN)}, which have a picture"
        return ProblemError.of(Mark("--plot"), "option", message, "archprof plot draws networks")
    several = ", ".join(" of ".join(filter(None, kind)) for kind in kinds)
    message = f"claims run {several}, and a picture shows one of them"
    return ProblemError.of(Mark("--plot"), "option", message, "name one claim")
