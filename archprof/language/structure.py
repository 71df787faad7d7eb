"""What is wrong with a spec's layers before any shape is known.

Names out of order, blocks that contain themselves without end, and too many layers.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from archprof.language.document import Block, Body, Layer, Reference
from archprof.language.size import SizeCounter, excess
from archprof.language.words import MOST_PARTS
from archprof.problem import Mark, Problems, nearest


def check_references(
    body: Body, inputs: tuple[str, ...], problems: Problems, of_block: bool = False
) -> None:
    """Complain of names that do not exist before they are used.

    Dotted parts are resolved when the graph is built, and so are names that the `share` of a block
    finds where the block is used.
    """
    _References(body, ({"input", "previous", *inputs},), (), problems, of_block).check()


class _References:
    """The references of a body, checked in order.

    `outer` are the names seen before it, and `beyond` those that may follow with their places; both
    are of the bodies around it, the innermost last and first.
    """

    def __init__(
        self,
        body: Body,
        outer: tuple[set[str], ...],
        beyond: tuple[dict[str, Mark], ...],
        problems: Problems,
        of_block: bool,
    ):
        self.body, self.problems, self.of_block = body, problems, of_block
        layers = body.layers
        self.spliced = any(map(_brings_names, layers))
        # numbers are known only when the network is built
        self.shifted = any(one.flat or one.when or one.repeat or one.name for one in layers)
        self.own: set[str] = set()
        self.seen = (*outer, self.own)
        self.later = ({_name(layer, i): layer.mark for i, layer in enumerate(layers)}, *beyond)

    def check(self) -> None:
        """Complain of every reference that leads nowhere."""
        for i, layer in enumerate(self.body.layers):
            for reference in layer.sources or ():
                if isinstance(reference, Reference):  # others have a name only in a network
                    self._check(reference, layer, i)
            if isinstance(layer.share, Reference) and not self._is_around(layer.share):
                self._check(layer.share, layer, i)
            if layer.body is not None:
                if not self.spliced:
                    inner = layer.body, self.seen, self.later, self.problems, self.of_block
                    _References(*inner).check()
                if layer.flat:
                    self.own |= {_name(inner, j) for j, inner in enumerate(layer.body.layers)}
            self.own.add(_name(layer, i))
        for reference in self.body.output or ():
            if isinstance(reference, Reference):
                self._check(reference)

    def _is_around(self, share: Reference) -> bool:
        """Whether a `share` can only mean a layer where the block is used."""
        own = (*self.seen, *self.later)
        return self.of_block and not any(share.parts[0] in names for names in own)

    def _check(self, reference: Reference, layer: Layer | None = None, number: int = -1) -> None:
        head = reference.parts[0]
        named = [".".join(reference.parts[:end]) for end in range(1, MOST_PARTS + 1)]
        if self.spliced or any(name in names for names in self.seen for name in named):
            return
        if self.body.numbered and self.shifted and head.isdigit():
            return
        at, later = self._later(named)
        if layer is not None and _name(layer, number) in named:
            message, hint = f"layer `{_name(layer, number)}` takes its own output", ""
        elif at:
            where = f"layer `{later}` stands in line {at.line}"
            message = f"`{reference}` is used before it exists: {where}"
            hint = "data flows downwards: move that layer up"
        else:
            known = self.own
            if sum(map(len, self.seen)) < 1000:
                known = set().union(*self.seen)
            begun = any(name.startswith(f"{head}.") for name in known)
            missing = str(reference) if begun else head
            message, hint = f"there is no layer `{missing}` here", nearest(missing, known, "names")
        self.problems.add(reference.mark, "reference", message, hint)

    def _later(self, named: list[str]) -> tuple[Mark | None, str]:
        """Return the place of a layer of one of these names that may follow, and its name."""
        for marks in self.later:
            for name in named:
                if name in marks:
                    return marks[name], name
        return None, ""


def _name(layer: Layer, number: int) -> str:
    """Return what a layer is called in its body: its key, its fixed name, or its number."""
    return layer.key or layer.plain_name or str(number)


def _brings_names(layer: Layer) -> bool:
    """Whether an entry has names that are known only when it is built.

    Those of a block that is spliced in, and those that follow from values.
    """
    if layer.flat:
        return layer.body is None or any(map(_brings_names, layer.body.layers))
    return layer.key is None and layer.name is not None and not layer.plain_name


def check_blocks(blocks: Mapping[str, Block], body: Body | None, problems: Problems) -> None:
    """Complain of blocks inside themselves without end, and of a network that is too large."""
    # the first place of each stays
    uses = {name: dict(reversed([*_uses(block.body)])) for name, block in blocks.items()}
    order = _inner_first(uses, problems)
    if problems or body is None:
        return
    counting = SizeCounter(blocks)
    for name in order:
        counting.block(name)  # the inner ones first: a chain of thousands would be too deep
    found = excess(body, counting)
    if found:
        problems.add(found.mark, found.rule, found.message, found.hint)


def _uses(body: Body) -> Iterator[tuple[str, Mark]]:
    """Yield the blocks that are there whenever the body is, with the place.

    What a `when` or a `repeat` can leave out ends where it does: by it a block may contain itself.
    """
    for layer in body.layers:
        if _may_be_left_out(layer):
            continue
        if layer.body is not None:
            yield from _uses(layer.body)
        elif (name := _block_of(layer)) is not None and layer.target:
            yield name, layer.target.mark


def _may_be_left_out(layer: Layer) -> bool:
    """Whether a value decides if the layer is there."""
    return any(one is not None and not one.constant for one in (layer.when, layer.repeat))


def _block_of(layer: Layer) -> str | None:
    """Return the block that a layer names as a constant, None for any other layer."""
    target = layer.target
    if layer.target_kind != "block" or target is None or not target.constant:
        return None
    return target.data if isinstance(target.data, str) else None


def _inner_first(uses: Mapping[str, Mapping[str, Mark]], problems: Problems) -> list[str]:
    """Return the blocks, those that others use before the others; complain of cycles."""
    order: list[str] = []
    done: set[str] = set()
    for start in uses:
        path = [start] if start not in done else []
        open_ = {start: iter(uses[start])}
        while path:
            name = next((u for u in open_[path[-1]] if u in uses and u not in done), None)
            if name is None:
                done.add(path[-1])
                del open_[path[-1]]
                order.append(path.pop())
            elif name in open_:
                cycle = [*path[path.index(name) :], name]
                shown = " -> ".join(cycle if len(cycle) <= 12 else [*cycle[:11], "…", name])
                problems.add(
                    uses[path[-1]][name],
                    "cycle",
                    f"block `{name}` contains itself: {shown}",
                    "a `when` must end it, as in {when: $levels > 1, with: {levels: $levels - 1}}",
                )
            else:
                path.append(name)
                open_[name] = iter(uses[name])
    return order
