"""What is asked, from the command line: a memory, and a network at one or several inputs."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from archprof.allowance import share
from archprof.cli.options import whole
from archprof.cli.ranges import inputs as listed_inputs
from archprof.cli.ranges import refused
from archprof.commands.fit.space_rows import SpaceRows, networks_of, space_rows
from archprof.graph.graph import Graph
from archprof.language.network import Network
from archprof.ops.base import Shape
from archprof.problem import ProblemError
from archprof.targets import changed, graph_of, source
from archprof.units import shape as written

if TYPE_CHECKING:
    from archprof.targets import Source


class NetworkAtInput(NamedTuple):
    """A network at an input, and what gives it at another one, or None where it has none. `row`: of
    the space that it is a variant of.
    """

    graph: Graph
    resize: Callable[[Shape], Graph | None]
    row: int | None = None


def networks(
    net: str,
    inputs: Sequence[str] | None,
    values: Sequence[str] | None,
    submodule: str | None,
) -> list[NetworkAtInput]:
    """Return a network at each of the inputs that are given.

    Named ones are the inputs of one network. Of a space return the networks of rows. Raises
    ProblemError.
    """
    rows = space_rows(net)
    if rows is not None:
        return _variants(rows, {"--input": inputs, "--set": values, "--submodule": submodule})
    if not inputs or any("=" in text for text in inputs):
        return [_network(source(net, inputs, values, submodule or ""))]
    shapes = listed_inputs(",".join(inputs), "--input")
    if any(len(shape) == 1 for shape in shapes):
        shapes = _squares(shapes, _own_input(net, values, submodule or ""))
    texts = [written(shape) for shape in shapes]
    share(len(texts))
    return [_network(source(net, [text], values, submodule or "")) for text in texts]


def _variants(asked: SpaceRows, given: Mapping[str, object]) -> list[NetworkAtInput]:
    for option, value in given.items():
        if value:
            message = f"{asked.space} is a space, whose rows have their own"
            raise refused(option, message, "leave it out, or name a network")
    share(len(asked.rows))
    return [NetworkAtInput(whole(graph), lambda _: None, row) for row, graph in networks_of(asked)]


def _own_input(net: str, values: Sequence[str] | None, submodule: str) -> Shape:
    """Return the input that a network has by itself, empty for a module that does not tell."""
    try:
        return graph_of(source(net, None, values, submodule)).input
    except ProblemError:
        return ()


def _squares(shapes: Sequence[Shape], own: Shape) -> list[Shape]:
    """Return each lone number as the side of a square, where the network takes images."""
    if len(own) != 3:
        return list(shapes)
    return [(own[0], *shape, *shape) if len(shape) == 1 else shape for shape in shapes]


def _network(found: Source) -> NetworkAtInput:
    graph = whole(graph_of(found))

    def resized(shape: Shape) -> Graph | None:
        if not isinstance(found, Network):  # a module would be run again for it
            return None
        try:
            return whole(graph_of(changed(found, {}, shape)))
        except ProblemError:
            return None

    return NetworkAtInput(graph, resized)
