"""A graph as boxes in boxes: what a picture of it shows, down to a depth."""

from __future__ import annotations

from collections.abc import Iterator

from archprof import units
from archprof.graph.graph import Graph, Instance, Node
from archprof.units import number_of

INPUT = "input"
OUTPUT = "output"


class Box:
    """A layer, a block that is drawn as one, or a block with boxes in it."""

    def __init__(self, name: str, path: str):
        self.name, self.path = name, path
        self.block = ""  # what its block or class is called
        self.inside: dict[tuple[str, int], Box] = {}  # by name and call
        self.nodes: list[int] = []  # of all layers in it
        self.own: list[int] = []  # of the layers whose path it is
        self.identity = ""  # a name that any language takes

    def lines(self, graph: Graph) -> tuple[str, ...]:
        """Return what is written into it: its name, its op or block, its output's shape."""
        last = graph.nodes[self.nodes[-1]]
        what = last.kind
        if len(self.nodes) > 1:
            layers = number_of(len(self.nodes), "layer")
            what = f"{self.block}, {layers}" if self.block else layers
        return self.name, what, units.shape(last.output)


class Drawing:
    """The boxes of a graph, and the edges between those that are drawn whole."""

    def __init__(self, graph: Graph, depth: int | None):
        self.graph = graph
        self.root = _boxes(graph)
        self.depth = depth or _outermost(self.root)
        self.edges: dict[tuple[str, str], None] = {}
        homes = self._homes()
        for i, node in enumerate(graph.nodes):
            for source in node.inputs:
                self._edge(homes.get(source, INPUT), homes[i])
        for i in graph.outputs:
            self._edge(homes.get(i, INPUT), OUTPUT)

    def _edge(self, source: str, target: str) -> None:
        if source != target:
            self.edges[source, target] = None

    def _homes(self) -> dict[int, str]:
        """Give every box that is drawn whole its identity, and return it by node."""
        found: dict[int, str] = {}
        for number, box in enumerate(self.drawn(self.root, 0)):
            box.identity = f"n{number}"
            found.update(dict.fromkeys(box.nodes, box.identity))
        return found

    def drawn(self, box: Box, depth: int) -> Iterator[Box]:
        """Yield the boxes inside that are drawn whole."""
        for inner in box.inside.values():
            if self.is_open(inner, depth + 1):
                yield from self.drawn(inner, depth + 1)
            else:
                yield inner

    def is_open(self, box: Box, depth: int) -> bool:
        """Whether a box at a depth is drawn with what is in it."""
        return bool(box.inside) and depth < self.depth


def _boxes(graph: Graph) -> Box:
    """Return the boxes in boxes of all layers; each call of a module has its own."""
    root = Box("", "")
    # by path a number for each call of a block: two calls are two objects, which may be equal
    calls: dict[str, dict[int, int]] = {}
    for i, node in enumerate(graph.nodes):
        here = root
        here.nodes.append(i)
        around = _around(node)
        path = ""
        for name in node.path.split("."):
            path = f"{path}.{name}" if path else name
            call = 1
            if path in around:
                known = calls.setdefault(path, {})
                call = known.setdefault(id(around[path]), len(known) + 1)
            here = _inner(here, name, call)
            here.block = around[path].block if path in around else ""
            here.nodes.append(i)
        here.own.append(i)
    _part_own(root)
    return root


def _inner(box: Box, name: str, call: int) -> Box:
    """Return the box of a name inside another, where a block of it is called for the nth time."""
    if (name, call) not in box.inside:
        label = name if call == 1 else f"{name} (call {call})"
        box.inside[name, call] = Box(label, f"{box.path}.{label}".removeprefix("."))
    return box.inside[name, call]


def _part_own(box: Box) -> None:
    """Give a layer whose path has others in it a box beside these."""
    if box.own and box.inside:
        alone = Box(box.name, box.path)
        alone.nodes = box.own
        box.inside = {("", 1): alone, **box.inside}
    for inner in box.inside.values():
        _part_own(inner)


def _around(node: Node) -> dict[str, Instance]:
    """Return the blocks around a layer by path."""
    found: dict[str, Instance] = {}
    instance: Instance | None = node.instance
    while instance is not None:
        found[instance.path] = instance
        instance = instance.parent
    return found


def _outermost(root: Box) -> int:
    """Return the depth of the outermost boxes of which there is more than one."""
    depth, boxes = 1, list(root.inside.values())
    while len(boxes) == 1 and boxes[0].inside:
        depth, boxes = depth + 1, list(boxes[0].inside.values())
    return depth
