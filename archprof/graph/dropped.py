"""Branches that are cut off where a layer with several inputs is left out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from archprof.graph.graph import Dropped, Node
from archprof.problem import Problem

MAX_SEARCHED = 10_000  # nodes


def unused(
    left: Sequence[int], nodes: Sequence[Node], dropped: Sequence[Dropped]
) -> Iterator[Problem]:
    """Yield the problem of each node that no output depends on.

    Where a dropped merge would have read it, that is the cause.
    """
    cut = {lost: merge for merge in reversed(dropped) for lost in merge.lost}
    for i in reversed(left):
        if i in cut:
            for source in nodes[i].inputs:
                cut.setdefault(source, cut[i])
    for i in left:
        node = nodes[i]
        message, hint = (
            f"nothing uses the output of `{node.path}`",
            "name it in a `from`, or remove it",
        )
        if (merge := cut.get(i)) is not None:
            message += (
                f": {called(merge)} (line {merge.mark.line}) is dropped by {merge.cause} and passes"
                f" on only {shown(merge.kept, nodes)}, the first of its `from`"
            )
            hint = "name first in that `from` what is to go on, or drop this layer as well"
        yield Problem(
            node.mark, "unused", message, hint, node.instance.chain() if node.instance else ()
        )


def called(merge: Dropped) -> str:
    """Return the dropped layer as a message calls it."""
    return f"`{merge.path}`" if merge.path else "a layer"


def shown(index: int, nodes: Sequence[Node]) -> str:
    """Return a node, or the network's input, as a message calls it."""
    return f"`{nodes[index].path}`" if index >= 0 else "`input`"


def goes_on(index: int, kept: int, nodes: Sequence[Node]) -> bool:
    """Whether `kept` is, or depends on, the node `index`; also where that is too far to look.

    The inputs of a node come before it. Everything depends on the network's input.
    """
    waiting: list[int] = [kept]
    seen: set[int] = set()
    while waiting and index >= 0 and len(seen) < MAX_SEARCHED:
        node = waiting.pop()
        if node == index:
            return True
        if node > index and node not in seen:
            seen.add(node)
            waiting += nodes[node].inputs
    return bool(waiting) or index < 0
