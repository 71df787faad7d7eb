"""A graph as a tree: layers, in groups that share the beginning of their paths."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import TypeGuard

from archprof.graph.graph import Graph, Node
from archprof.language.words import LAYER, RESERVED
from archprof.language.writing.initial import Init

Frozen = bool | tuple[str, ...] | None
"""Whether parameters are frozen, or the names of those that are; None: nothing is said of it."""

NOTHING = -2  # in place of a node: nothing arrives, or nothing is given


class Leaf:
    """A layer: its node, the node's index, the last part of its path, its own `init`, and what it
    says itself of being frozen, None for nothing.
    """

    __slots__ = ("frozen", "index", "init", "name", "node")

    def __init__(self, name: str, index: int, node: Node, init: Init):
        self.name, self.index, self.node, self.init = name, index, node, init
        self.frozen: Frozen = None

    @property
    def aux(self) -> bool:
        """Whether it belongs to an auxiliary head."""
        return self.node.aux

    @property
    def result(self) -> int:
        """The node that gives what it gives."""
        return self.index

    @property
    def reads(self) -> tuple[int, ...]:
        """The nodes that it takes, in its order."""
        return self.node.inputs

    def leaves(self) -> Iterator[Leaf]:
        """Yield the layer itself."""
        yield self


class Subtree:
    """What stands under one path, in order of execution; `block` is what its module is called.

    A path whose layers are not all executed in a row is none: they stand in the body around it,
    under names such as `convs.0`. Auxiliary heads are one more group instead, which is `flat`. One
    that is `spliced` as well goes on with the numbers of the list that it stands in.
    """

    flat = False
    spliced = False
    frozen: bool | None = None  # what it says itself, None for nothing

    def __init__(self, name: str, path: str, block: str):
        self.name, self.path, self.block = name, path, block
        self.parts: list[Part] = []
        self.starts: list[int] = []  # of each part its first node
        self.end = 0  # behind its last node
        self.aux = False
        self.reads: tuple[int, ...] = ()  # nodes outside that it takes, in order of their first use
        self.borrows: tuple[int, ...] = ()  # nodes outside whose weights it uses, no inputs of its
        self.result = -1  # the node that gives what the group gives
        self.output: int | None = None  # the same where it is not that of the last part

    @property
    def sources(self) -> tuple[int, ...]:
        """All nodes outside that its layers name."""
        return (*self.reads, *self.borrows)

    def leaves(self) -> Iterator[Leaf]:
        """Yield the layers inside, in order of execution."""
        for part in self.parts:
            yield from part.leaves()

    def steps(self, index: int) -> list[tuple[int, Part]]:
        """Return the way down to a node inside, each part with its place in its group.

        It ends at the outermost part that gives what the node gives.
        """
        found: list[tuple[int, Part]] = []
        here: Part = self
        while isinstance(here, Subtree):
            place = bisect_right(here.starts, index) - 1
            here = here.parts[place]
            found.append((place, here))
            if here.result == index and not (isinstance(here, Subtree) and here.spliced):
                break
        return found

    def reference(self, index: int) -> str:
        """Return how a node inside is called here."""
        return ".".join(
            part.name
            for _, part in self.steps(index)
            if not (isinstance(part, Subtree) and part.spliced)
        )

    def names(self) -> Iterator[str]:
        """Yield what is called by a name here."""
        for part in self.parts:
            if isinstance(part, Subtree) and part.spliced:
                yield from part.names()
            else:
                yield part.name

    def groups(self) -> Iterator[Subtree]:
        """Yield the groups inside and then itself, so that inner ones come first."""
        for part in self.parts:
            if isinstance(part, Subtree):
                yield from part.groups()
        yield self


Part = Leaf | Subtree


def can_be_key(name: str) -> bool:
    """Whether a mapping of layers has the name as a key; others, numbers too, a list has."""
    head = name.partition(".")[0]
    return LAYER.match(name) is not None and not name.isdigit() and head not in RESERVED


def tree(graph: Graph, inits: Sequence[Init]) -> Subtree:
    """Return the network as a group with an empty path; `inits` are the layers' own."""
    root = Subtree("", "", "")
    blocks = _blocks(graph)
    open_ = [root]
    for index, node in enumerate(graph.nodes):
        *outer, name = node.path.split(".")
        shared = 0
        while shared < min(len(outer), len(open_) - 1) and open_[shared + 1].name == outer[shared]:
            shared += 1
        del open_[shared + 1 :]
        for depth in range(shared, len(outer)):
            path = ".".join(outer[: depth + 1])
            group = Subtree(outer[depth], path, blocks.get(path, ""))
            open_[-1].starts.append(index)
            open_[-1].parts.append(group)
            open_.append(group)
        open_[-1].starts.append(index)
        open_[-1].parts.append(Leaf(name, index, node, inits[index]))
    for group in list(root.groups()):
        _separate(group)
    complete(graph, root)
    return root


