"""What a page needs of one network: every number and text, computed and written out here.

The page's script adds, sorts and formats; it computes no cost. What many layers share is written
once: texts by their place in a list, layers of the same op, settings and shapes by a `fact`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from archprof import units
from archprof.analysis.analysis import Analysis
from archprof.analysis.field import Axis, Field
from archprof.commands.page.step import step_data
from archprof.draw.training_step import DrawnStep
from archprof.draw.tree import Wired, blocks, wired
from archprof.show.field_working import Step
from archprof.show.folding import describe
from archprof.show.working import field_steps_of, own_steps
from archprof.units import printable

SCHEMA = 1

Data = dict[str, Any]
Stages = Sequence[int | None]
"""By layer how many times smaller than the input its stage is, as `compare` has it."""

Latency = Sequence[float | None]
"""By layer its measured time in milliseconds, None where it was not measured."""


class Texts:
    """Texts in the order in which they are met, each once."""

    def __init__(self) -> None:
        self.places: dict[str, int] = {}

    def place(self, text: str) -> int:
        """Return where a text stands in the list, as a page may show it."""
        return self.places.setdefault(printable(text), len(self.places))

    def steps(self, steps: Sequence[Step]) -> list[list[int]]:
        """Return the steps of a working: quantity, formula, numbers, result."""
        return [[self.place(part) for part in step] for step in steps]


def network_data(
    analysis: Analysis, stages: Stages, latency: Latency, step: DrawnStep | None = None
) -> Data:
    """Return one network as the page takes it; nothing was measured where `latency` is empty.

    `step`: the step of training that the page draws, None for none.
    """
    graph, texts, layers = analysis.graph, Texts(), wired(analysis)
    facts, fact_of_layer = _facts(analysis, texts)
    return {
        "network": printable(graph.network.name),
        "heading": printable(graph.network.heading),
        "input": list(graph.input),
        "output": [list(shape) for shape in analysis.output],
        "batch": analysis.batch,
        "dtype": analysis.dtype,
        "totals": _totals(analysis),
        "facts": facts,
        "layers": {
            "path": [printable(row.node.path) for row in analysis.layers],
            "fact": fact_of_layer,
            "alike": [layer.alike for layer in layers],
            "inputs": [_distances(i, layer) for i, layer in enumerate(layers)],
            "field": [_axes(row.sight.axes) for row in analysis.layers],
            "steps": [
                texts.steps(field_steps_of(analysis, i)) for i in range(len(analysis.layers))
            ],
            "file": [texts.place(row.node.mark.file) for row in analysis.layers],
            "line": [row.node.mark.line for row in analysis.layers],
            "aux": [i for i, row in enumerate(analysis.layers) if row.node.aux],
            "hidden": [i for i, layer in enumerate(layers) if not layer.drawn],
            "stage": list(stages),
            "latency": list(latency),
        },
        "blocks": _blocks(analysis),
        "step": None if step is None else step_data(step, texts.place),
        "texts": list(texts.places),
    }


def _totals(analysis: Analysis) -> Data:
    """Return the totals that shares are of, and of which of them layers are unknown."""
    totals = analysis.totals
    return {
        "params": totals.params,
        "macs": totals.macs,
        "output_bytes": totals.sum_outputs_bytes,
        "bytes_moved": totals.bytes_moved,
        "saved_bytes": totals.saved_bytes,
        "lacking": [name for name in ("macs", "saved_bytes") if totals.unknown.of(name)],
    }


def _facts(analysis: Analysis, texts: Texts) -> tuple[list[Data], list[int]]:
    """Return what layers share, and by layer which of these is its own."""
    places: dict[Any, int] = {}
    facts: list[Data] = []
    own: list[int] = []
    samples = analysis.samples
    for i, row in enumerate(analysis.layers):
        node = row.node
        key = (
            id(node.facts),
            samples[i],
            row.params,
            row.output_bytes,
            row.bytes_moved,
            row.saved_bytes,
            node.remarks,
        )
        if key not in places:
            places[key] = len(facts)
            facts.append(_fact(analysis, i, texts))
        own.append(places[key])
    return facts, own


def _fact(analysis: Analysis, index: int, texts: Texts) -> Data:
    row = analysis.layers[index]
    node = row.node
    arrived = " and ".join(units.shape(shape) for shape in node.facts.inputs) or "no input"
    return {
        "op": texts.place(node.kind),
        "family": texts.place(node.op.family),
        "what": texts.place(describe(row)),
        "settings": [
            [texts.place(name), texts.place(_plain(value))]
            for name, value in node.op.given().items()
        ],
        "arrives": texts.place(arrived),
        "shape": list(node.output),
        "params": row.params,
        "macs": row.macs,
        "output_bytes": row.output_bytes,
        "bytes_moved": row.bytes_moved,
        "saved_bytes": row.saved_bytes,
        "steps": texts.steps(own_steps(analysis, index)),
        "notes": [texts.place(note) for note in (*node.facts.notes, *node.remarks)],
    }


def _plain(value: object) -> str:
    """Return a setting as text: true, 3x3, 1/2."""
    if isinstance(value, bool):
        return str(value).lower()
    return "x".join(map(str, value)) if isinstance(value, tuple) else str(value)


def _distances(index: int, layer: Wired) -> list[int]:
    """Return how many layers back each input is; 0: the network's input."""
    return [index - source if source >= 0 else 0 for source in layer.inputs]


def _axes(axes: tuple[Axis, ...]) -> list[Any]:
    """Return the receptive field by axis, once where all agree: [size, jump, start] or a word."""
    along = [_axis(axis) for axis in axes]
    return along[:1] if all(axis == along[0] for axis in along) else along


def _axis(axis: Axis) -> list[int | float] | str:
    if isinstance(axis, Field):
        return [axis.size, _number(axis.jump), axis.start]
    return axis


def _number(value: Any) -> int | float:
    """Return a rational as a number that a picture is drawn with."""
    return int(value) if value.denominator == 1 else round(float(value), 6)


def _blocks(analysis: Analysis) -> dict[str, str]:
    """Return the name of the block at each path that is one."""
    found = blocks(analysis)
    return {printable(path): printable(name) for path, name in found.items() if name}
