"""A network as boxes in boxes: its blocks by path, alike neighbours folded into one.

`web/src/tree.ts` builds the same tree in the browser; golden files hold that both agree.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from archprof.analysis.analysis import Analysis
from archprof.graph.graph import Instance, Node

MOST_NESTED = 100  # levels of blocks; what is deeper is one name


class Wired(NamedTuple):
    """A layer as the tree and the layout need it.

    Layers with the same number in `alike` have the same op, output and costs: blocks of such layers
    are one row of `archprof summary`, whatever their rates of dropping are. `inputs` are indices of
    earlier layers, -1 the network's input; layers that are not drawn are passed over. `macs` of an
    auxiliary head, and unknown ones, are 0: they only weigh.
    """

    path: str
    alike: int
    inputs: tuple[int, ...]
    macs: int
    drawn: bool = True


class Item:
    """A layer, a block, or neighbouring blocks that are alike (`times` of them, in `members`).

    `layers` are the indices of the layers inside, in order. `opened`: it is drawn as a frame with
    its children in it, which for alike blocks are those of the first.
    """

    __slots__ = (
        "alike",
        "block",
        "children",
        "id",
        "layer",
        "layers",
        "macs",
        "members",
        "name",
        "opened",
    )

    def __init__(self, id: str, name: str, block: str = "", layer: int | None = None):
        self.id, self.name, self.block, self.layer = id, name, block, layer
        self.layers: list[int] = [] if layer is None else [layer]
        self.children: list[Item] = []
        self.members: list[Item] = []
        self.alike = 0
        self.macs = 0
        self.opened = False

    @property
    def times(self) -> int:
        """How many alike blocks it stands for."""
        return len(self.members) or 1

    @property
    def first(self) -> int:
        """The index of its first layer."""
        return self.layers[0]

    @property
    def one(self) -> Item:
        """The item itself, or the first of those that are alike."""
        return self.members[0] if self.members else self


class Net(NamedTuple):
    """Layers with their readers, and the tree over them. `root.id` is empty."""

    layers: Sequence[Wired]
    uses: Sequence[Sequence[int]]
    root: Item


def network_tree(analysis: Analysis) -> Net:
    """Return a network's boxes as `archprof summary` has its rows: blocks closed, groups open."""
    return net(analysis.graph.network.name, wired(analysis), blocks(analysis))


def wired(analysis: Analysis) -> list[Wired]:
    """Return the layers of a network as the tree needs them."""
    numbers: dict[tuple[object, ...], int] = {}
    sources: list[int] = []  # by layer: itself, or what it only looks at in another way
    found: list[Wired] = []
    for i, row in enumerate(analysis.layers):
        node = row.node
        inputs = tuple(sources[s] if s >= 0 else s for s in node.inputs)
        hidden = node.entry.hidden and len(inputs) == 1
        sources.append(inputs[0] if hidden else i)
        key = (node.kind, node.output, row.params, row.flops, node.aux)
        alike = numbers.setdefault(key, len(numbers))
        macs = 0 if node.aux else row.macs or 0
        found.append(Wired(node.path, alike, tuple(dict.fromkeys(inputs)), macs, not hidden))
    return found


def blocks(analysis: Analysis) -> dict[str, str]:
    """Return by path what the blocks of a network are called."""
    found: dict[str, str] = {}
    for node in analysis.graph.nodes:
        for instance in _around(node):
            if instance.path and not instance.path.endswith("."):
                found[instance.path] = instance.block
    return found


def _around(node: Node) -> Iterator[Instance]:
    instance = node.instance
    while instance is not None:
        yield instance
        instance = instance.parent


def net(name: str, layers: Sequence[Wired], blocks: Mapping[str, str]) -> Net:
    """Return the tree over layers, folded, with what stands open at first."""
    uses: list[list[int]] = [[] for _ in layers]
    for i, layer in enumerate(layers):
        for source in layer.inputs:
            if layer.drawn and source >= 0:
                uses[source].append(i)
    root = _nested(name, layers, blocks)
    _sum_up(root, layers, {})
    _fold(root)
    root.opened = True
    _open_groups(root, len(root.layers))
    return Net(layers, uses, root)


def _nested(name: str, layers: Sequence[Wired], blocks: Mapping[str, str]) -> Item:
    root = Item("", name)
    boxes = {"": root}
    for i, layer in enumerate(layers):
        if not layer.drawn:
            continue
        *outer, last = layer.path.split(".", MOST_NESTED)
        path, here = "", root
        for part in outer:
            path = f"{path}.{part}" if path else part
            if path not in boxes:
                boxes[path] = Item(path, part, blocks.get(path, ""))
                here.children.append(boxes[path])
            here = boxes[path]
        here.children.append(Item(layer.path, last, "", i))
    _part_own(root, boxes)
    return root


def _part_own(item: Item, boxes: Mapping[str, Item]) -> None:
    """Move a layer whose path is a block's too into this block, as its first child."""
    for child in list(item.children):
        box = boxes.get(child.id) if child.layer is not None else None
        if box is not None and box is not item:
            item.children.remove(child)
            child.id += "."
            box.children.insert(0, child)
    for child in item.children:
        if child.layer is None:
            _part_own(child, boxes)


def _sum_up(item: Item, layers: Sequence[Wired], numbers: dict[object, int]) -> None:
    """Set the layers, MACs and likeness of each item, from the leaves up."""
    if item.layer is not None:
        layer = layers[item.layer]
        item.macs = layer.macs
        item.alike = numbers.setdefault(layer.alike, len(numbers))
        return
    for child in item.children:
        _sum_up(child, layers, numbers)
    item.layers = sorted(layer for child in item.children for layer in child.layers)
    item.macs = sum(child.macs for child in item.children)
    inside = tuple((child.name, child.alike) for child in item.children)
    item.alike = numbers.setdefault((item.block, inside), len(numbers))


def _fold(item: Item) -> None:
    """Make neighbouring blocks that are alike one item."""
    folded: list[Item] = []
    for child in item.children:
        _fold(child)
        before = folded[-1] if folded else None
        if before is None or not _alike(before.one, child):
            folded.append(child)
        elif before.members:
            before.members.append(child)
        else:
            folded[-1] = Item("", "", child.block)
            folded[-1].members = [before, child]
    for each in folded:
        if each.members:
            _complete(each)
    item.children = folded


def _alike(first: Item, second: Item) -> bool:
    blocks = first.layer is None and second.layer is None and bool(second.block)
    return blocks and first.alike == second.alike


def _complete(fold: Item) -> None:
    first, last = fold.members[0], fold.members[-1]
    fold.name = f"{first.name}–{last.name}"
    fold.id = f"{first.id}–{last.name}"
    fold.layers = sorted(layer for member in fold.members for layer in member.layers)
    fold.macs = sum(member.macs for member in fold.members)
    fold.alike = first.alike
    fold.children = first.children


def _open_groups(item: Item, total: int) -> None:
    """Open what is not a block of its own, and a block of blocks that has most of the layers."""
    for child in item.children:
        if child.layer is not None or child.members:
            continue
        most = 2 * len(child.layers) > total and any(c.layer is None for c in child.children)
        if most or not child.block:
            child.opened = True
            _open_groups(child, total)


def open_all(item: Item) -> None:
    """Open every block inside."""
    for child in item.members or item.children:
        if child.layer is None:
            child.opened = True
            open_all(child)