def _blocks(graph: Graph) -> dict[str, str]:
    """Return by path what the block or the class of a group is called."""
    found: dict[str, str] = {}
    for node in graph.nodes:
        instance = node.instance
        while instance is not None and instance.path not in found:
            found[instance.path] = instance.block
            instance = instance.parent
    return found


def _separate(group: Subtree) -> None:
    """Give parts of one name names of their own, as no body has a name twice."""
    while _lift(group):
        pass
    _wrap(group)


def _lift(group: Subtree) -> bool:
    """Put the layers of groups of one name into the body around them; whether there are such."""
    names = Counter(part.name for part in group.parts)
    parts: list[Part] = []
    starts: list[int] = []
    for start, part in zip(group.starts, group.parts, strict=True):
        if names[part.name] == 1 or not _can_be_lifted(part):
            parts.append(part)
            starts.append(start)
            continue
        for inner in part.parts:
            inner.name = f"{part.name}.{inner.name}"
        parts += part.parts
        starts += part.starts
    changed = parts != group.parts
    group.parts, group.starts = parts, starts
    return changed


def _can_be_lifted(part: Part) -> TypeGuard[Subtree]:
    """Whether the layers of a group can stand in the body around it, under longer names."""
    if isinstance(part, Leaf) or any(leaf.aux for leaf in part.leaves()):
        return False
    return all(can_be_key(f"{part.name}.{inner.name}") for inner in part.parts)


def _wrap(group: Subtree) -> None:
    """Put parts of one name into flat groups of their own."""
    names = [part.name for part in group.parts]
    if len(set(names)) == len(names):
        return
    taken = set(names)
    for place, part in enumerate(group.parts):
        if names.count(part.name) == 1 and can_be_key(part.name):
            continue
        count = 1
        while f"part{count}_{part.name}" in taken:
            count += 1
        wrapper = Subtree(f"part{count}_{part.name}", group.path, "")
        taken.add(wrapper.name)
        wrapper.flat = True
        wrapper.parts, wrapper.starts = [part], [group.starts[place]]
        group.parts[place] = wrapper


def _readers(graph: Graph) -> dict[int, set[int]]:
    """Return by node those that read it; an output is read by a node behind the last."""
    found: dict[int, set[int]] = {}
    for index, node in enumerate(graph.nodes):
        for source in node.inputs:
            found.setdefault(source, set()).add(index)
    for index in (*graph.outputs, *graph.aux_outputs):
        found.setdefault(index, set()).add(len(graph.nodes))
    return found


def complete(graph: Graph, root: Subtree) -> None:
    """Put into every group what follows from its layers."""
    readers = _readers(graph)
    for group in root.groups():
        _complete(group, readers, graph.aux_outputs, group is root)


def _complete(
    group: Subtree, readers: dict[int, set[int]], aux_outputs: Sequence[int], is_root: bool
) -> None:
    """Put in what follows from the layers inside: what is read, and what is given."""
    inside = [leaf.index for leaf in group.leaves()]
    group.end = inside[-1] + 1
    within = range(inside[0], group.end)
    _complete_reads(group, within)
    main = [part for part in group.parts if not part.aux]
    heads = [index for index in aux_outputs if index in within]
    group.aux = not main and heads in ([], [group.parts[-1].result])
    if main or group.aux:
        group.result = (main or group.parts)[-1].result
    else:  # of several heads and nothing else: what arrives is passed on
        group.result = group.reads[0] if group.reads else NOTHING
    wanted = [i for i in inside if any(reader not in within for reader in readers.get(i, ()))]
    if not is_root and len(wanted) == 1 and wanted[0] != group.result:
        group.result = group.output = wanted[0]


def _complete_reads(group: Subtree, within: range) -> None:
    """Put in the nodes outside that the layers inside read, and whose weights they use."""
    reads: dict[int, None] = {}
    borrows: dict[int, None] = {}
    for leaf in group.leaves():
        reads.update(dict.fromkeys(i for i in leaf.node.inputs if i not in within))
        if leaf.node.shares is not None and leaf.node.shares not in within:
            borrows[leaf.node.shares] = None
    group.reads = tuple(reads)
    group.borrows = tuple(index for index in borrows if index not in reads)
