"""A layer to a node: its op, its inputs, its shape, and whose weights it has."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from math import prod

from archprof import units
from archprof.graph.graph import Facts, Node
from archprof.language.document import AnyReference, Layer
from archprof.language.expand.frame import Frame, Result
from archprof.language.expand.nodes import Nodes
from archprof.language.expand.operations import Operations
from archprof.language.expand.parallel import one_of_each, only_one
from archprof.language.expand.paths import Paths
from archprof.language.expand.references import owner_of
from archprof.language.expand.sharing import differing
from archprof.language.expand.stated import compare_shape
from archprof.language.expand.values import Values
from archprof.language.expand.whole_numbers import WholeNumbers, carried
from archprof.language.network import Network
from archprof.ops.base import Op, Shape, ShapeError, shown
from archprof.problem import Mark

MAX_ELEMENTS = 2**50  # of one tensor
_NONE: frozenset[str] = frozenset()


class LayerBuilder:
    """Adds layers to the nodes, or says why they cannot be built."""

    def __init__(self, network: Network, nodes: Nodes, values: Values, paths: Paths):
        self.network, self.nodes, self.values, self.paths = network, nodes, values, paths
        self.complaints = values.complaints
        self.operations = Operations(values)
        self.whole_numbers = WholeNumbers(nodes, values.complaints)
        # by the identity of the op, which the facts keep, and the shapes
        self._facts: dict[tuple[int, tuple[Shape, ...]], Facts] = {}
        # the first merge whose branches do not fit each other, and the nodes that it merges
        self.unmet: tuple[Mark, tuple[int, ...]] | None = None

    def add(self, layer: Layer, frame: Frame, sources: Sequence[Result], name: str) -> Result:
        """Return what an op's layer gives, under its name in the body: one node, or several side
        by side where the op gives parts.
        """
        op, path = self.operations.of(layer, frame), frame.prefix + name
        if only_one(op, layer, sources):
            return Result(sources[0].outputs)
        *ahead, op = op.steps()
        for step in ahead:
            entry = layer.replaced(shape=None, share=None, init=None)
            padded = self._add(step, entry, frame, sources, f"{path}_{step.name}")
            sources = (Result((padded,)),)
        parts = self._parts(op, sources)
        if not parts:
            return Result((self._add(op, layer, frame, sources, path),))
        made = [
            self._add(part, layer, frame, sources, f"{path}.{number}")
            for number, part in enumerate(parts)
        ]
        names = {str(number): Result((node,)) for number, node in enumerate(made)}
        return Result(tuple(made), names, parallel=f"{name}.0")

    def with_rates(self, node: Node, layer: Layer, frame: Frame) -> Node:
        """Return a node with the rates that its layer has in another frame, on which no shape
        depends. Raises LayerFailed.
        """
        op, shapes = self.operations.of(layer, frame), node.facts.inputs
        facts = self._facts.setdefault((id(op), shapes), Facts(op, shapes, node.output))
        return node._replace(op=op, facts=facts)

    def _parts(self, op: Op, sources: Sequence[Result]) -> tuple[Op, ...]:
        """Return the ops of the parts that an op gives; () where it gives one tensor, or cannot
        take what arrives, of which it complains itself.
        """
        source = sources[0].outputs[0]
        if source is None:
            return ()
        try:
            return op.parts(self.nodes.shape(source))
        except ShapeError:
            return ()

    def _add(
        self, op: Op, layer: Layer, frame: Frame, sources: Sequence[Result], path: str
    ) -> int | None:
        """Return the index of the layer's node, None where it or what it reads has failed."""
        inputs = self.operations.inputs(layer, op, sources, frame)
        if inputs is None:
            return None
        shapes = tuple(map(self.nodes.shape, inputs))
        if not self.whole_numbers.fits(op, inputs, layer, frame, path):
            return None
        if op.broadcasts and not self._aligned(op, inputs, shapes, layer, frame, path):
            return None
        facts = self._facts.get((id(op), shapes)) or self._infer(
            op, inputs, shapes, layer, frame, path
        )
        if facts is None:
            return None
        self.paths.claim(path, layer, frame.instance)
        shares = None
        if layer.share is not None:
            shares = self._shared(layer, layer.share, frame, facts, path)
        if self.paths.refused and (op.is_module or facts.weights) and shares is None:
            self.paths.hold(path)
        if layer.shape is not None and frame.rules.asserting:
            compare_shape(layer.shape, frame, path, facts, self.values)
        init = frame.rules.inits.get(op.name)
        if layer.init is not None:
            init = self.values.init(layer.init, init, frame.scope, frame.instance)
        aux = frame.aux or layer.aux
        frozen = self._frozen(layer, frame, facts, shares, path)
        node = Node(path, op, inputs, facts, layer, frame.instance, aux, shares, init, frozen)
        return self.nodes.add(node, carried(op, inputs, self.nodes))

    def _frozen(
        self, layer: Layer, frame: Frame, facts: Facts, shares: int | None, path: str
    ) -> frozenset[str]:
        """Return the names of the layer's parameters that are frozen."""
        if shares is not None:
            return self.nodes.list[shares].frozen
        if layer.frozen is None or not isinstance(layer.frozen.data, list):
            return facts.trainable if self.values.frozen(layer, frame) else _NONE
        names = frozenset(layer.frozen.data)
        for name in sorted(names - facts.trainable):
            known = ", ".join(f"`{own}`" for own in sorted(facts.trainable))
            self.complaints.add(
                layer.frozen.mark,
                "kind",
                f"`{path}` has no parameter {shown(name)} that could be frozen",
                f"it has {known}" if known else "leave `frozen` out",
                frame.instance,
            )
        return names & facts.trainable

    def _infer(
        self,
        op: Op,
        inputs: tuple[int, ...],
        shapes: tuple[Shape, ...],
        layer: Layer,
        frame: Frame,
        path: str,
    ) -> Facts | None:
        """Return what the op answers for these shapes, None where it cannot take them."""
        try:
            output = op.output_shape(*shapes)
        except ShapeError as error:
            from archprof.language.fitting import shape_hint  # which only an error needs

            arrived = f" cannot take {' and '.join(map(units.shape, shapes))}" if shapes else ""
            self.complaints.add(
                layer.mark,
                "shape",
                f"`{path}` ({op.name}){arrived}: {error}",
                shape_hint(error, inputs, shapes, self.network, self.nodes.input),
                frame.instance,
            )
            if len(inputs) > 1 and self.unmet is None:
                self.unmet = layer.mark, inputs
            return None
        if prod(output) > MAX_ELEMENTS:
            self.complaints.add(
                layer.mark,
                "limit",
                f"`{path}` would give {units.shape(output)}: more than 2^50 elements",
                instance=frame.instance,
            )
            return None
        facts = self._facts[(id(op), shapes)] = Facts(op, shapes, output)
        return facts

    def _aligned(
        self,
        op: Op,
        inputs: Sequence[int],
        shapes: Sequence[Shape],
        layer: Layer,
        frame: Frame,
        path: str,
    ) -> bool:
        """Whether torch aligns what differs from image to image.

        What is learned has a batch of 1 and fits anywhere.
        """
        rank = max(map(len, shapes))
        short = [
            shape
            for i, shape in zip(inputs, shapes, strict=True)
            if len(shape) < rank and i not in self.nodes.learned
        ]
        if not short:
            return True
        given = " and ".join(map(units.shape, shapes))
        filled = units.shape(_filled(op, shapes, short[0], rank))
        self.complaints.add(
            layer.mark,
            "shape",
            f"`{path}` ({op.name}) cannot take {given}: torch aligns the last dimensions, and"
            f" the batch of {units.shape(short[0])} would meet another dimension",
            f"reshape it to {rank} dimensions, for instance {filled}",
            frame.instance,
        )
        return False

    def _shared(
        self, layer: Layer, share: AnyReference, frame: Frame, facts: Facts, path: str
    ) -> int | None:
        """Return the node whose weights `share` borrows, None for a layer with weights of its own.

        They must be the same weights, name by name and shape by shape.
        """
        owner = owner_of(share, frame, self.values)
        if owner is None:
            return None
        one_of_each("`share` names one layer", [owner], layer, frame, self.complaints)
        index = owner.outputs[0]
        if index is None:
            return None
        other = self.nodes.list[index] if index >= 0 else None
        if other is None or not other.facts.weights:
            self.complaints.add(
                share.mark,
                "share",
                f"`{path}` shares with `{share}`, which has no weights",
                instance=frame.instance,
            )
            return None
        difference = differing(facts, other.facts)
        if difference:
            self.complaints.add(
                share.mark,
                "share",
                f"`{path}` cannot share the weights of `{other.path}`: this {difference}",
                instance=frame.instance,
            )
        return other.shares if other.shares is not None else index


def _filled(op: Op, shapes: Sequence[Shape], short: Shape, rank: int) -> Shape:
    """Return a shape of `short` with ones beside it with which the op takes its inputs, as far as
    there is one: C×1×1 for a gate of channels, 1×N×C for one matrix beside several.
    """
    missing = rank - len(short)
    places = range(missing + 1) if len(short) == 1 else range(missing, -1, -1)
    for before in places:
        filled = (*[1] * before, *short, *[1] * (missing - before))
        with suppress(ShapeError):
            op.output_shape(*[filled if shape == short else shape for shape in shapes])
            return filled
    return (*short, *[1] * missing)
