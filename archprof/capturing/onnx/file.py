"""An ONNX file to a tape, without torch and without running anything.

Memory is that of torch running the same operators: a Transpose is a view, though a runtime may
copy. What is computed from constants alone is not a layer: the file's own shapes and indices, which
exporters write down as operators, cost nothing in a runtime that works them out beforehand.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from archprof.allowance import ensured
from archprof.capturing.onnx.graph import GraphReader
from archprof.capturing.onnx.inputs import inputs as network_inputs
from archprof.capturing.onnx.inputs import stated_shapes
from archprof.capturing.onnx.library import library, load
from archprof.capturing.onnx.names import LONGEST
from archprof.capturing.onnx.shapes import Inference
from archprof.capturing.onnx.tape import OnnxTape
from archprof.capturing.onnx.values import Known
from archprof.capturing.tape import Tape
from archprof.ops.base import Shape
from archprof.record import NOTHING


def read_onnx(path: Path, inputs: Mapping[str, Shape] | None = None) -> Tape:
    """Return what an ONNX file computes for one sample.

    `inputs`: sizes by an input's name, with the batch or without, for those that the file leaves
    open. Weights in other files are known by their shapes; those files are not read. Raises
    ProblemError for what is not an ONNX file, does not fit, or is larger than a run may be.
    """
    with ensured():
        name = str(path)
        onnx = library(name)
        model = load(onnx, path)
        given, sizes = network_inputs(model, inputs or NOTHING, name)
        tape = OnnxTape(name, _text(model.producer_name), _signature(model.graph))
        reader = _reader(onnx, model, tape, sizes)
        env = {known.name: known for known in given}
        numbers = {known.name: _arrived(tape, known) for known in given if known.shape is not None}
        reader.read(model.graph, env)
        return Tape(
            name,
            (_text(model.graph.name) or path.stem)[:LONGEST],
            numbers,
            _outputs(model.graph, env, tape),
            tuple(tape.tensors),
            tape.weights,
            tuple(tape.modules),
            tuple(tape.operations),
            made_by=f"{tape.producer} {_text(model.producer_version)}".strip()[:LONGEST],
            stopped=reader.stopped,
        )


def _outputs(graph: Any, env: Mapping[str, Known], tape: OnnxTape) -> tuple[int, ...]:
    """Return the outputs that were reached; where none was, what the last operation gave."""
    found = [env.get(value.name) for value in graph.output]
    reached = [known.number for known in found if known and known.number is not None]
    if not reached:
        given = [number for operation in tape.operations for number in operation.outputs]
        reached = given[-1:] or list(range(len(tape.tensors)))[:1]
    return tuple(reached)


def _reader(onnx: Any, model: Any, tape: OnnxTape, sizes: Mapping[str, int]) -> GraphReader:
    stated = stated_shapes((*model.graph.value_info, *model.graph.output), sizes)
    return GraphReader(onnx, model, tape, Inference(onnx, stated))


def _arrived(tape: OnnxTape, known: Known) -> int:
    known.number = tape.tensor(known.shape or (), known.dtype)
    return known.number


def _signature(graph: Any) -> str:
    """Return what torch's exporter lists of parameters and buffers."""
    entries = getattr(graph, "metadata_props", ())
    listed = [entry for entry in entries if _text(entry.key).endswith("graph_signature")]
    return "".join(_text(entry.value) for entry in listed)


def _text(found: str | bytes) -> str:
    """Return a text of a file, which may have one that is not in UTF-8."""
    return found if isinstance(found, str) else found.decode("utf-8", "replace")
