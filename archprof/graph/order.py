"""Who uses what until when: last uses and shared storage along the order of execution."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from archprof.graph.dropped import unused
from archprof.graph.graph import Dropped, Node
from archprof.problem import Problem


def storages(nodes: Sequence[Node], training: bool = False) -> list[int]:
    """For each node the node that owns its memory: itself, or for a view or an in-place op that of its first input (-1: the network's input)."""
    owner: list[int] = []
    for i, node in enumerate(nodes):
        kind = node.facts.training_storage if training else node.facts.storage
        if kind == "new" or not node.inputs or node.op.constant:
            owner.append(i)
        else:
            first = node.inputs[0]
            owner.append(owner[first] if first >= 0 else -1)
    return owner


def last_uses(nodes: Sequence[Node], indices: Iterable[int], outputs: Iterable[int]) -> dict[int, int]:
    """For each storage the last of `indices` that reads or writes it; an output lives to the end (the number of nodes)."""
    owner = storages(nodes)
    last: dict[int, int] = {}
    for i in indices:
        for source in nodes[i].inputs:
            last[owner[source] if source >= 0 else -1] = i
        last[owner[i]] = i
    for i in outputs:
        last[owner[i] if i >= 0 else -1] = len(nodes)
    return last


def reachable(nodes: Sequence[Node], ends: Iterable[int]) -> set[int]:
    """The nodes that any of `ends` depends on, themselves included."""
    wanted = {i for i in ends if i >= 0}
    for i in range(len(nodes) - 1, -1, -1):
        if i in wanted:
            wanted.update(s for s in nodes[i].inputs if s >= 0)
    return wanted


def structure_problems(nodes: Sequence[Node], outputs: Sequence[int], aux_outputs: Sequence[int], dropped: Sequence[Dropped] = ()) -> list[Problem]:
    """Layers whose output nobody uses or that inference does not have, and in-place ops that overwrite what a later layer still reads."""
    problems = []
    ends = (*outputs, *aux_outputs)
    used = reachable(nodes, ends)
    hint = "an auxiliary head exists in training only"
    for node in nodes:
        for source in () if node.aux else node.inputs:
            if source >= 0 and nodes[source].aux:
                problems.append(Problem(node.layer.mark, "aux", f"`{node.path}` reads `{nodes[source].path}` of an auxiliary head", hint,
                                        node.instance.chain() if node.instance else ()))
        if not node.aux and node.shares is not None and nodes[node.shares].aux:
            problems.append(Problem(node.layer.mark, "aux", f"`{node.path}` shares the weights of `{nodes[node.shares].path}`, an auxiliary head", hint,
                                    node.instance.chain() if node.instance else ()))
    for i in outputs:
        if i >= 0 and nodes[i].aux:
            problems.append(Problem(nodes[i].layer.mark, "aux", f"the output `{nodes[i].path}` belongs to an auxiliary head", hint))
    left = [i for i in range(len(nodes)) if i not in used]
    problems += unused(left, nodes, dropped)
    owner = storages(nodes)
    written: dict[int, int] = {}  # storage -> the in-place node that wrote it last
    for i, node in enumerate(nodes):
        if node.facts.storage == "inplace" and (held := owner[i]) >= 0 and nodes[held].facts.storage == "view":  # of its own weights
            problems.append(Problem(node.layer.mark, "in-place", f"`{node.path}` overwrites in place the weights of `{nodes[held].path}`",
                                    "remove its `inplace: true`", node.instance.chain() if node.instance else ()))
        for source in node.inputs:
            place = owner[source] if source >= 0 else -1
            writer = written.get(place)
            if writer is not None and source < writer:  # the value read is older than the write
                problems.append(Problem(nodes[writer].layer.mark, "in-place",
                                        f"`{nodes[writer].path}` overwrites in place what `{node.path}` reads after it", "remove its `inplace: true`"))
        if node.facts.storage == "inplace":
            written[owner[i]] = i
    for i in ends:
        writer = written.get(owner[i] if i >= 0 else -1)
        if writer is not None and i < writer:
            output = nodes[i].path if i >= 0 else "input"
            problems.append(Problem(nodes[writer].layer.mark, "in-place",
                                    f"`{nodes[writer].path}` overwrites in place the output `{output}`", "remove its `inplace: true`"))
    return problems

