"""Which parts of a network can be checkpointed: run again in the backward pass from their input."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from fnmatch import fnmatchcase

from archprof import units
from archprof.graph.graph import Graph, Node
from archprof.graph.storage import INPUT, storages
from archprof.problem import MAX_PROBLEMS, Mark, Problem, ProblemError, nearest

Part = tuple[int, ...]
Plan = tuple[tuple[Part, bool], ...]
"""Parts that follow one another, all nodes together, and which of them run again."""

NAMED = 3  # layers that a message names


def cut_points(graph: Graph) -> list[int]:
    """Return the nodes after which one value alone is still read, by nodes, and stays as it is."""
    return [index for index, _ in Flow(graph).cuts()]


def parts(graph: Graph) -> list[Part]:
    """Return the parts between cut points, in the order of execution."""
    return [part for part, _ in Flow(graph).chain()]


class Flow:
    """Who reads and who overwrites which value of a network in training, auxiliary heads included.

    The value -1 is the network's input.
    """

    def __init__(self, graph: Graph) -> None:
        self.graph = graph.training or graph
        self.nodes = self.graph.nodes
        self.readers: dict[int, list[int]] = {}
        for index, node in enumerate(self.nodes):
            for source in node.inputs:
                self.readers.setdefault(source, []).append(index)
        self.outputs = {*self.graph.outputs, *self.graph.aux_outputs}
        self.called_modules = graph.network.called_modules
        self.prefixes = [prefixes(node.path) for node in self.nodes]
        self.sizes = Counter(path for found in self.prefixes for path in found)
        self.owner = storages(self.graph, 2, training=True).owner
        self.writers: dict[int, int] = {}  # by memory the last node that writes into it in place
        for index, node in enumerate(self.nodes):
            if node.facts.training_storage == "inplace":
                self.writers[self.owner[index]] = index

    def writer(self, value: int) -> int:
        """Return the last node that overwrites a value, -1 for none."""
        return self.writers.get(self.owner[value] if value >= 0 else INPUT, -1)

    def chain(self) -> list[tuple[Part, int]]:
        """Return the parts between cut points, each with the value that it begins with."""
        cuts = [(-1, -1), *self.cuts()]
        ends = [*(index + 1 for index, _ in cuts[1:]), len(self.nodes)]
        return [
            (tuple(range(index + 1, end)), value)
            for (index, value), end in zip(cuts, ends, strict=True)
        ]

    def cuts(self) -> list[tuple[int, int]]:
        """Return the nodes after which one value alone is still read, with that value."""
        changes = [0] * (len(self.nodes) + 1)  # how many values are read later, as a difference
        numbers = [0] * (len(self.nodes) + 1)  # the sum of those values
        for value, readers in self.readers.items():
            start, end = max(value, 0), readers[-1]
            changes[start] += 1
            changes[end] -= 1
            numbers[start] += value
            numbers[end] -= value
        found, alive, value = [], 0, 0
        for index in range(len(self.nodes) - 1):
            alive += changes[index]
            value += numbers[index]
            if alive == 1 and self.writer(value) <= index:
                found.append((index, value))
        return found

    def sources(self, part: Sequence[int]) -> list[int]:
        """Return the values from before a part that its nodes read."""
        return sorted({s for i in part for s in self.nodes[i].inputs if s < part[0]})

    def results(self, part: Sequence[int]) -> list[int]:
        """Return the values of a part that somebody reads behind it, or the loss."""
        end = part[-1]
        return [i for i in part if i in self.outputs or self.readers.get(i, [-1])[-1] > end]

    def fault(self, part: Sequence[int], name: str = "") -> Problem | None:
        """Return why a part cannot be one checkpoint, None where it can.

        It has one input that nobody overwrites from its first layer on, and of its values only the
        last is read outside.
        """
        first = self.nodes[part[0]]
        called = f"`{name or first.path}`"
        sources = self.sources(part)
        if len(sources) != 1:
            message = f"{called} cannot run again: it has {len(sources)} inputs"
            message += f", {self._named(sources)}" if sources else ""
            return _problem(first, message, "name a block around it, or take `--checkpoint auto`")
        writer = self.writer(sources[0])
        if writer >= part[0]:
            message = (
                f"{called} cannot run again from its input {self._named(sources)}:"
                f" {self._named([writer])} overwrites it in place"
            )
            return _problem(first, message, "remove its `inplace: true`, or name a block around it")
        beside = [i for i in self.results(part) if i != part[-1]]
        if beside:
            message = (
                f"{called} cannot be one checkpoint: beside its last layer"
                f" {self._named(part[-1:])}, {self._named(beside)} is read outside it"
            )
            return _problem(first, message, "name a block around its readers, or one inside it")
        return None

    def _named(self, values: Sequence[int]) -> str:
        names = [f"`{self.nodes[i].path}`" if i >= 0 else "the image" for i in values]
        return units.some(names, NAMED)


def _problem(node: Node, message: str, hint: str) -> Problem:
    chain = node.instance.chain() if node.instance else ()
    return Problem(node.mark, "checkpoint", message, hint, chain)


def block_parts(graph: Graph, pattern: str) -> Plan:
    """Return the plan in which every use of a block is one checkpoint.

    `pattern`: a block's name in the spec, or a class of a captured module (`bottleneck`); else a
    pattern of paths (`layer3.*`), of which the outermost counts. Raises ProblemError where nothing
    is called so, and with every block that is not a safe part.
    """
    flow = Flow(graph)
    found = _uses(flow.nodes, pattern)
    if not found:
        known = sorted({block for node in flow.nodes for block in _blocks(node)})
        message = f"{graph.network.name} has no block and no path `{pattern[:60]}`"
        hint = nearest(pattern, known, "blocks") or "a path is written as `layer3.*`"
        raise ProblemError.of(Mark("--checkpoint"), "checkpoint", message, hint)
    faults = [fault for name, part in found if (fault := flow.fault(part, name)) is not None]
    if faults:
        raise ProblemError(faults[:MAX_PROBLEMS])
    return completed(len(flow.nodes), (part for _, part in found))


def completed(nodes: int, again: Iterable[Part]) -> Plan:
    """Return the plan of so many nodes in which these parts run again, and all between them not."""
    plan: list[tuple[Part, bool]] = []
    at = 0
    for part in again:
        if part[0] > at:
            plan.append((tuple(range(at, part[0])), False))
        plan.append((part, True))
        at = part[-1] + 1
    if at < nodes:
        plan.append((tuple(range(at, nodes)), False))
    return tuple(plan)


def _blocks(node: Node) -> Iterable[str]:
    instance = node.instance
    while instance is not None:
        if instance.block:
            yield instance.block
        instance = instance.parent


def _uses(nodes: Sequence[Node], pattern: str) -> list[tuple[str, Part]]:
    """Return the name and the nodes of every use of a block, in the order of execution."""
    by_name = any(pattern in _blocks(node) for node in nodes)
    found: list[tuple[str, list[int]]] = []
    previous: object = None
    for index, node in enumerate(nodes):
        key = _use_by_name(node, pattern) if by_name else _use_by_path(node, pattern)
        if key is not None and key[1] == previous:
            found[-1][1].append(index)
        elif key is not None:
            found.append((key[0], [index]))
        previous = key[1] if key is not None else None
    return [(name, tuple(part)) for name, part in found]


def _use_by_name(node: Node, block: str) -> tuple[str, object] | None:
    """Return the path and the identity of the outermost use of a block that a node is in."""
    found = None
    instance = node.instance
    while instance is not None:
        if instance.block == block:
            found = instance
        instance = instance.parent
    return (found.path, id(found)) if found is not None else None


def _use_by_path(node: Node, pattern: str) -> tuple[str, object] | None:
    found = next((path for path in prefixes(node.path) if fnmatchcase(path, pattern)), None)
    return None if found is None else (found, found)


def prefixes(path: str) -> list[str]:
    """Return the paths that a layer's lies in, the outermost first, itself last."""
    words = path.split(".")
    return [".".join(words[:count]) for count in range(1, len(words) + 1)]


