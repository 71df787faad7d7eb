"""A block, a group or a network that uses the weights of another one, layer by layer."""

from __future__ import annotations

from itertools import zip_longest
from typing import Any

from archprof import units
from archprof.graph.graph import Facts
from archprof.language.document import Layer
from archprof.language.expand.frame import Frame, Inside, Result
from archprof.language.expand.nodes import Nodes
from archprof.language.expand.references import owner_of, why
from archprof.language.expand.values import Values
from archprof.ops.base import shown
from archprof.record import Record

_ALIKE = "both need the same layers with weights: use one block with the same values"


class _Mismatch(Record):
    """Why weights cannot be shared, and the way out."""

    message: str
    hint: str


class Sharing:
    """Gives the layers of a block, a group or a network the weights of those of another one."""

    def __init__(self, nodes: Nodes, values: Values):
        self.nodes, self.values, self.complaints = nodes, values, values.complaints

    def share(self, layer: Layer, frame: Frame, place: Inside, turn: int | None) -> None:
        """Let what a layer has built, at `place`, use the weights that its `share` names.

        Complain where there are none, or of the first layer that differs. `turn` is that of a
        repeat. Raises LayerFailed where the `share` leads nowhere.
        """
        if layer.share is None:
            return
        owner = owner_of(layer.share, frame, self.values)
        if owner is None or None in owner.outputs or (turn and _turns_differ(owner, frame)):
            return  # which is noted already
        found = self._of_turn(owner, frame, turn)
        fault = self._shared(place, found) if isinstance(found, Inside) else found
        if fault is not None:
            message = f"`{place.path}` cannot share the weights of `{layer.share}`: {fault.message}"
            self.complaints.add(layer.share.mark, "share", message, fault.hint, frame.instance)

    def _of_turn(self, owner: Result, frame: Frame, turn: int | None) -> Inside | _Mismatch:
        """Return where the weights are; of a repeat those of the turn of the same number."""
        if owner.dropped is not None:
            return _Mismatch(f"{why(owner.dropped)} drops it", "share with a layer that is there")
        if owner.turns:
            if turn is None:
                hint = "name one of its turns, in a mapping `NAME.0`"
                return _Mismatch("it is a repeat, and this is none", hint)
            if _turns_differ(owner, frame):
                ours, theirs = frame.scope["count"], len(owner.turns)
                hint = "repeat both as often, or name one of its turns, in a mapping `NAME.0`"
                return _Mismatch(f"that has {theirs} turns, this {ours}", hint)
            owner = owner.turns[turn]
        if owner.place is None:
            hint = "a block, a group or a network shares with another one, an op with an op"
            return _Mismatch("it has no layers inside", hint)
        return owner.place

    def _shared(self, ours: Inside, theirs: Inside) -> _Mismatch | None:
        """Share weight by weight, and return the first layer that differs, None where none does."""
        if not (ours.sound and theirs.sound):
            return None  # what is wrong inside is noted already
        nodes = self.nodes.list
        taken: dict[int, int] = {}
        for own, other in zip_longest(self._with_weights(ours), self._with_weights(theirs)):
            if own is None:
                return _Mismatch(f"`{nodes[other].path}` has no match here", _ALIKE)
            if other is None:
                return _Mismatch(f"`{nodes[own].path}` has no match there", _ALIKE)
            node, owner = nodes[own], nodes[other]
            if ours.inner(node.path) != theirs.inner(owner.path):
                return _Mismatch(f"`{node.path}` stands where that has `{owner.path}`", _ALIKE)
            difference = differing(node.facts, owner.facts)
            if difference:
                return _Mismatch(f"`{node.path}` {difference} (`{owner.path}`)", _ALIKE)
            target = other if owner.shares is None else owner.shares
            if node.shares is not None and taken.get(node.shares, node.shares) != target:
                return _Mismatch(
                    f"`{node.path}` shares with another layer than `{owner.path}`", _ALIKE
                )
            taken[own] = target
            nodes[own] = node._replace(shares=target, frozen=nodes[target].frozen)
        return None

    def _with_weights(self, place: Inside) -> list[int]:
        return [index for index in place.layers if self.nodes.list[index].facts.weights]


def _turns_differ(owner: Result, frame: Frame) -> bool:
    """Whether a repeat shares with another one that has more turns, or fewer."""
    return bool(owner.turns) and frame.scope["count"] != len(owner.turns)


def differing(ours: Facts, theirs: Facts) -> str:
    """Return how a layer differs from one whose weights it shall use, as a sentence's middle.

    It is empty where torch can use one module for both: the same op, settings and weights.
    """
    if ours.op.name != theirs.op.name:
        return f"is {ours.op.name}, and that is {theirs.op.name}"
    for name in ours.op.settings:
        own, other = getattr(ours.op, name), getattr(theirs.op, name)
        if own != other:
            return f"has {name} {_said(own)}, and that has {_said(other)}"
    for name, weight in ours.weights.items():
        other = theirs.weights[name]
        if weight != other:
            own_shape, other_shape = units.shape(weight.shape), units.shape(other.shape)
            called = f"`{name}`" if name else "weights"
            return f"has {called} of {own_shape}, and that of {other_shape}"
    return ""


def _said(value: Any) -> str:
    """Return a setting's value as a spec has it."""
    return shown(list(value) if isinstance(value, tuple) else value)
