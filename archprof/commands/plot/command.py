"""`archprof plot`: pictures of a network and its numbers, as SVG, PNG or TikZ."""

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
    complete_layer,
    complete_network,
    network,
    whole,
)
from archprof.cli.ranges import refused
from archprof.cli.training_options import (
    StepAccumulate,
    StepAmp,
    StepCheckpoint,
    StepFreeze,
    StepMemory,
    StepOptimizer,
    memory_bytes,
)

if TYPE_CHECKING:
    from archprof.graph.graph import Graph


class PlotKind(StrEnum):
    """What is drawn."""

    graph = "graph"
    bars = "bars"
    timeline = "timeline"
    roofline = "roofline"
    latency = "latency"
    field = "field"
    depth = "depth"
    compare = "compare"
    scatter = "scatter"
    gradients = "gradients"
    shattering = "shattering"
    roadmap = "roadmap"


class PlotSize(StrEnum):
    """For what a picture is made."""

    page = "page"
    column = "column"
    slide = "slide"


class Theme(StrEnum):
    """On which ground a picture is drawn."""

    light = "light"
    dark = "dark"
    auto = "auto"


KIND_HELP = (
    "graph (blocks and layers), bars (params, MACs, memory), timeline (of memory), roofline,"
    " latency (by layer, of a run), field (receptive field on the image), depth (against fields),"
    " compare (stage by stage), scatter (several networks), gradients (by layer, untrained),"
    " shattering (are those of neighbouring inputs alike?) or roadmap (ResNet to ConvNeXt)."
)


def plot(
    nets: Annotated[
        list[str],
        Argument(
            help=f"{NET_HELP} Several to compare and for a scatter, where a family's name takes all"
            " of it; for the roadmap t or b.",
            autocompletion=complete_network,
            show_default=False,
        ),
    ],
    kind: Annotated[
        PlotKind, Option("--kind", "-k", metavar="KIND", help=KIND_HELP)
    ] = PlotKind.graph,
    size: Annotated[
        PlotSize,
        Option(
            metavar="NAME",
            help="page (a screen), column (of a paper, 89 mm) or slide (of 16:9).",
        ),
    ] = PlotSize.page,
    theme: Annotated[
        Theme,
        Option(metavar="NAME", help="light, dark, or auto: of an SVG, as its reader's system is."),
    ] = Theme.light,
    by: Annotated[
        str | None,
        Option(
            metavar="NAME",
            help="Of bars: stage or layer. Of the graph, its colour: macs, params, output_bytes"
            " or saved_bytes. Of gradients: gradients or activations.",
            show_default=False,
        ),
    ] = None,
    everything: Annotated[
        bool, Option("--open", help="Of the graph: open every block, down to the layers.")
    ] = False,
    train: Annotated[
        bool, Option("--train", help="Of the timeline: a training step, not inference.")
    ] = False,
    run: Annotated[
        Path | None,
        Option(
            metavar="RUN",
            help="What was measured: a run file of `archprof bench NET --by layer -o RUN`.",
            show_default=False,
        ),
    ] = None,
    device: Annotated[
        str | None,
        Option(
            metavar="NAME",
            help="Of the roofline: a device of which `archprof device` has kept the peaks. With"
            " --train: by whose rules, cuda (without it) or cpu.",
            show_default=False,
        ),
    ] = None,
    optimizer: StepOptimizer = None,
    amp: StepAmp = None,
    freeze: StepFreeze = None,
    checkpoint: StepCheckpoint = None,
    accumulate: StepAccumulate = None,
    memory: StepMemory = None,
    layer: Annotated[
        str | None,
        Option(
            metavar="PATH",
            help="Of the field: whose units.",
            autocompletion=complete_layer,
            show_default="that with the largest field",
        ),
    ] = None,
    unit: Annotated[
        str | None,
        Option(
            metavar="ROW,COLUMN", help="Of the field: which unit.", show_default="the middle one"
        ),
    ] = None,
    image: Annotated[
        Path | None,
        Option(
            metavar="FILE",
            help="Of the field: a PNG or JPEG, stretched to the input's sides.",
            show_default="a drawing",
        ),
    ] = None,
    effective: Annotated[
        bool,
        Option("--effective", help="Of the field: how much each pixel counts, by a gradient."),
    ] = False,
    x: Annotated[
        str | None,
        Option(
            "--x",
            metavar="AXIS",
            help="Of the scatter: macs, params, memory, latency or accuracy.",
            show_default="macs",
        ),
    ] = None,
    y: Annotated[
        str | None,
        Option("--y", metavar="AXIS", help="The same, upwards.", show_default="accuracy or params"),
    ] = None,
    input: Input = None,
    batch: Batch = 1,
    dtype: DtypeOption = Dtype.float32,
    set: Set = None,
    submodule: Submodule = None,
    output: Output = None,
) -> int:
    """Pictures of a network: its graph, where its cost is, what its units see, as SVG, PNG or
    TikZ by the ending of --output.

    Example: archprof plot resnet50 --kind bars -o resnet50.svg
    """
    from archprof.commands.plot.plots import PlotOptions, picture
    from archprof.commands.plot.roadmap_plot import roadmap_plot
    from archprof.commands.plot.writing import refuse_ending, write

    refuse_ending(output)
    _refuse_terminal(nets[0], output)
    options = PlotOptions(
        size.value, batch, dtype.value, by, everything, train, run, device,
        layer, unit, image, effective, x, y,
        optimizer, amp, tuple(freeze) if freeze else None, checkpoint, accumulate,
        None if memory is None else memory_bytes(memory),
    )  # fmt: skip
    if kind is PlotKind.roadmap:
        drawn = roadmap_plot(nets, options.canvas)
    else:
        found = _graphs(nets, kind, input, set, submodule)
        drawn = picture(kind.value, found, options)
    write(drawn, output, size.value, theme.value)
    return 0


def _refuse_terminal(net: str, output: Path | None) -> None:
    """Raise ProblemError where a picture's text would fill a terminal."""
    if output is None and sys.stdout.isatty():
        message = "a picture is for a file or a pipe, and this is a terminal"
        raise refused("--output", message, f"archprof plot {net} -o x.svg")


def _graphs(
    nets: Sequence[str],
    kind: PlotKind,
    input: list[str] | None,
    values: list[str] | None,
    submodule: str | None,
) -> list[Graph]:
    """Return the networks' graphs; of a scatter, a family's name stands for all its networks."""
    names = list(nets)
    if kind is PlotKind.scatter:
        from archprof.commands.plot.families import with_families

        names = with_families(nets)
    return [whole(network(net, input, values, submodule)) for net in names]
