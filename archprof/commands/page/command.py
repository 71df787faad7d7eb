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
    from archprof.commands.plot.run_layers import TimedNetwork
    from archprof.graph.graph import Graph


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
            "--measured",
            "--run",
            metavar="FILE",
            help=(
                "A run of `archprof bench NET --by layer -o FILE`: what each layer took, at its"
                " batch and dtype."
            ),
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
    effective: Annotated[
        bool,
        Option(
            "--effective",
            help=(
                "Of one network also what units really see, by gradients at initialisation, which"
                " torch computes."
            ),
        ),
    ] = False,
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
    from archprof.problem import Mark, ProblemError
    from archprof.show import terminal

    if format is PageFormat.html:
        _refuse_terminal(nets[0], output)
        _refuse_ending(output)
    if effective and (len(nets) > 1 or format is not PageFormat.html):
        message = "effective fields stand on the page of one network"
        raise ProblemError.of(Mark("--effective"), "option", message, f"archprof page {nets[0]}")
    share(len(nets))
    graphs = [whole(network(net, input, set, submodule)) for net in nets]
    timed = _timed(measured, graphs) if measured else [None] * len(graphs)
    analyses = [
        analyze(graph, one.batch if one else batch, one.dtype if one else dtype.value, "macs")
        for graph, one in zip(graphs, timed, strict=True)
    ]
    extras = Extras(timed, data_uri(image) if image else None, effective)
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


def _refuse_ending(output: Path | None) -> None:
    """Raise ProblemError for a file of another kind, before anything is computed."""
    from archprof.cli.ranges import refused

    if output is not None and output.suffix.lower() not in (".html", ".htm"):
        found = f"`{output.suffix}`" if output.suffix else "no ending"
        message = f"{found} at the end of the file's name, expected .html"
        raise refused("--output", message, "-o x.html; archprof plot draws .svg, .png and .tex")


def _timed(path: Path, graphs: Sequence[Graph]) -> list[TimedNetwork | None]:
    """Return by network the times of its layers. Raises ProblemError where a run has none."""
    from archprof.commands.plot.run_layers import timed_network
    from archprof.problem import ProblemError

    found: list[TimedNetwork | None] = []
    errors = []
    for graph in graphs:
        try:
            found.append(timed_network(graph, path))
        except ProblemError as error:
            errors.append(error)
            found.append(None)
    if len(errors) == len(graphs):
        raise errors[0]
    return found
