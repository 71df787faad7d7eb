"""`archprof page`: a network, or several side by side, as a page to look at in a browser."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from archprof.cli.declared import Argument, Option
from archprof.cli.options import (
    NET_HELP,
    Batch,
    Dtype,
    DtypeOption,
    Input,
    Output,
    Set,
    Submodule,
    complete_network,
    network,
    whole,
)

if TYPE_CHECKING:
    from archprof.analysis.analysis import Analysis
    from archprof.commands.page.data import Latency


class PageFormat(StrEnum):
    """How a page is written."""

    html = "html"
    json = "json"


def page(
    nets: Annotated[
        list[str],
        Argument(
            help=f"One network, or several to be put side by side. {NET_HELP}",
            autocompletion=complete_network,
            show_default=False,
        ),
    ],
    input: Input = None,
    batch: Batch = 1,
    dtype: DtypeOption = Dtype.float32,
    set: Set = None,
    submodule: Submodule = None,
    measured: Annotated[
        Path | None,
        Option(
            metavar="FILE",
            help="A run of `archprof bench --by layer -o FILE`: what each layer took.",
            show_default=False,
        ),
    ] = None,
    image: Annotated[
        Path | None,
        Option(
            metavar="FILE",
            help="A PNG or JPEG that receptive fields are drawn on.",
            show_default=False,
        ),
    ] = None,
    format: Annotated[
        PageFormat,
        Option(
            "--format",
            "-f",
            metavar="NAME",
            help="html: the page; json: the data that its script draws from.",
        ),
    ] = PageFormat.html,
    output: Output = None,
) -> int:
    """Networks as a page in one file: a graph that opens, every layer's working, pictures.

    Example: archprof page resnet50 -o resnet50.html
    """
    from archprof.allowance import share
    from archprof.analysis.analysis import analyze
    from archprof.commands.page.image import data_uri
    from archprof.commands.page.page import Extras, network_page, page_data
    from archprof.show import terminal

    if format is PageFormat.html:
        _refuse_terminal(nets[0], output)
    share(len(nets))
    graphs = [whole(network(net, input, set, submodule)) for net in nets]
    analyses = [analyze(graph, batch, dtype.value, "macs") for graph in graphs]
    latency = _latency(measured, analyses) if measured else ()
    extras = Extras(latency, data_uri(image) if image else None)
    if format is PageFormat.json:
        import json

        terminal.emit(json.dumps(page_data(analyses, extras), indent=1), output)
    else:
        terminal.emit(network_page(analyses, extras), output)
    return 0


def _refuse_terminal(net: str, output: Path | None) -> None:
    """Raise ProblemError where a page would fill a terminal."""
    from archprof.problem import Mark, ProblemError

    if output is None and sys.stdout.isatty():
        name = "".join(letter if letter.isalnum() else "_" for letter in Path(net).stem)
        message = "a page is for a browser, and this is a terminal"
        hint = f"archprof page {net} -o {name}.html"
        raise ProblemError.of(Mark("--output"), "option", message, hint)


def _latency(path: Path, analyses: Sequence[Analysis]) -> list[Latency]:
    """Return by network the times of its layers. Raises ProblemError where the run has none."""
    from archprof.commands.measure.run_file import read_run
    from archprof.commands.page.page import layer_latency
    from archprof.problem import Mark, ProblemError

    run = read_run(path)
    found = [layer_latency(run, analysis) for analysis in analyses]
    if not any(found):
        names = ", ".join(analysis.graph.network.name for analysis in analyses)
        message = f"it has no times of the layers of {names} at this batch"
        first = analyses[0].graph.network.name
        hint = f"archprof bench {first} --by layer -o run.json"
        raise ProblemError.of(Mark(str(path)), "run", message, hint)
    return [times or () for times in found]
