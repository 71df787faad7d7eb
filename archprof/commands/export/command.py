"""`archprof export`: a network as a spec, torch code, ONNX, a picture, or data for other tools."""

from __future__ import annotations

import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated

from archprof.cli.declared import Option
from archprof.cli.options import Freeze, Input, Net, Output, Set, Submodule, network, whole


class To(StrEnum):
    """What a network is written as."""

    yaml = "yaml"
    torch = "torch"
    onnx = "onnx"
    dot = "dot"
    mermaid = "mermaid"
    model_explorer = "model-explorer"
    json = "json"


class NodeData(StrEnum):
    """A number of each layer, by which Model Explorer colours it."""

    params = "params"
    macs = "macs"
    flops = "flops"
    output_bytes = "output_bytes"
    saved_bytes = "saved_bytes"
    latency_ms = "latency_ms"


def export(
    net: Net,
    to: Annotated[
        To,
        Option(
            "--to",
            metavar="FORMAT",
            help=(
                "yaml (a spec), torch (Python code), onnx, dot (Graphviz), mermaid, model-explorer"
                " or json."
            ),
        ),
    ] = To.yaml,
    input: Input = None,
    set: Set = None,
    submodule: Submodule = None,
    freeze: Freeze = None,
    depth: Annotated[
        int | None,
        Option(
            min=1,
            max=50,
            metavar="N",
            help=(
                "Of a picture: draw blocks to this depth of path; by default the outermost with"
                " more than one."
            ),
            show_default=False,
        ),
    ] = None,
    weights: Annotated[
        bool, Option("--weights", help="Of an ONNX file: with weights, as they start.")
    ] = False,
    optimize: Annotated[
        bool, Option("--optimize", help="Of an ONNX file: simplified, as its exporter does.")
    ] = False,
    node_data: Annotated[
        NodeData | None,
        Option(
            "--node-data",
            metavar="QUANTITY",
            help=(
                "For Model Explorer: not the graph, but what colours it: params, macs, flops,"
                " output_bytes, saved_bytes or latency_ms."
            ),
            show_default=False,
        ),
    ] = None,
    latency: Annotated[
        Path | None,
        Option(
            "--latency",
            metavar="RUN",
            help=(
                "For Model Explorer: the time of each layer from a run file of"
                " `archprof bench --by layer`."
            ),
            show_default=False,
        ),
    ] = None,
    output: Output = None,
) -> int:
    """Write a network in a form that others read: a spec, code, ONNX, a picture, data.

    Example: archprof export resnet18 --to mermaid -o resnet18.mmd
    """
    from archprof.commands.export.formats import exported
    from archprof.graph.freezing import freeze as with_frozen
    from archprof.show import terminal
    from archprof.units import inert, printable

    graph = with_frozen(whole(network(net, input, set, submodule)), freeze or ())
    options = {
        "depth": depth,
        "weights": weights,
        "optimize": optimize,
        "node_data": node_data.value if node_data else None,
        "latency": latency,
    }
    made = exported(graph, to.value, options)
    if isinstance(made.content, bytes):
        terminal.emit_bytes(made.content, output)
    else:
        terminal.emit(made.content, output)
    for note in made.notes:
        print(inert(printable(f"note: {note}")), file=sys.stderr)
    return 0
