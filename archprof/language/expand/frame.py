"""What expanding a network passes on: the results of layers, and the frame of a body at work."""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Mapping, MutableMapping, Sequence
from typing import Any, NamedTuple

from archprof.graph.graph import Instance
from archprof.language.document import Document, Layer
from archprof.record import Record


class LayerFailed(Exception):
    """This layer cannot be built; its problem is already noted."""


class Stop(Exception):
    """A limit is reached: nothing more is built; its problem is already noted."""


class Inside(NamedTuple):
    """Where the layers of a block, a group or a network are.

    `layers` are its nodes, `prefix` is how their paths begin, `sound` whether nothing is wrong with
    them.
    """

    layers: range
    prefix: str
    sound: bool

    @property
    def path(self) -> str:
        return self.prefix.removesuffix(".")

    def inner(self, path: str) -> str:
        """Return what is left of the path of one of its layers."""
        return path.removeprefix(self.prefix)


class Result:
    """What a layer gives: the nodes of its outputs, and by name the layers inside it.

    An output is the index of a node, -1 for the network's input, None where the layer failed.
    `dropped` is the layer where a `when` or a `repeat` of 0 leaves it out, `unnumbered` are the
    dropped entries inside it that have no name. `parallel` is the name of the first turn where the
    outputs are those of a parallel repeat, one of each turn, or of the first part where they are
    the parts of a split; "" elsewhere. `place` has the layers inside, None for an op; `turns` are
    those of a repeat.
    """

    __slots__ = ("dropped", "names", "outputs", "parallel", "place", "turns", "unnumbered")

    def __init__(
        self,
        outputs: tuple[int | None, ...],
        names: dict[str, Result] | None = None,
        dropped: Layer | None = None,
        unnumbered: Sequence[Layer] = (),
        parallel: str = "",
    ):
        self.outputs, self.names = outputs, names or {}
        self.dropped, self.unnumbered = dropped, unnumbered
        self.parallel = parallel
        self.place: Inside | None = None
        self.turns: list[Result] = []

    @property
    def given(self) -> tuple[int | None, ...]:
        """What a layer takes that names it once: the first output, or one of each parallel turn."""
        return self.outputs if self.parallel else self.outputs[:1]

    def within(self, name: str) -> Result:
        """Return what the layer `name` gives whose body gives this; "" for one that is spliced."""
        if name and self.parallel:
            self.parallel = f"{name}.{self.parallel}"
        return self


class Rules(Record):
    """What the spec of a network states for all its layers."""

    inits: dict[str, dict[str, Any]]  # by op and weight, how weights start
    asserting: bool  # whether each `shape:` must hold: only at the spec's own input and parameters


class Frame:
    """A body being unrolled: its values, its names, and how far numbering has come.

    `own` are the names of its layers; `names` has those that its layers see besides: inputs, and
    what comes before it outside. `around` is the frame in which a block is used, whose names
    `share` alone sees. `aux` is true inside an auxiliary head, `frozen` where parameters are frozen
    unless a layer says otherwise.
    """

    __slots__ = (
        "around",
        "aux",
        "counter",
        "document",
        "frozen",
        "instance",
        "names",
        "own",
        "prefix",
        "previous",
        "rules",
        "scope",
        "unnumbered",
    )

    def __init__(
        self,
        document: Document,
        rules: Rules,
        scope: dict[str, Any],
        prefix: str,
        instance: Instance | None,
        outer: MutableMapping[str, Result],
        source: Result,
        aux: bool,
        own: dict[str, Result] | None = None,
        frozen: bool = False,
        around: Frame | None = None,
    ):
        self.frozen, self.around = frozen, around
        self.document, self.rules, self.scope = document, rules, scope
        self.prefix, self.instance, self.aux = prefix, instance, aux
        self.own = {} if own is None else own
        self.names, self.previous = ChainMap(self.own, outer), source
        self.counter = [0]  # the next number of a list; shared with what is spliced into it
        self.unnumbered: list[Layer] = []  # entries without a name that were dropped

    def of_turns(self, name: str) -> Frame:
        """Return the frame in which a layer is repeated: under its name, where it has one."""
        inner = Frame(
            self.document,
            self.rules,
            self.scope,
            f"{self.prefix}{name}." if name else self.prefix,
            self.instance,
            self.names.parents,
            self.previous,
            self.aux,
            self.own,
            self.frozen,
            self.around,
        )
        if not name:
            inner.counter = self.counter
        return inner

    def keep(self, layer: Layer, name: str, result: Result) -> None:
        """Keep what a layer gives under its names; the next layer reads it, unless this one is
        auxiliary.
        """
        if name:
            put(self.own, name, result)
        if layer.name is not None or layer.key != name:
            for called in (layer.key, layer.plain_name):
                if called and called != name:
                    put(self.own, called, result)
        if layer.flat or (layer.key is None and layer.repeat):  # what is inside is spliced in
            join(self.own, result.names)
        if not layer.aux:
            self.previous = result

    def names_outwards(self) -> Mapping[str, Result]:
        """Return the names that its layers see, and behind them those around the block."""
        maps: list[MutableMapping[str, Result]] = []
        frame: Frame | None = self
        while frame is not None:
            maps.append(frame.names)
            frame = frame.around
        return ChainMap(*maps)

    def next_number(self) -> str:
        """Return the number of the next entry of a list, and count it."""
        number = self.counter[0]
        self.counter[0] += 1
        return str(number)


def put(names: dict[str, Result], called: str, result: Result) -> None:
    """Put a result under a name: `convs.0` is `0` in what is called `convs`.

    That need be no layer: what has no outputs is only the beginning of names.
    """
    last = called
    if "." in called:
        *outer, last = called.split(".")
        for part in outer:
            names = names.setdefault(part, Result(())).names
    before = names.get(last)
    names[last] = result
    if before is not None and not before.outputs:
        join(result.names, before.names)


def join(names: dict[str, Result], others: dict[str, Result], latest: bool = False) -> None:
    """Add the names of what is spliced in, and those that begin as one of `names` does.

    A layer's name that is there already stays, or with `latest` is the new one's.
    """
    waiting = [(names, others)]
    while waiting:
        ours, theirs = waiting.pop()
        for name, result in theirs.items():
            known = ours.get(name)
            if known is None or (latest and known.outputs and result.outputs):
                ours[name] = result
            elif not known.outputs and result.outputs:
                put(ours, name, result)
            elif not result.outputs:
                waiting.append((known.names, result.names))
