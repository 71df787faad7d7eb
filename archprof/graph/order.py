"""What is wrong with an order of execution.

Layers that nobody needs, and tensors overwritten before they are read.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain

from archprof.graph.dropped import unused
from archprof.graph.graph import Graph, Node
from archprof.graph.storage import INPUT, WEIGHT, storages
from archprof.problem import Problem


def reachable(nodes: Sequence[Node], ends: Iterable[int]) -> set[int]:
    """Return the nodes that any of `ends` depends on, themselves included."""
    wanted = set(ends)
    for i in range(len(nodes) - 1, -1, -1):
        if i in wanted:
            wanted.update(nodes[i].inputs)
    return wanted - {-1}


def structure_problems(graph: Graph) -> list[Problem]:
    """Return the faults of a graph whose layers are all right.

    These are layers whose output nobody uses or that inference does not have, and in-place ops over
    what is read later.
    """
    return [*_auxiliary(graph), *_unused(graph), *_overwritten(graph)]


def _auxiliary(graph: Graph) -> Iterator[Problem]:
    nodes, hint = graph.nodes, "an auxiliary head exists in training only"
    if not any(node.aux for node in nodes):
        return
    for node in nodes:
        if node.aux:
            continue
        for source in node.inputs:
            if source >= 0 and nodes[source].aux:
                yield _problem(
                    node,
                    "aux",
                    f"`{node.path}` reads `{nodes[source].path}` of an auxiliary head",
                    hint,
                )
        if node.shares is not None and nodes[node.shares].aux:
            yield _problem(
                node,
                "aux",
                f"`{node.path}` shares the weights of `{nodes[node.shares].path}`, an auxiliary"
                " head",
                hint,
            )
    for i in graph.outputs:
        if i >= 0 and nodes[i].aux:
            yield Problem(
                nodes[i].mark,
                "aux",
                f"the output `{nodes[i].path}` belongs to an auxiliary head",
                hint,
            )


def _unused(graph: Graph) -> Iterator[Problem]:
    used = reachable(graph.nodes, (*graph.outputs, *graph.aux_outputs))
    left = [i for i in range(len(graph.nodes)) if i not in used]
    return unused(left, graph.nodes, graph.dropped)


def _overwritten(graph: Graph) -> Iterator[Problem]:
    """Yield each in-place op that overwrites what is read after it.

    In evaluation, which shares all that training shares, and more.
    """
    nodes = graph.nodes
    if not _others_read(graph):
        return
    owner = storages(graph, batch=1).owner
    written: dict[int, int] = {}  # memory -> the in-place node that wrote it last
    for i, node in enumerate(nodes):
        for _, writer in _written_since(node.inputs, owner, written):
            yield _overwriting(nodes[writer], f"what `{node.path}` reads after it")
        if node.facts.storage != "inplace":
            continue
        if owner[i] == WEIGHT:
            yield _overwriting_weights(node, _origin(nodes, i))
        else:
            written[owner[i]] = i
    for output, writer in _written_since((*graph.outputs, *graph.aux_outputs), owner, written):
        path = nodes[output].path if output >= 0 else "input"
        yield _overwriting(nodes[writer], f"the output `{path}`")


def _others_read(graph: Graph) -> bool:
    """Return whether anything else may read the memory that an in-place op overwrites."""
    nodes = graph.nodes
    read = chain.from_iterable(node.inputs for node in nodes)
    readers = Counter(chain(read, graph.outputs, graph.aux_outputs))
    return any(
        node.facts.storage == "inplace" and not _alone(node, nodes, readers) for node in nodes
    )


def _written_since(
    tensors: Iterable[int], owner: Sequence[int], written: Mapping[int, int]
) -> Iterator[tuple[int, int]]:
    """Yield those of the tensors that are older than the last write to their memory, with the
    node that wrote.
    """
    for tensor in tensors:
        writer = written.get(owner[tensor] if tensor >= 0 else INPUT)
        if writer is not None and tensor < writer:
            yield tensor, writer


def _alone(node: Node, nodes: Sequence[Node], readers: Mapping[int, int]) -> bool:
    """Return whether nothing but this node reads its first input, and what that shares its memory
    with.
    """
    source = node.inputs[0]
    while source >= 0 and readers[source] == 1:
        given = nodes[source]
        if given.facts.storage == "new":
            return True
        if given.op.constant or not given.inputs:  # it is weights
            return False
        source = given.inputs[0]
    return False


def _origin(nodes: Sequence[Node], index: int) -> Node:
    """Return the node whose weights this one's memory is."""
    while nodes[index].inputs and not nodes[index].op.constant:
        index = nodes[index].inputs[0]
    return nodes[index]


def _overwriting(writer: Node, what: str) -> Problem:
    return Problem(
        writer.mark,
        "in-place",
        f"`{writer.path}` overwrites in place {what}",
        "remove its `inplace: true`",
    )


def _overwriting_weights(writer: Node, origin: Node) -> Problem:
    return _problem(
        writer,
        "in-place",
        f"`{writer.path}` overwrites in place the weights of `{origin.path}`",
        "remove its `inplace: true`",
    )


def _problem(node: Node, rule: str, message: str, hint: str) -> Problem:
    return Problem(node.mark, rule, message, hint, node.instance.chain() if node.instance else ())
