"""A network as an ONNX file."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

import archprof
from archprof.allowance import paused
from archprof.commands.export.exported import Exported
from archprof.graph.graph import Graph
from archprof.problem import ProblemError

if TYPE_CHECKING:
    from archprof.model.onnx_export import Exported as ExportedModule

NEEDED = ("torch", "onnx", "onnxscript")


def onnx_file(graph: Graph, weights: bool, optimize: bool) -> Exported:
    """Return the file of `onnx_bytes`, with a note where it lacks the weights."""
    content = onnx_bytes(graph, weights, optimize)
    if weights:
        return Exported(content)
    from archprof.model.onnx_export import data_file

    note = (
        f"without weights: the file refers to {data_file(graph.network.name)}, which is not"
        " written, so that onnx reads and nothing runs it; --weights puts them into the file"
    )
    return Exported(content, (note,))


def onnx_bytes(graph: Graph, weights: bool = True, optimize: bool = False) -> bytes:
    """Return a network as an ONNX file for one image, checked by onnx.checker.

    Its initialisers are called as in the state dict, and are its parameters and buffers (but for
    the counters of batch norms). Of a spec the weights are as its `init` states, from seed 0, of a
    captured module its own; without them the file names another one, which is not written. Not
    optimised, it has an operator for each layer; with `optimize` torch's exporter fuses what it
    can.

    Raises ProblemError where a package is missing, where the network cannot be exported, and where
    the file would be larger than ONNX allows.
    """
    if graph.problems:
        raise ProblemError(graph.problems)
    with paused():  # torch takes what it takes, from its import on
        _require(graph)
    for node in graph.nodes:
        reason = node.op.beyond_onnx(node.facts.inputs)
        if reason:
            hint = "give it a `size`, or a factor that divides its input"
            raise _refused(graph, f"`{node.path}` ({node.kind}): {reason}", hint)
    if optimize and not weights:
        raise _refused(
            graph,
            "optimising folds weights into each other, and without them there are none",
            "export it with its weights, or not optimised",
        )
    with paused():
        return _written(graph, weights, optimize)


def _written(graph: Graph, weights: bool, optimize: bool) -> bytes:
    from archprof.model import onnx_export

    made: ExportedModule = onnx_export.of_graph(graph, weights)
    if weights and made.nbytes > onnx_export.LARGEST:
        raise _refused(
            graph,
            f"its weights are {made.nbytes:,} bytes, and an ONNX file has at most"
            f" {onnx_export.LARGEST:,}",
            "export it without weights",
        )
    name, producer = graph.network.name, f"archprof {archprof.__version__}"
    try:
        return onnx_export.written(made, name, weights, optimize, producer)
    except RuntimeError as error:
        raise _refused(
            graph, f"torch.onnx cannot export it: {error}", "export to another format"
        ) from error


def _require(graph: Graph, load: Any = import_module) -> None:
    """Raise ProblemError where a package is not installed that writing needs."""
    for name in NEEDED:
        try:
            load(name)
        except ImportError:
            raise _refused(
                graph,
                f"{name} is not installed, and writing ONNX needs it",
                "pip install 'archprof[export]'",
            ) from None


def _refused(graph: Graph, message: str, hint: str) -> ProblemError:
    return ProblemError.of(graph.network.mark, "onnx", f"{graph.network.name}: {message}", hint)
