"""Turns of a repeat that see what one before saw: what that gave is copied to another path.

Most layers of a deep network are in such turns, and all that differs are their paths, the layers
that they read, and how often stochastic depth drops them.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import Any, NamedTuple

from archprof.graph.graph import Instance, Node
from archprof.language.document import Layer
from archprof.language.expand.calls import Calls
from archprof.language.expand.frame import Frame, Inside, LayerFailed, Result
from archprof.language.expand.layers import LayerBuilder
from archprof.language.expand.nodes import Nodes, StepCounter
from archprof.language.expand.paths import Paths
from archprof.language.names_read import TURN, names_read, targets


class _Turn(NamedTuple):
    """A turn that was built: what it read, its nodes, and what it gave."""

    arriving: Sequence[int]
    place: Inside
    result: Result
    steps: int
    edges: int


class Turns:
    """Copies turns of blocks whose layers do not read which turn it is, or only for a rate."""

    def __init__(
        self, nodes: Nodes, paths: Paths, steps: StepCounter, calls: Calls, layers: LayerBuilder
    ):
        self.nodes, self.paths, self.steps = nodes, paths, steps
        self.calls, self.layers = calls, layers

    def of(self, layer: Layer, frame: Frame) -> RepeatedTurns:
        """Return the turns of a repeat, none of which is built yet."""
        return RepeatedTurns(self, layer, frame, self._rates(layer, frame))

    def _rates(self, layer: Layer, frame: Frame) -> list[Layer] | None:
        """Return the layers that differ in their rates where the same arrives at two turns, as far
        as the spec says it; None where more may differ.

        The layers of a group read names around it, and weights may be shared turn by turn.
        """
        own = (layer.target, layer.frozen)
        if layer.target_kind != "block" or layer.share is not None or TURN & names_read(own):
            return None
        document, found = frame.document, list[Layer]()
        for block, home in targets(layer, document):
            rates = document.turn_readers.rates(layer, block, home)
            if rates is None:
                return None
            found += rates
        return found

    def noted(self) -> tuple[int, ...]:
        """Return how much is noted so far beside the nodes."""
        nodes, paths = self.nodes, self.paths
        noted = paths.complaints.problems, paths.refused, nodes.dropped, nodes.aux_outputs
        return tuple(map(len, noted))


class RepeatedTurns:
    """The turns of one repeat, one after the other."""

    def __init__(self, turns: Turns, layer: Layer, frame: Frame, rates: list[Layer] | None):
        """`rates`: the layers whose rates alone differ; None where more may."""
        self.turns, self.layer, self.frame = turns, layer, frame
        self.nodes, self.alike = turns.nodes, rates is not None
        self._rates = {id(one): one for one in rates or ()}
        self._known: dict[Hashable, _Turn] = {}  # by what they saw

    def take(
        self, turn: int, sources: Sequence[Result], name: str, build: Callable[[], Result]
    ) -> Result:
        """Return what a turn gives that reads `sources`: a copy, or what `build` gives."""
        seen = self._seen(turn, sources, name)
        if seen is None:
            return build()
        known = self._known.get(seen)
        if known is None:
            return self._built(seen, sources, build)
        try:
            other = self._other_rates(known, turn, sources, name) if self._rates else {}
        except LayerFailed:
            return build()
        if not self.turns.steps.again(known.steps, len(known.place.layers), known.edges):
            return build()
        return self._copied(known, turn, name, _arriving(sources), other)

    def _other_rates(
        self, known: _Turn, turn: int, sources: Sequence[Result], name: str
    ) -> dict[int, Node]:
        """Return the nodes of a built turn that have other rates in this one, with these. Raises
        LayerFailed for what is not a rate.
        """
        _, frame = self.turns.calls.enter(self.layer, self.frame, sources, name, turn)
        found = {}
        for index in known.place.layers:
            node = self.nodes.list[index]
            layer = self._rates.get(id(node.entry))
            if layer is not None:
                found[index] = self.turns.layers.with_rates(node, layer, frame)
        return found

    def _seen(self, turn: int, sources: Sequence[Result], name: str) -> Hashable:
        """Return what a turn sees of what arrives, None where there is more to see than single
        layers, or where its names become part of another turn's.
        """
        first = turn == 0 and bool(self.layer.first)
        if first or not self.alike or not name or "." in name or self.turns.paths.refused:
            return None
        if any(one.parallel or None in one.outputs for one in sources):
            return None
        nodes, arriving = self.nodes, _arriving(sources)
        return tuple([(nodes.state(i), arriving.index(i)) for i in arriving])

    def _built(
        self, seen: Hashable, sources: Sequence[Result], build: Callable[[], Result]
    ) -> Result:
        """Build a turn, and keep it where all that it made is nodes with weights of their own."""
        noted, (steps, edges) = self._noted(), self.turns.steps.used()
        result = build()
        place = result.place
        more = result.parallel or None in result.outputs or self._noted() != noted
        if place is None or more:
            return result
        first = place.layers.start
        owners = [self.nodes.list[i].shares for i in place.layers]
        if any(owner is not None and owner < first for owner in owners):
            return result
        arriving, now = _arriving(sources), self.turns.steps.used()
        made = _Turn(arriving, place, result, now[0] - steps, now[1] - edges)
        self._known[seen] = made
        # what is kept stays as it is: around the turn names may be added to what it gives
        copy = _Copy(made, place, arriving)
        return _CopiedResult(result, copy)

    def _noted(self) -> tuple[int, ...]:
        """Return how much is noted so far beside the nodes, and how far numbering has come: what
        is spliced into a list takes numbers of it, so that the next turn has others.
        """
        return *self.turns.noted(), *self.frame.counter

    def _copied(
        self,
        known: _Turn,
        turn: int,
        name: str,
        arriving: Sequence[int],
        other: Mapping[int, Node],
    ) -> Result:
        """Add the nodes of a turn that was built once more, those in `other` in place of their
        own, and return what this one gives.
        """
        nodes, first = self.nodes, len(self.nodes.list)
        layers = range(first, first + len(known.place.layers))
        place = Inside(layers, f"{self.frame.prefix}{name}.", True)
        copy = _Copy(known, place, arriving)
        uses = _Uses(copy, self.frame.instance, turn)
        for index in known.place.layers:
            node = copy.node(other.get(index) or nodes.list[index], uses)
            self.turns.paths.claim(node.path, node.entry, node.instance)
            nodes.add(node, nodes.whole.get(index))
        return _CopiedResult(known.result, copy)


class _Copy:
    """The way from a turn that was built to another one of the same repeat."""

    def __init__(self, built: _Turn, place: Inside, arriving: Sequence[int]):
        self.own_path, self.start = place.path, len(built.place.path)
        self.first = built.place.layers.start
        self.shift = place.layers.start - self.first
        self.sources = dict(zip(built.arriving, arriving, strict=True))
        self._results: dict[int, _CopiedResult] = {}  # by the identity of the original

    def path(self, path: str) -> str:
        """Return the path of the turn or of what is in it, or the beginning of paths."""
        return self.own_path + path[self.start :]

    def node(self, node: Node, uses: _Uses) -> Node:
        """Return the copy of a node."""
        path, op, inputs, facts, entry, instance, aux, shares, init, frozen = node
        first, shift, sources = self.first, self.shift, self.sources
        read = tuple([i + shift if i >= first else sources[i] for i in inputs])
        owner = None if shares is None else shares + shift
        inside = uses.of(instance)
        return Node(self.path(path), op, read, facts, entry, inside, aux, owner, init, frozen)

    def output(self, index: int | None) -> int | None:
        """Return a node of the copy, or what arrives at it; None for what has failed."""
        if index is None:
            return None
        return index + self.shift if index >= self.first else self.sources[index]

    def result(self, result: Result) -> _CopiedResult:
        """Return the copy of what a layer in the turn gives, one under all of its names."""
        copy = self._results.get(id(result))
        if copy is None:
            copy = self._results[id(result)] = _CopiedResult(result, self)
        return copy

    def place(self, place: Inside) -> Inside:
        """Return where the copies of layers are."""
        layers = range(place.layers.start + self.shift, place.layers.stop + self.shift)
        return Inside(layers, self.path(place.prefix), place.sound)


class _Uses:
    """The uses of blocks in a copied turn, the turn itself among them."""

    def __init__(self, copy: _Copy, around: Instance | None, turn: int):
        self.copy, self.around, self.turn = copy, around, turn
        self._known: dict[int, Instance] = {}  # by the identity of the original

    def of(self, instance: Instance | None) -> Instance | None:
        """Return the copy of a use in the turn; what is around it is as it was."""
        if instance is self.around or instance is None:
            return instance
        known = self._known.get(id(instance))
        if known is None:
            index = self.turn if instance.parent is self.around else instance.index
            known = self._known[id(instance)] = Instance(
                self.copy.path(instance.path),
                instance.block,
                instance.mark,
                self.of(instance.parent),
                index,
            )
        return known


class _CopiedResult(Result):
    """What a layer in a copied turn gives; what is inside it is copied where it is asked for."""

    __slots__ = ("_copy", "_original")

    def __init__(self, original: Result, copy: _Copy):
        self._original, self._copy = original, copy
        self.outputs = tuple([copy.output(i) for i in original.outputs])
        self.dropped, self.unnumbered = original.dropped, original.unnumbered
        self.parallel = original.parallel

    def __getattr__(self, name: str) -> Any:
        """Copy `names`, `turns` or `place`, which are not there before."""
        original, copy = self._original, self._copy
        if name == "names":
            self.names = {called: copy.result(one) for called, one in original.names.items()}
        elif name == "turns":
            self.turns = [copy.result(one) for one in original.turns]
        elif name == "place":
            self.place = None if original.place is None else copy.place(original.place)
        else:
            raise AttributeError(name)
        return getattr(self, name)


def _arriving(sources: Sequence[Result]) -> list[int]:
    return [output for source in sources for output in source.outputs if output is not None]