def modules(flow: Flow, part: Sequence[int]) -> tuple[str, ...]:
    """Return the modules that a part is, each called with what the one before it gives; empty where
    it is none. Blocks and groups of a specification are taken for modules, as they are in the
    implementation that its paths are of.
    """
    found: list[str] = []
    at, end = part[0], part[-1]
    while at <= end:
        path = _module_from(flow, at, end)
        if path is None:
            return ()
        found.append(path)
        at += flow.sizes[path]
    return tuple(found)


def _module_from(flow: Flow, start: int, end: int) -> str | None:
    """Return the outermost module that begins with a node, ends before another one, and takes one
    value and gives one.
    """
    for path in flow.prefixes[start]:
        last = start + flow.sizes[path] - 1
        inside = range(start, last + 1)
        if last > end or not all(path in flow.prefixes[i] for i in inside):
            continue
        sources = flow.sources(inside)
        if len(sources) != 1 or flow.results(inside) != [last]:
            continue
        if _is_called(flow, path, sources[0], last):
            return path
    return None


def _is_called(flow: Flow, path: str, source: int, last: int) -> bool:
    """Return whether there is a module of a path, which takes one value and gives another.

    A specification says little of it. A view is mostly a function; and where a block's last layer
    puts what it computes beside its input, as DenseNet's do, implementations hand on a list.
    """
    if flow.called_modules is not None:
        return path in flow.called_modules
    node = flow.nodes[last]
    if path == node.path:
        return node.op.is_module and node.facts.training_storage != "view"
    grows = math.prod(node.output) > math.prod(flow.graph.shape_of(source))
    return not (grows and source in node.inputs)
