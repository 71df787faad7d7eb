"""A graph as a tree of modules: what each holds, and what its forward does."""

from __future__ import annotations

from itertools import groupby

from archprof.commands.export.code_again import AgainCall, called_again
from archprof.commands.export.code_cuts import shared_out
from archprof.commands.export.code_expressions import Expression, Own
from archprof.commands.export.code_forms import form, start
from archprof.commands.export.code_graph import blocks_by_path, learned, two_at
from archprof.commands.export.code_paths import settled_paths
from archprof.commands.export.code_recorder import built
from archprof.commands.export.code_tree import ForwardStep, Held, Path, Scope, is_liftable
from archprof.graph.graph import Graph
from archprof.graph.taken import taken
from archprof.ops.answers import Function
from archprof.problem import ProblemError


class Scopes:
    """The tree of one graph."""

    def __init__(self, graph: Graph):
        self.graph = graph
        self._arriving = [one.index for one in graph.inputs]
        self._layers = [i for i in range(len(graph.nodes)) if i not in self._arriving]
        self._built = {i: self._build(i) for i in self._layers}
        self._paths = settled_paths(graph)
        self._main = set(graph.main)
        self._blocks = blocks_by_path(graph)
        self._learned = learned(graph)
        self._members: dict[Path, list[int]] = {}
        self._on_path = {
            self._paths[i][: depth + 1]
            for i in self._layers
            if i in self._main
            for depth in range(len(self._paths[i]))
        }
        self._users: dict[int, list[int]] = {}
        for i, node in enumerate(graph.nodes):
            depths = range(1, len(self._paths[i])) if i in self._built else ()
            for depth in depths:
                self._members.setdefault(self._paths[i][:depth], []).append(i)
            for source in node.inputs:
                self._users.setdefault(source, []).append(i)
        self._again = {
            path: call
            for path, call in called_again(graph, self._paths, self._members).items()
            if self._can_be_called(path, call)
        }
        self._covered = {i for path in self._again for i in self._members[path]}

    def root(self) -> Scope:
        """Return the network itself. Raises ProblemError where a layer cannot be written."""
        scope = self._scope((), self._layers)
        scope.inputs, scope.outputs = tuple(self._arriving), self.graph.outputs
        return scope

    def _build(self, index: int) -> Expression | Function:
        node = self.graph.nodes[index]
        return built(node, tuple(self.graph.shape_of(i) for i in node.inputs))

    def _scope(self, path: Path, members: list[int]) -> Scope:
        """Return the module at a path, which holds these nodes, whose values leave it as they do
        where its own forward is called.
        """
        active = [i for i in members if i in self._main] or members
        scope = Scope(path, self._blocks.get(path, ""), auxiliary=active[0] not in self._main)
        called: dict[str, Scope] = {}
        scope.steps = self._steps(path, (), active, called)
        scope.inputs, scope.outputs = self._borders(active)
        inside = set(active)
        aside = [i for i in members if i not in inside]
        scope.held = self._held(path, [*active, *aside], called)
        if scope.is_chain() and all(step.path[0].isdigit() for step in scope.steps):
            self._lift(scope)
        return scope

    def _lift(self, scope: Scope) -> None:
        """Make modules of the functions in a row of numbered ones, for torch.nn.Sequential takes
        modules only.
        """
        if len(scope.steps) == 1 or not all(is_liftable(step) for step in scope.steps):
            return
        held = {item.name: item for item in scope.held}
        for number, step in enumerate(scope.steps):
            name = step.path[0]
            if step.expression is not None and name not in held:
                kind = self.graph.nodes[step.outputs[0]].op.name
                module = Scope((*scope.path, name), kind, [], [step], step.inputs, step.outputs)
                held[name] = Held(name, "module", module)
                scope.steps[number] = step._replace(expression=None, inplace=False)
        order = dict.fromkeys(step.path[0] for step in scope.steps)
        scope.held = [held.pop(name) for name in order if name in held] + list(held.values())

    def _steps(
        self, path: Path, below: Path, active: list[int], called: dict[str, Scope]
    ) -> list[ForwardStep]:
        """Return the calls for the nodes; what is called gets into `called` by its name.

        `below` leads from the module whose forward this is to `path`, where they lie.
        """
        depth = len(path)
        runs = [list(run) for _, run in groupby(active, lambda i: self._child(i, depth))]
        heads = [self._child(run[0], depth) for run in runs]
        steps = []
        for (name, is_leaf), run in zip(heads, runs, strict=True):
            inner = (*path, name)
            if is_leaf:
                steps += [self._leaf(i, path[: depth - len(below)]) for i in run]
            elif inner in self._again:
                steps.append(self._second_call(inner, len(path) - len(below)))
            elif not self._stands_alone(inner, run):
                steps += self._steps(inner, (*below, name), run, called)
            else:
                scope = self._scope(inner, self._below(inner, run[0] in self._main))
                called[".".join(inner)] = scope
                names = tuple(self._paths[i][-1] for i in scope.outputs)
                if len(names) == 1:
                    names = (name,)
                steps.append(ForwardStep((*below, name), scope.inputs, scope.outputs, names))
        return shared_out(steps, self.graph, self._built)

    def _child(self, index: int, depth: int) -> tuple[str, bool]:
        """Return the name below a path of this depth that leads to the node, and whether it is
        the node's own.
        """
        path = self._paths[index]
        return path[depth], len(path) == depth + 1

    def _below(self, path: Path, main: bool) -> list[int]:
        """Return the nodes below a path; `main`: auxiliary heads among them too."""
        found = self._members.get(path, [])
        return found if main else [i for i in found if i not in self._main]

    def _stands_alone(self, path: Path, run: list[int]) -> bool:
        """Whether what lies at a path can be a module with a forward: it runs at one go, has a
        name that torch does not need, and uses no weights of others.
        """
        together = [i for i in self._members[path] if (i in self._main) == (run[0] in self._main)]
        if together != run or taken(path[-1], len(path) == 1):
            return False
        owners = [self.graph.nodes[i].shares for i in run]
        return all(self._paths[owner][: len(path)] == path for owner in owners if owner is not None)

    def _can_be_called(self, path: Path, call: AgainCall) -> bool:
        """Whether a module that has a forward gives what others take of the group at a path."""
        theirs = self._below(call.path, main=True)
        if not self._stands_alone(call.path, theirs):
            return False
        given = {call.nodes[i] for i in self._borders(theirs)[1]}
        return given.issuperset(self._borders(self._members[path])[1])

    def _second_call(self, path: Path, depth: int) -> ForwardStep:
        """Return the call, in place of what lies at a path, of the module whose weights it uses.

        It stands in the forward of the module around it, whose path has this depth.
        """
        call = self._again[path]
        inputs, outputs = self._borders(self._below(call.path, main=True))
        given = tuple(call.nodes[i] for i in outputs)
        names = tuple(self._paths[i][-1] for i in given) if len(given) > 1 else path[-1:]
        return ForwardStep(call.path[depth:], tuple(call.nodes[i] for i in inputs), given, names)

    def _leaf(self, index: int, path: Path) -> ForwardStep:
        """Return the call of a layer in the forward of the module at a path."""
        node, how = self.graph.nodes[index], self._built[index]
        owner = index if node.shares is None else node.shares
        place = self._paths[owner][len(path) :]
        name = self._paths[index][-1:]
        if not isinstance(how, Function):
            return ForwardStep(place, node.inputs, (index,), name)
        weights = tuple(
            Own((*place, name) if name else place, weight.trainable)
            for name, weight in node.facts.weights.items()
        )
        repeated = {n for n, source in enumerate(node.inputs) if source in self._learned}
        written = form(how, node, weights, repeated)
        own_place = self._paths[index][len(path) :]
        return ForwardStep(
            own_place, node.inputs, (index,), name, written.expression, written.inplace
        )

    def _borders(self, active: list[int]) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """Return the values that nodes take from others, and those that others take from them."""
        inside = set(active)
        inputs = [
            source for i in active for source in self.graph.nodes[i].inputs if source not in inside
        ]
        ends = set(self.graph.outputs)
        if active[0] not in self._main:
            ends |= set(self.graph.aux_outputs)
        outputs = [i for i in active if i in ends or self._outside_users(i, inside)]
        return tuple(dict.fromkeys(inputs)), tuple(outputs)

    def _outside_users(self, index: int, inside: set[int]) -> list[int]:
        return [
            user
            for user in self._users.get(index, ())
            if user not in inside and (user in self._main or index not in self._main)
        ]

    def _held(self, path: Path, members: list[int], called: dict[str, Scope]) -> list[Held]:
        """Return what a module holds, in the order in which archprof's own build has it."""
        held, inner = self._by_name(path, members, called)
        for name, nodes in inner.items():
            if name not in held:
                continue
            if held[name]:
                raise two_at(self.graph.nodes[nodes[0]], ".".join((*path, name)))
            held[name] = [Held(name, "module", self._inner((*path, name), nodes, called))]
        aside = members[0] in self._main
        return [
            item._replace(aside=aside and (*path, item.name) not in self._on_path)
            for items in held.values()
            for item in items
        ]

    def _by_name(
        self, path: Path, members: list[int], called: dict[str, Scope]
    ) -> tuple[dict[str, list[Held]], dict[str, list[int]]]:
        """Return by name what a module holds in leaves, nothing yet for its inner modules, and the
        nodes of what is inside it, whether it is held or not.
        """
        depth = len(path)
        held: dict[str, list[Held]] = {}
        inner: dict[str, list[int]] = {}
        aside_alone = self._aside_alone(members, depth)
        for i in members:
            name, is_leaf = self._child(i, depth)
            if not is_leaf:
                inner.setdefault(name, []).append(i)
                on_time = ".".join((*path, name)) in called and name not in aside_alone
                if self._holds(i) or on_time:
                    held.setdefault(name, [])
            elif self._holds(i):
                held.setdefault(name, []).extend(self._of_leaf(i))
        prefix = "".join(f"{name}." for name in path)
        for place in called:  # what has no weights, and modules that are called further below
            if place.startswith(prefix):
                held.setdefault(place.split(".")[depth], [])
        return held, inner

    def _aside_alone(self, members: list[int], depth: int) -> set[str]:
        """Return the names of which no node that holds anything is on the way to the output."""
        holders = [i for i in members if self._holds(i)]
        on_the_way = {self._child(i, depth)[0] for i in holders if i in self._main}
        return {self._child(i, depth)[0] for i in holders} - on_the_way

    def _inner(self, path: Path, nodes: list[int], called: dict[str, Scope]) -> Scope:
        """Return the module at a path: what is called, an auxiliary head, or a mere container."""
        scope = called.get(".".join(path))
        if scope is not None:
            return scope
        heads = [i for i in nodes if i not in self._main]
        if heads == nodes and self._stands_alone(path, nodes):
            return self._scope(path, nodes)
        container = Scope(path, "")
        container.held = self._held(path, nodes, called)
        return container

    def _holds(self, index: int) -> bool:
        """Whether a module or a weight lies at the node's path."""
        node = self.graph.nodes[index]
        if index in self._covered:
            return False
        is_module = not isinstance(self._built[index], Function)
        return node.shares is None and (is_module or bool(node.facts.weights))

    def _of_leaf(self, index: int) -> list[Held]:
        node, how = self.graph.nodes[index], self._built[index]
        name = self._paths[index][-1]
        if not isinstance(how, Function):
            return [Held(name, "module", how)]
        weights = node.facts.weights
        if set(weights) != {""}:
            raise ProblemError.of(
                node.mark,
                "export",
                f"the layer `{node.path}` is not a module and has weights {', '.join(weights)}",
                "export to another format",
            )
        weight = weights[""]
        value = start(how, "", weight.shape, weight.trainable)
        if weight.trainable:
            return [Held(name, "parameter", value)]
        return [Held(name, "buffer" if weight.persistent else "transient buffer", value)]
