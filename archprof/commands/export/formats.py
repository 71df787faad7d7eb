"""The table of formats: who writes each, and which options are for it."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import Any, NamedTuple

from archprof.capturing.origin import CapturedNetwork
from archprof.commands.export.exported import Exported
from archprof.graph.graph import Graph
from archprof.problem import Mark, ProblemError


class Writer(NamedTuple):
    """A function of a module in this folder: a graph and options in, Exported or the content out.

    The module is imported when its format is chosen. `runs`: what it writes can be run, so that a
    part of a network is not enough.
    """

    module: str
    function: str
    options: tuple[str, ...] = ()
    runs: bool = False


FORMATS: dict[str, Writer] = {
    "yaml": Writer("yaml_spec", "yaml_spec", runs=True),
    "torch": Writer("torch_code", "torch_code", runs=True),
    "onnx": Writer("onnx_file", "onnx_file", ("weights", "optimize"), runs=True),
    "dot": Writer("dot", "dot_text", ("depth",)),
    "mermaid": Writer("mermaid", "mermaid_text", ("depth",)),
    "model-explorer": Writer("explorer_file", "explorer_text", ("node_data", "latency")),
    "json": Writer("graph_data", "graph_text"),
}


def exported(graph: Graph, format: str, options: Mapping[str, Any]) -> Exported:
    """Return a graph in a format; `options` are all that there are, with None and False for none.

    Raises ProblemError for an option of another format, and where the format cannot say the graph.
    """
    writer = FORMATS[format]
    for name, value in options.items():
        if value not in (None, False) and name not in writer.options:
            flag = f"--{name.replace('_', '-')}"
            theirs = [other for other in FORMATS if name in FORMATS[other].options]
            message = f"`{flag}` says nothing to the format {format}"
            hint = f"it is for --to {' and --to '.join(theirs)}"
            raise ProblemError.of(Mark(flag), "option", message, hint)
    if writer.runs:
        _refuse_part(graph)
    function = getattr(import_module(f"archprof.commands.export.{writer.module}"), writer.function)
    made = function(graph, **{name: options[name] for name in writer.options})
    return made if isinstance(made, Exported) else Exported(made)


def _refuse_part(graph: Graph) -> None:
    """Raise ProblemError for a module that is known only until its capture stopped."""
    network = graph.network
    stopped = network.tape.stopped if isinstance(network, CapturedNetwork) else None
    if stopped:
        message = f"{network.name} is known only until it stops, which is not a whole network"
        hint = (
            "--submodule NAME takes a part that is whole; json, dot and mermaid show what is seen"
        )
        mark = Mark(stopped.file, stopped.line) if stopped.file else network.mark
        raise ProblemError.of(mark, "export", message, hint)
