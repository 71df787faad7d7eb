"""How layers are named from where they are read."""

from __future__ import annotations

import re
from collections.abc import Mapping

from archprof.language.writing.tree import NOTHING, Part, Subtree

_DECIMAL = re.compile(r"\d+\.\d+\Z")  # a layer in a layer of a list, to YAML a number
INPUTS = "xyzuvw"  # what a block with several inputs calls them


class UnreachableError(Exception):
    """A layer reads what no name leads to from inside `group`, which must become a block."""

    def __init__(self, group: Subtree, hidden: bool):
        super().__init__(group.path)
        self.group = group
        self.hidden = hidden  # the block's own input, which a group in it hides


class NameScope:
    """A body whose parts are being written: what stands before the next, and what is outside.

    Of the groups that are written at once, `group` is the one whose nodes the parts name, and
    `here` the one that stands in the body outside.
    """

    def __init__(
        self,
        group: Subtree,
        source: int,
        inputs: Mapping[int, str],
        outer: NameScope | None = None,
        here: Subtree | None = None,
    ):
        self.group, self.outer, self.here = group, outer, here or group
        self.source, self.inputs = source, inputs  # what arrives, and the names of a block's inputs
        self.previous = source
        self.own = {name.partition(".")[0] for name in group.names()}
        self.trail: tuple[str, ...] = (*outer.trail, group.name) if outer else ()

    def inside(self, group: Subtree, here: Subtree) -> NameScope:
        """Return the scope of a group in this one, which takes what it reads first."""
        return NameScope(group, group.reads[0] if group.reads else NOTHING, {}, self, here)

    def place(self, name: str) -> str:
        """Return where a part is in its block, for the names of parameters."""
        return "_".join((*self.trail, name)).strip("_")

    def passed(self, part: Part) -> None:
        """Note that a part is written, so that the next one takes what it gives."""
        if part.result != NOTHING and (self.group.aux or not part.aux):
            self.previous = part.result

    def name(self, index: int) -> str:
        """Return the reference to a node. Raises UnreachableError."""
        hidden: set[str] = set()
        scope = self
        while True:
            found = scope._here(index, innermost=scope is self)
            if found and found.partition(".")[0] not in hidden:
                return f"'{found}'" if _DECIMAL.match(found) else found
            hidden |= scope.own
            if scope.outer is None or scope.contains(index):
                break
            index = scope.here.sources[scope.group.sources.index(index)]
            scope = scope.outer
        is_input = scope is not self and index == scope.source and scope.group.path != ""
        raise UnreachableError(scope.group if is_input else self.group, is_input)

    def contains(self, index: int) -> bool:
        """Whether a node is one of this body's, or of what is in it."""
        return self.group.starts[0] <= index < self.group.end

    def _here(self, index: int, innermost: bool) -> str:
        """Return the reference from this body, "" where it has no name for the node."""
        if index in self.inputs:
            return self.inputs[index]
        if index == self.source:
            return "input" if innermost else ""
        if not self.contains(index):
            return ""
        return self.group.reference(index)


def input_names(group: Subtree, wanted: bool) -> dict[int, str]:
    """Return what a block calls its inputs; nothing where it has one that needs no name."""
    if len(group.sources) < 2 and not wanted:
        return {}
    taken = {part.name for inner in group.groups() for part in inner.parts}
    free = [name for name in INPUTS if name not in taken]
    count = 0
    while len(free) < len(group.sources):
        count += 1
        if f"x{count}" not in taken:
            free.append(f"x{count}")
    return dict(zip(group.sources, free, strict=False))
