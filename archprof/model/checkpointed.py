"""A GraphModule of archprof's of which parts run again in the backward pass."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from torch import Tensor, fx
from torch.fx.node import map_arg
from torch.utils.checkpoint import checkpoint

from archprof.model.compile import PATH
from archprof.problem import Mark, ProblemError, nearest

Values = dict[fx.Node, Any]


def checkpointed(
    module: fx.GraphModule, parts: Iterable[tuple[str, str]], preserve_rng_state: bool = True
) -> fx.GraphModule:
    """Return the module of `archprof.load(...).build()` with another forward, in which each part,
    given by the paths of its first and its last layer, is one `torch.utils.checkpoint.checkpoint`.

    Its state dict stays as it is. `preserve_rng_state`: whether dropout draws the same numbers
    when a part runs again. Raises ProblemError for a layer that the module does not run, and for
    parts that do not follow one another.
    """
    module.forward = _Forward(module, parts, preserve_rng_state)
    return module


class _Forward:
    """Runs the nodes one after the other; a value is dropped after its last reader."""

    def __init__(
        self, module: fx.GraphModule, parts: Iterable[tuple[str, str]], preserve_rng_state: bool
    ) -> None:
        self.module, self.preserve_rng_state = module, preserve_rng_state
        nodes = list(module.graph.nodes)
        self.input = nodes[0]
        self.output = nodes[-1].args[0]
        self.layers = [node for node in nodes if PATH in node.meta]
        self.last = {source: node for node in self.layers for source in node.all_input_nodes}
        self.last.update(dict.fromkeys(nodes[-1].all_input_nodes, nodes[-1]))
        self.plan = self._plan(parts)

    def _plan(self, parts: Iterable[tuple[str, str]]) -> list[tuple[Sequence[fx.Node], bool]]:
        places = {node.meta[PATH]: place for place, node in enumerate(self.layers)}
        plan: list[tuple[Sequence[fx.Node], bool]] = []
        at = 0
        for first, last in parts:
            for path in (first, last):
                if path not in places:
                    message = f"the module runs no layer `{path[:60]}`"
                    hint = nearest(path, places) or "a plan is of one network, at its settings"
                    raise ProblemError.of(Mark("checkpointed"), "layer", message, hint)
            start, end = places[first], places[last] + 1
            if not at <= start < end:
                message = f"the part `{first}` to `{last}` lies not behind the one before it"
                hint = "list the parts in the order of execution, none inside another"
                raise ProblemError.of(Mark("checkpointed"), "layer", message, hint)
            plan += [(self.layers[at:start], False), (self.layers[start:end], True)]
            at = end
        return [*plan, (self.layers[at:], False)]

    def __call__(self, image: Tensor) -> Any:
        values: Values = {self.input: image}
        for part, again in self.plan:
            if again:
                self._run_checkpointed(part, values)
            else:
                self._run(part, values)
        return map_arg(self.output, lambda node: values[node])

    def _run(self, part: Sequence[fx.Node], values: Values) -> None:
        for node in part:
            values[node] = self._called(node, values)
            for source in node.all_input_nodes:
                if self.last[source] is node and source is not self.input:
                    values.pop(source, None)

    def _run_checkpointed(self, part: Sequence[fx.Node], values: Values) -> None:
        inside = set(part)
        sources = (source for node in part for source in node.all_input_nodes)
        source = next(each for each in sources if each in values and each not in inside)

        def run(given: Tensor) -> Any:
            inner = {source: given}
            del given
            self._run(part, inner)
            return inner[part[-1]]

        given = values[source] if self.last[source] not in inside else values.pop(source)
        values[part[-1]] = checkpoint(
            run, given, use_reentrant=False, preserve_rng_state=self.preserve_rng_state
        )

    def _called(self, node: fx.Node, values: Values) -> Any:
        def value(of: fx.Node) -> Any:
            return self._attribute(of) if of.op == "get_attr" else values[of]

        arguments, named = map_arg(node.args, value), map_arg(node.kwargs, value)
        target: Any = node.target
        if node.op == "call_module":
            target = self.module.get_submodule(target)
        return target(*arguments, **named)

    def _attribute(self, node: fx.Node) -> Any:
        found: Any = self.module
        for name in str(node.target).split("."):
            found = getattr(found, name)
        return found
