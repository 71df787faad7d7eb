"""What to say of layers that `when` drops: a name that leads nowhere, a branch that is cut off."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Protocol

from archprof.graph.graph import Dropped, Node
from archprof.language.document import Layer
from archprof.language.pieces import RESERVED
from archprof.problem import Problem, nearest

MAX_SEARCHED = 10_000  # nodes


class Named(Protocol):
    """What a name stands for; `dropped` where no layer does."""

    @property
    def dropped(self) -> Layer | None: ...


def why(layer: Layer) -> str:
    """Return what drops the layer, as a message puts it."""
    return "its `when`" if layer.when is not None else "a `repeat` of 0"


def absent(part: str, at: str, layer: Layer) -> tuple[str, str]:
    """Return message and hint for a layer that is looked for inside a dropped one."""
    return f"there is no `{part}` in `{at}`: {why(layer)} drops `{at}`", "a dropped layer passes its input on and has no layers inside"


def missing(part: str, at: str, names: Mapping[str, Named], unnumbered: Sequence[Layer]) -> tuple[str, str]:
    """Return message and hint for a name that is none of `names`; `at` is the layer it was looked for in, "" for the body itself."""
    message = f"there is no `{part}` in `{at}`" if at else f"there is no layer `{part}` here"
    if unnumbered and part.isdigit():
        lines = ", ".join(f"{layer.mark.line}" for layer in unnumbered[:4])
        what = f"the entry of line {lines} is" if len(unnumbered) == 1 else f"the entries of lines {lines} are"
        return f"{message}: {what} dropped, and what is dropped takes no number", "give the entry a `name`: a name is known even where its layer is dropped"
    if at and not names:
        return message, "it has no layers inside"
    known = [name for name, result in names.items() if result.dropped is None and (at or name not in RESERVED)]
    return message, nearest(part, known, "layers in it" if at else "names")


def unused(left: Sequence[int], nodes: Sequence[Node], dropped: Sequence[Dropped]) -> Iterator[Problem]:
    """Yield the problem of each node that no output depends on; where a dropped merge would have read it, that is the cause."""
    cut = {lost: merge for merge in reversed(dropped) for lost in merge.lost}
    for i in reversed(left):
        if i in cut:
            for source in nodes[i].inputs:
                cut.setdefault(source, cut[i])
    for i in left:
        node = nodes[i]
        message, hint = f"nothing uses the output of `{node.path}`", "name it in a `from`, or remove it"
        if (merge := cut.get(i)) is not None:
            message += (f": {called(merge)} (line {merge.layer.mark.line}) is dropped by {why(merge.layer)} and passes on only "
                        f"{shown(merge.kept, nodes)}, the first of its `from`")
            hint = "name first in that `from` what is to go on, or drop this layer as well"
        yield Problem(node.layer.mark, "unused", message, hint, node.instance.chain() if node.instance else ())


def called(merge: Dropped) -> str:
    """Return the dropped layer as a message calls it."""
    return f"`{merge.path}`" if merge.path else "a layer"


def shown(index: int, nodes: Sequence[Node]) -> str:
    """Return a node, or the network's input, as a message calls it."""
    return f"`{nodes[index].path}`" if index >= 0 else "`input`"


def goes_on(index: int, kept: int, nodes: Sequence[Node]) -> bool:
    """Return whether `kept` is, or depends on, the node `index`; also where that is too far to look.

    The inputs of a node always stand above it. Everything depends on the network's input.
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
