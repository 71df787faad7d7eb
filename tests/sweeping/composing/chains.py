"""Chains of layers at random, whose sizes are parameters, and variants of them."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from hypothesis import strategies as st

from archprof.column import Column
from archprof.language.loader import load_text
from archprof.language.network import Network, networks
from archprof.ops.base import Shape
from archprof.sweeping.variants import Variants
from tests.generated.layers import IN_PLACE, MAKERS, Draw, given_by
from tests.generated.networks import text_of

COUNT = 10  # variants of one chain
SEVERAL = ("split", "chunk")  # they give several tensors
KINDS = tuple(kind for kind in MAKERS if kind not in SEVERAL)
VIEWS = ("permute", "slice", "select", "flatten", "reshape", "roll", "identity", "dropout", "relu")


class Chain(NamedTuple):
    """A network as text, and variants of it."""

    text: str
    variants: Variants

    @property
    def network(self) -> Network:
        (network,) = networks(load_text(self.text, "chain.yaml"))
        return network


class _Writer:
    """Writes layers, and keeps what their parameters are."""

    def __init__(self, draw: Draw):
        self.draw = draw
        self.values: dict[str, Any] = {}
        self.blocks: dict[str, Any] = {}

    def parameter(self, value: float) -> str:
        """An expression of a new parameter, with this value."""
        name = f"p{len(self.values)}"
        self.values[name] = value
        return f"${name}"

    def setting(self, value: Any) -> Any:
        """A setting as it is, or as a parameter."""
        if isinstance(value, list):
            return [self.setting(one) for one in value]
        if type(value) not in (int, float) or self.draw(st.integers(0, 2)) == 0:
            return value
        return self.parameter(value)

    def layer(self, shape: Shape) -> tuple[dict[str, Any], Shape]:
        """A layer that fits a shape, and what it gives."""
        fitting = [kind for kind in KINDS if MAKERS[kind].fits(shape)]
        some = [kind for kind in VIEWS if kind in fitting]
        kind = self.draw(st.sampled_from(some if self.draw(st.booleans()) else fitting))
        settings = MAKERS[kind].settings(self.draw, shape)
        given = given_by(kind, settings, shape)
        layer = {"op": kind, **{name: self.setting(value) for name, value in settings.items()}}
        if kind in IN_PLACE and self.draw(st.booleans()):
            layer["inplace"] = True
        if self.draw(st.integers(0, 5)) == 0:
            layer["frozen"] = True
        return layer, given

    def entry(self, shape: Shape) -> tuple[Any, Shape]:
        """An entry of a chain: a layer, a group, a branch with what it is added to, or a repeat."""
        layer, given = self.layer(shape)
        how = self.draw(st.sampled_from(["layer", "layer", "group", "added", "repeated"]))
        if how == "group":
            second, given_then = self.layer(given)
            return [layer, second], given_then
        if given != shape or how == "layer":
            return layer, given
        name = f"b{len(self.blocks)}"
        if how == "added":
            self.blocks[name] = {
                "layers": {"a": layer, "sum": {"op": "add", "from": ["a", "input"]}}
            }
            return {"block": name}, shape
        self.blocks[name] = {"layers": [layer]}
        return {"block": name, "repeat": self.parameter(2)}, shape


@st.composite
def chains(draw: Draw) -> Chain:
    """A chain, and variants in which each of its parameters is sometimes larger."""
    writer = _Writer(draw)
    shape: Shape = draw(st.tuples(st.integers(1, 6), st.integers(2, 9), st.integers(2, 9)))
    given, layers = shape, []
    for _ in range(draw(st.integers(2, 6))):
        entry, given = writer.entry(given)
        layers.append(entry)
    spec: dict[str, Any] = {"name": "chain", "input": "x".join(map(str, shape))}
    if writer.values:
        spec["params"] = writer.values
    if writer.blocks:
        spec["blocks"] = writer.blocks
    random = np.random.default_rng(draw(st.integers(0, 2**32)))
    values = {name: _varied(value, random) for name, value in writer.values.items()}
    sides = tuple(Column(side + 2 * random.integers(0, 3, COUNT)) for side in shape[1:])
    return Chain(text_of({**spec, "layers": layers}), Variants(COUNT, values, (shape[0], *sides)))


def _varied(value: float, random: np.random.Generator) -> Column:
    """A parameter in all variants; a rate stays one."""
    if type(value) is int:
        return Column(value + random.integers(0, 3, COUNT))
    return Column(np.clip(value + random.choice([0.0, 0.0, -0.3, 0.5], COUNT), 0.0, 1.0))
