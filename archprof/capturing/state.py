"""The parameters and buffers of a tape: their names, and which layer counts each."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from archprof.capturing.call import own_itemsize
from archprof.capturing.tape import Tape
from archprof.graph.graph import Node
from archprof.ops.answers import Weight
from archprof.ops.base import Op, Shape


class HeldWeights:
    """A network's state dict; each weight is counted once, by the layer that uses it first.

    A weight is named by the number of its tensor on the tape.
    """

    def __init__(self, tape: Tape):
        self.tape = tape
        self.paid: dict[int, int] = {}  # by weight the node that counts it
        self.names: dict[int, list[str]] = {}  # by weight its names, the first one first
        for name, weight in tape.weights.items():
            self.names.setdefault(weight.value, []).append(name)

    def name(self, number: int) -> str:
        """Return the first name of a weight."""
        return self.names[number][0]

    def name_within(self, number: int, path: str) -> str | None:
        """Return a weight's name within a module, None where it is not the module's own."""
        prefix = f"{path}." if path else ""
        for name in self.names[number]:
            if name.startswith(prefix) and "." not in name[len(prefix) :]:
                return name[len(prefix) :]
        return None

    def weight(self, number: int) -> Weight:
        """Return a weight as an op answers with it."""
        tensor = self.tape.tensors[number]
        weight = self.tape.weights[self.name(number)]
        return Weight(tensor.shape, weight.trainable, own_itemsize(tensor.dtype), weight.persistent)

    def place(
        self, op: Op, shapes: tuple[Shape, ...], used: Sequence[int], module: str = ""
    ) -> str | None:
        """Return the path at which the state dict has exactly the weights of an op, these among
        them; None where there is none. Of several paths, that of the `module` at work.
        """
        prefix = f"{module}."
        for name in sorted(self.names[used[0]], key=lambda name: not name.startswith(prefix)):
            path = name if "" in op.weights(*shapes) else name.rpartition(".")[0]
            if self.holds(op, shapes, path, used):
                return path
        return None

    def holds(self, op: Op, shapes: tuple[Shape, ...], path: str, used: Iterable[int]) -> bool:
        """Whether the state dict has at `path` exactly the weights of an op, these among them, and
        one layer counts them all or none does yet.
        """
        numbers = set()
        for full, weight in _full_names(op, shapes, path):
            found = self.tape.weights.get(full)
            if found is None or self.tape.tensors[found.value].shape != weight.shape:
                return False
            if found.trainable != weight.trainable:
                return False
            if own_itemsize(self.tape.tensors[found.value].dtype) != weight.itemsize:
                return False  # such as weights of int8, which no op has
            numbers.add(found.value)
        return set(used) <= numbers and len({self.paid.get(number) for number in numbers}) < 2

    def pay(self, op: Op, shapes: tuple[Shape, ...], path: str, node: int) -> dict[int, str]:
        """Write down that a node counts the weights of its op, at `path`, and return their names
        within it.
        """
        numbers = [self.tape.weights[full].value for full, _ in _full_names(op, shapes, path)]
        self.paid.update(dict.fromkeys(numbers, node))
        return dict(zip(numbers, op.weights(*shapes), strict=True))

    def remarks(self, nodes: Sequence[Node], weights: Sequence[int]) -> tuple[str, ...]:
        """Return what there is to say of weights: where they are counted already."""
        return tuple(
            f"`{self.name(number)}` is counted in `{nodes[self.paid[number]].path}`"
            for number in weights
            if number in self.paid
        )

    def unpaid(self) -> dict[str, dict[str, Weight]]:
        """Return the weights that no layer counts, by module and name; those of the network itself
        have no module.
        """
        left: dict[str, dict[str, Weight]] = {}
        for name, weight in self.tape.weights.items():
            if weight.value in self.paid or weight.same_as:
                continue
            path, _, leaf = name.rpartition(".")
            if not path:
                path, leaf = name, ""
            left.setdefault(path, {})[leaf] = self.weight(weight.value)
        return left


def _full_names(op: Op, shapes: tuple[Shape, ...], path: str) -> Iterator[tuple[str, Weight]]:
    """Yield the weights of an op by their names in the state dict of a network that has it at
    `path`.
    """
    prefix = f"{path}." if path else ""
    for name, weight in op.weights(*shapes).items():
        yield (prefix + name if name else path), weight


def with_frozen_weights(nodes: Sequence[Node], state: HeldWeights) -> tuple[Node, ...]:
    """Return the layers, each with the names of its parameters that are frozen."""
    frozen: dict[int, set[str]] = {}
    for number, index in state.paid.items():
        if state.tape.weights[state.name(number)].frozen:
            own = nodes[index].facts.trainable
            frozen.setdefault(index, set()).update(_names_at(nodes[index], own, state, number))
    found: list[Node] = []
    for i, node in enumerate(nodes):
        names = frozenset(frozen.get(i, ()))
        if node.shares is not None:
            names = found[node.shares].frozen
        found.append(node._replace(frozen=names) if names else node)
    return tuple(found)


def _names_at(node: Node, own: Iterable[str], state: HeldWeights, number: int) -> Iterator[str]:
    """Yield which of the parameters of a layer a weight is."""
    shape = state.tape.tensors[number].shape
    for name in own:
        same = any(full == name or full.endswith(f".{name}") for full in state.names[number])
        if (not name or same) and node.facts.weights[name].shape == shape:
            yield name
