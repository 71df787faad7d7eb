"""All there is to say about an op, from its class and from an example at work."""

from __future__ import annotations

import re
from itertools import takewhile
from typing import Any, NamedTuple

from archprof import units
from archprof.analysis.analysis import analyze
from archprof.commands.reference.kept import kept_in_words
from archprof.graph.graph import Node
from archprof.language.expand import expand
from archprof.language.hover import of_op, written
from archprof.language.loader import load_text
from archprof.language.network import pick
from archprof.ops import OPS
from archprof.ops.base import Op
from archprof.ops.examples import EXAMPLES
from archprof.ops.family import FAMILIES
from archprof.show.field_working import Step
from archprof.show.working import steps


class SettingRow(NamedTuple):
    """A setting as it is declared; `default` is None where it must be given."""

    name: str
    default: str | None
    takes: str
    about: str


class ExampleLayer(NamedTuple):
    """A layer of the example that is the op: what comes in and out, its working, its weights, and
    what autograd keeps of it.

    `weights` are by name their shapes, in torch's order.
    """

    path: str
    inputs: tuple[str, ...]
    output: str
    steps: tuple[Step, ...]
    weights: tuple[tuple[str, str], ...]
    kept: tuple[str, ...]


class OpPage(NamedTuple):
    """An op: `about` is its docstring by paragraphs, `inputs` how many it takes, `example` a whole
    spec, and `layers` what the op does in it.
    """

    name: str
    family: str
    about: tuple[str, ...]
    inputs: str
    settings: tuple[SettingRow, ...]
    example: str
    layers: tuple[ExampleLayer, ...]

    def data(self) -> dict[str, Any]:
        """Return the page as data."""
        return {
            "name": self.name,
            "family": self.family,
            "about": list(self.about),
            "inputs": self.inputs,
            "settings": [row._asdict() for row in self.settings],
            "example": self.example,
            "layers": [
                {
                    "path": layer.path,
                    "inputs": list(layer.inputs),
                    "output": layer.output,
                    "working": [step._asdict() for step in layer.steps],
                    "weights": dict(layer.weights),
                    "kept": list(layer.kept),
                }
                for layer in self.layers
            ],
        }


def summary(op: type[Op]) -> str:
    """Return the first sentence of an op's docstring, without the full stop."""
    paragraph = of_op(op).split("\n\n")[0]
    return re.split(r"\.\s+(?=[A-Z])", paragraph)[0].removesuffix(".")


def by_family() -> list[type[Op]]:
    """Return every op, family by family."""
    return sorted(OPS.values(), key=lambda op: FAMILIES.index(op.family))


def list_data() -> list[dict[str, str]]:
    """Return every op as data, family by family."""
    return [{"name": op.name, "family": op.family, "about": summary(op)} for op in by_family()]


def op_page(op: type[Op]) -> OpPage:
    """Return the page of an op, its example worked out."""
    example = EXAMPLES[op.name].spec(op.name)
    analysis = analyze(expand(pick(load_text(example), "", op.name)))
    layers = [
        _layer(row.node, tuple(takewhile(_is_no_memory, steps(analysis, i))))
        for i, row in enumerate(analysis.layers)
        if row.node.op.name == op.name
    ]
    return OpPage(
        op.name,
        op.family,
        tuple(of_op(op).split("\n\n")),
        _arity(op),
        tuple(_setting(op, name) for name in op.settings),
        example,
        tuple(layers),
    )


def _is_no_memory(step: Step) -> bool:
    """Whether a step is of the shape or of arithmetic, which come before memory and fields."""
    return step.quantity != "output bytes"


def _layer(node: Node, working: tuple[Step, ...]) -> ExampleLayer:
    facts = node.facts
    weights = tuple(
        (name or "the layer's own path", units.shape(weight.shape))
        for name, weight in facts.weights.items()
    )
    kept = kept_in_words(node.op.saved(facts.inputs, facts.output), len(facts.inputs))
    shapes = tuple(map(units.shape, facts.inputs))
    return ExampleLayer(node.path, shapes, units.shape(facts.output), working, weights, kept)


def _setting(op: type[Op], name: str) -> SettingRow:
    declared = op.settings[name]
    default = None if declared.required else written(declared.default)
    return SettingRow(name, default, declared.kind.expected, declared.about)


def _arity(op: type[Op]) -> str:
    """Return how many inputs an op takes, in words."""
    least, most = op.arity
    if most == 0:
        return "none"
    if most is None:
        return f"{least} or more"
    return str(least) if least == most else f"{least} to {most}"
