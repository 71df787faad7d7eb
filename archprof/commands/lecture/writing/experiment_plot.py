"""Pictures of what claims run: gradients by layer, and how alike they are, of their networks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from archprof.commands.lecture.claims.document import Claim, Experiment, Subject
from archprof.commands.lecture.claims.library import Chosen
from archprof.commands.lecture.deciding.subjects import Subjects
from archprof.commands.plot.plots import PlotOptions
from archprof.commands.plot.signal_plot import gradients_plot, shattering_plot
from archprof.commands.plot.writing import refuse_ending, write
from archprof.draw.shapes import Picture
from archprof.graph.graph import Graph
from archprof.problem import Mark, ProblemError

DRAWN = ("flow", "shatters")
"""The experiments that have a picture."""
SHATTERING = "shattering"


def write_experiment_plots(chosen: Iterable[Chosen], file: Path) -> None:
    """Write the pictures of the chosen claims' experiments, instead of deciding.

    Where there are several, each one's name is added to that of the file. Raises ProblemError.
    """
    refuse_ending(file, "--plot")
    options = PlotOptions()
    pictures = experiment_plots(chosen, options)
    for name, picture in pictures.items():
        several = file.with_stem(f"{file.stem}-{name}")
        write(picture, several if len(pictures) > 1 else file, options.size, "light")


def experiment_plots(chosen: Iterable[Chosen], options: PlotOptions) -> dict[str, Picture]:
    """Return pictures of the networks that the chosen claims' experiments are about, by name.

    A picture is named gradients, activations or shattering. Raises ProblemError where no claim has
    such an experiment, or more networks than a picture shows.
    """
    found: dict[str, dict[tuple[str, str], Graph]] = {}
    for lecture, claims in chosen:
        subjects = Subjects(lecture)
        for experiment in _drawn(claims):
            arguments = dict(experiment.arguments)
            network = str(arguments["network"])
            graph = subjects.analysis(Subject(network, experiment.mark)).graph
            found.setdefault(str(arguments.get("of", SHATTERING)), {})[lecture.id, network] = graph
    if not found:
        message = f"no claim here runs {' or '.join(DRAWN)}, which have a picture"
        raise ProblemError.of(Mark("--plot"), "option", message, "archprof plot draws networks")
    return {name: _picture(name, list(graphs.values()), options) for name, graphs in found.items()}


def _picture(name: str, graphs: Sequence[Graph], options: PlotOptions) -> Picture:
    if name == SHATTERING:
        return shattering_plot(graphs, options)
    return gradients_plot(graphs, name, options)


def _drawn(claims: Iterable[Claim]) -> Iterator[Experiment]:
    for claim in claims:
        for part in (*claim.parts, *claim.also):
            if isinstance(part.statement, Experiment) and part.statement.name in DRAWN:
                yield part.statement
