"""Frozen parameters: a graph with some more of them, and the parts that are frozen as a whole."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from archprof.graph.graph import Graph, Node
from archprof.problem import Mark, ProblemError, nearest

LONGEST = 60  # characters of a pattern that an error repeats


def freeze(graph: Graph, patterns: Sequence[str]) -> Graph:
    """Return the graph with the parameters frozen that patterns name, beside those that are.

    A pattern is a glob that is compared with the path of a parameter, of its layer and of every
    block around it: `features.*`, `layer[12]`, `*.bias`. Its `*` stands for any text, dots
    included. Raises ProblemError for a pattern that names no parameter.
    """
    if not patterns:
        return graph
    matchers = [_matcher(pattern) for pattern in patterns]
    nodes = tuple(_frozen(graph.nodes, matchers))
    for pattern, matcher in zip(patterns, matchers, strict=True):
        if not matcher.found:
            raise _unmatched(graph, pattern)
    training = graph.training
    if training is not None:
        training = training.replaced(nodes=tuple(_frozen(training.nodes, matchers)))
    return graph.replaced(nodes=nodes, training=training)


def matching(graphs: Sequence[Graph], patterns: Sequence[str]) -> list[list[str]]:
    """Return for each of several graphs the patterns that name a parameter of it.

    Raises ProblemError for one that names none of any.
    """
    found: list[list[str]] = [[] for _ in graphs]
    for pattern in patterns:
        matcher = _matcher(pattern)
        for own, graph in zip(found, graphs, strict=True):
            if _names_some(graph, matcher):
                own.append(pattern)
        if not any(pattern in own for own in found):
            raise _unmatched(graphs[0], pattern)
    return found


def _names_some(graph: Graph, matcher: _Matcher) -> bool:
    for node in graph.nodes:
        for _ in _named(node, [matcher]):
            return True
    return False


class _Matcher:
    """A pattern, and whether it has named anything yet."""

    def __init__(self, glob: str) -> None:
        self.glob = re.compile(glob)
        self.found = False

    def names(self, paths: Sequence[str]) -> bool:
        """Return whether it names one of some paths."""
        named = any(self.glob.match(path) for path in paths)
        self.found = self.found or named
        return named


def _matcher(pattern: str) -> _Matcher:
    from fnmatch import translate  # which only a pattern needs

    return _Matcher(translate(pattern))


def _frozen(nodes: Sequence[Node], matchers: Sequence[_Matcher]) -> Iterator[Node]:
    """Yield the nodes, each with its parameters frozen that a matcher names."""
    made: list[Node] = []
    for node in nodes:
        if node.shares is not None:
            names = made[node.shares].frozen
        else:
            names = node.frozen | set(_named(node, matchers))
        made.append(node if names == node.frozen else node._replace(frozen=names))
    yield from made


def _named(node: Node, matchers: Sequence[_Matcher]) -> Iterator[str]:
    """Yield the parameters of a node that a matcher names."""
    if not node.facts.trainable:
        return
    around = _around(node.path)
    for name in node.facts.trainable:
        own = _around(node.weight_path(name))[len(around) :]
        named = [matcher.names((*around, *own)) for matcher in matchers]
        if any(named):
            yield name


def _around(path: str) -> list[str]:
    """Return a path with those of the blocks around it, outermost first."""
    parts = path.split(".")
    return [".".join(parts[:count]) for count in range(1, len(parts) + 1)]


def _unmatched(graph: Graph, pattern: str) -> ProblemError:
    known: dict[str, None] = {}
    for node in graph.nodes:
        if node.params:
            known.update(dict.fromkeys(_around(node.path)))
    message = f"`{pattern[:LONGEST]}` names no parameter of {graph.network.name}"
    if pattern in (node.path for node in graph.nodes):
        message = f"`{pattern[:LONGEST]}` of {graph.network.name} has no parameters of its own"
    some = next(iter(known), "features")
    hint = nearest(pattern, known) or f"a path or a glob, such as '{some}' or '{some}.*'"
    return ProblemError.of(Mark("--freeze"), "option", message, hint)


class FrozenParts(NamedTuple):
    """What is frozen, in as few paths as there can be: parts of the network of which every
    parameter is, "" for all of it, and single parameters of others.
    """

    modules: tuple[str, ...] = ()
    parameters: tuple[str, ...] = ()


NOTHING_FROZEN = FrozenParts()


def frozen_parts(graph: Graph) -> FrozenParts:
    """Return the largest parts that are frozen as a whole, and the parameters beside them."""
    weights = list(_weights(graph.nodes))
    trained = {""} if any(not frozen for _, frozen in weights) else set()
    trained.update(part for path, frozen in weights if not frozen for part in _around(path))
    modules: dict[str, None] = {}
    parameters = []
    for path, frozen in weights:
        if not frozen:
            continue
        outer = ["", *_around(path)[:-1]]
        whole = next((part for part in outer if part not in trained), None)
        if whole is None:
            parameters.append(path)
        else:
            modules[whole] = None
    return FrozenParts(tuple(modules), tuple(parameters))


def _weights(nodes: Iterable[Node]) -> Iterator[tuple[str, bool]]:
    """Yield every parameter by its path, and whether it is frozen."""
    for node in nodes:
        if node.shares is None:
            for name in sorted(node.facts.trainable):
                yield node.weight_path(name), name in node.frozen
