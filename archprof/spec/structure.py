"""What can be said of a spec's layers before any shape: names in order, blocks that contain themselves, sheer number."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from archprof.problem import Mark, Problems, nearest
from archprof.spec.document import Block, Body, Layer, Reference

MAX_LAYERS = 1_000_000
_ENOUGH = 10**15  # counting stops here, so that no number grows without end


def check_references(body: Body, inputs: tuple[str, ...], problems: Problems) -> None:
    """Names must exist before they are used; dotted parts are resolved when the graph is built."""
    _references(body, ({"input", "previous", *inputs},), (), problems)


def _references(body: Body, outer: tuple[set[str], ...], beyond: tuple[dict[str, Mark], ...], problems: Problems) -> None:
    """`outer` are the names seen so far, of the bodies around this one too; `beyond` those that may follow, with their places."""
    spliced = any(layer.flat and layer.body is None for layer in body.layers)  # a block brings names of its own
    shifted = any(layer.flat or layer.when or layer.repeat or layer.name for layer in body.layers)  # numbers are known only later
    own: set[str] = set()
    seen = (*outer, own)
    later = ({name: layer.mark for i, layer in enumerate(body.layers) for name in _names(layer, i)}, *beyond)

    def check(reference: Reference, layer: Layer | None = None, number: int = -1) -> None:
        head = reference.parts[0]
        if any(head in names for names in seen) or spliced or (body.numbered and shifted and head.isdigit()):
            return
        if layer is not None and head in _names(layer, number):
            problems.add(reference.mark, "reference", f"layer `{head}` takes its own output")
        elif at := next((marks[head] for marks in later if head in marks), None):
            problems.add(reference.mark, "reference", f"`{reference}` is used before it exists: layer `{head}` stands in line {at.line}",
                         "data flows downwards: move that layer up")
        else:
            known = set().union(*seen) if sum(map(len, seen)) < 1000 else own
            problems.add(reference.mark, "reference", f"there is no layer `{head}` here", nearest(head, known, "names"))

    for i, layer in enumerate(body.layers):
        for reference in (*(layer.sources or ()), *((layer.share,) if layer.share else ())):
            check(reference, layer, i)
        if layer.body is not None:
            if not spliced:
                _references(layer.body, seen, later, problems)
            if layer.flat:
                own |= {name for j, inner in enumerate(layer.body.layers) for name in _names(inner, j)}
        own |= _names(layer, i)
    for reference in body.output or ():
        check(reference)


def _names(layer: Layer, number: int) -> set[str]:
    """What a layer can be called in its body: its key, its fixed name, its number."""
    fixed = "".join(map(str, layer.name.parts)) if layer.name and layer.repeat is None and all(isinstance(p, str) for p in layer.name.parts) else ""
    return {layer.key or fixed or str(number)}


def check_blocks(blocks: Mapping[str, Block], body: Body | None, problems: Problems) -> None:
    """No block may contain itself, by however many steps, and what is written out must stay countable."""
    uses = {name: dict(reversed([*_uses(block.body)])) for name, block in blocks.items()}  # the first place of each stays
    order = _inner_first(uses, problems)
    if problems or body is None:
        return
    least: dict[str, int] = {}
    for name in order:
        least[name] = _least(blocks[name].body, least)
    total = _least(body, least)
    if total > MAX_LAYERS:
        most = max(body.layers, key=lambda layer: _least_of(layer, least))
        shown = f"{total:,} layers" if total < _ENOUGH else "more layers than can be counted"
        problems.add(most.mark, "limit", f"the network has {shown}, at most {MAX_LAYERS:,}", "lower a `repeat`; most of them stand here")


def _uses(body: Body) -> Iterator[tuple[str, Mark]]:
    """The blocks that a body names outright, with the place."""
    for layer in body.layers:
        if layer.body is not None:
            yield from _uses(layer.body)
        elif (name := _block_of(layer)) is not None and layer.target:
            yield name, layer.target.mark


def _block_of(layer: Layer) -> str | None:
    known = layer.target_kind == "block" and layer.target and layer.target.constant and isinstance(layer.target.data, str)
    return layer.target.data if known and layer.target else None


def _inner_first(uses: Mapping[str, Mapping[str, Mark]], problems: Problems) -> list[str]:
    """The blocks, those that others use before the others; a cycle is complained of."""
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
                problems.add(uses[path[-1]][name], "cycle", f"block `{name}` contains itself: {shown}", "a block may use only blocks that do not use it")
            else:
                path.append(name)
                open_[name] = iter(uses[name])
    return order


def _least(body: Body, least: Mapping[str, int]) -> int:
    return min(_ENOUGH, sum(_least_of(layer, least) for layer in body.layers))


def _least_of(layer: Layer, least: Mapping[str, int]) -> int:
    """A lower bound on the ops a layer stands for: what depends on a value counts as nothing."""
    if layer.when is not None:
        return 0
    times = 1 if layer.repeat is None else layer.repeat.data if layer.repeat.constant and type(layer.repeat.data) is int else 0
    one = 1 if layer.target_kind == "op" else _least(layer.body, least) if layer.body else least.get(_block_of(layer) or "", 0)
    return min(_ENOUGH, times * one)
