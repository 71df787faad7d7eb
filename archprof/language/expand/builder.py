"""A network to a graph: the parts that build it, put together, and what is wrong with the whole."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any

from archprof.allowance import Allowance
from archprof.graph.graph import Facts, Graph, Node
from archprof.graph.order import structure_problems
from archprof.language.document import Body, Document, Layer
from archprof.language.expand.bodies import Bodies
from archprof.language.expand.calls import Calls
from archprof.language.expand.complaints import Complaints
from archprof.language.expand.frame import Frame, LayerFailed, Result, Rules, Stop
from archprof.language.expand.layers import LayerBuilder
from archprof.language.expand.names import Names
from archprof.language.expand.nodes import Nodes, StepCounter
from archprof.language.expand.paths import Paths
from archprof.language.expand.sharing import Sharing
from archprof.language.expand.values import Values
from archprof.language.expand.whole_numbers import carried
from archprof.language.inputs import NetworkInput
from archprof.language.network import Network
from archprof.language.size import SizeCounter, excess
from archprof.language.text import with_lines
from archprof.ops.arriving import FurtherInput
from archprof.ops.base import Shape
from archprof.ops.elements import FRACTIONS, Elements
from archprof.problem import Mark, Problem, ProblemError

if TYPE_CHECKING:
    from archprof.graph.state import State

MAX_TRIED = 10_000  # layers of a network that is built at other inputs, for a hint


def build(network: Network, allowance: Allowance, tries: bool = True) -> Graph:
    """Return the graph of a network, its problems noted in it.

    With `tries`, look for an input that fits where the network's own does not. Raises ProblemError
    for a network without input or layers.
    """
    inputs = network.inputs
    body = network.document.body
    if not inputs or body is None:
        message, hint = f"{network.name} states no input", "input: 3x224x224, or --input"
        raise ProblemError([Problem(network.mark, "missing", message, hint)])
    return _Builder(network, inputs, allowance).graph(body, tries)


def build_part(
    network: Network,
    document: Document,
    layer: Layer,
    scope: dict[str, Any],
    begins: State,
    turn: int | None,
    frozen: bool,
    allowance: Allowance,
) -> tuple[Graph, Elements]:
    """Return the graph of one layer of a network, or of one turn of its repeat, by itself, and what
    the elements of its output are.

    `document`: where the layer is written, `scope`: the values that it sees there, `begins`: what
    arrives at it, `frozen`: whether parameters are frozen around it. Problems are noted in the
    graph; it has no outputs where the layer cannot be built.
    """
    allowance.items = 0
    given = NetworkInput("input", begins.shape, begins.elements)
    builder = _Builder(network, (given,), allowance)
    source = Result((-1,))
    rules = Rules({}, asserting=False)
    frame = Frame(
        document, rules, scope, "", None, {"input": source}, source, aux=False, frozen=frozen
    )
    graph = builder.part(layer, frame, begins, turn)
    return graph, builder.carried_by(graph.outputs[0]) if graph.outputs else FRACTIONS


class _Builder:
    """The parts that build one graph, each given those that it needs."""

    def __init__(self, network: Network, inputs: tuple[NetworkInput, ...], allowance: Allowance):
        self.network, self.allowance, self.inputs = network, allowance, inputs
        self.complaints = Complaints(network.document.texts())
        self.nodes = Nodes(inputs[0].shape, inputs[0].elements)
        self.values = Values(self.complaints)
        steps = StepCounter(allowance, self.nodes, self.complaints)
        paths = Paths(self.complaints)
        names = Names(self.values, paths)
        self.layers = LayerBuilder(network, self.nodes, self.values, paths)
        calls = Calls(self.values, self.nodes)
        sharing = Sharing(self.nodes, self.values)
        self.bodies = Bodies(self.values, self.nodes, steps, names, self.layers, calls, sharing)

    def graph(self, body: Body, tries: bool) -> Graph:
        """Return the graph of the network's body, with its problems."""
        try:
            outputs = self._outputs(body)
        except (LayerFailed, Stop):
            outputs = ()
        graph = Graph(
            self.network,
            self.nodes.input,
            tuple(self.nodes.list),
            tuple(i for i in outputs if i is not None),
            tuple(self.nodes.aux_outputs),
            dropped=tuple(self.nodes.dropped),
            input_name=self.inputs[0].name,
            input_elements=self.inputs[0].elements,
        )
        if not self.complaints.problems:
            self._check_whole(graph, body)
        problems = self.complaints.problems
        if self.layers.unmet and tries:
            problems = self._with_sides(*self.layers.unmet)
        placed = with_lines(problems, self.complaints.texts)
        return graph.replaced(problems=ProblemError(placed).problems)

    def part(self, layer: Layer, frame: Frame, begins: State, turn: int | None) -> Graph:
        """Return the graph of one layer, or of one turn of its repeat, by itself."""
        source = frame.previous
        with suppress(LayerFailed, Stop):
            self.bodies.arrive(source, frame)
            source = self.bodies.once(layer, frame, [source], layer.key or "0", turn)
        graph = Graph(
            self.network,
            begins.shape,
            tuple(self.nodes.list),
            tuple(i for i in source.outputs if i is not None),
            tuple(self.nodes.aux_outputs),
            dropped=tuple(self.nodes.dropped),
            input_elements=begins.elements,
            begins=begins,
        )
        if not self.complaints.problems:
            for problem in structure_problems(graph):
                self.complaints.note(problem)
        return graph.replaced(problems=tuple(self.complaints.problems))

    def carried_by(self, index: int) -> Elements:
        """Return what the elements of a node's output are."""
        return self.nodes.whole.get(index, FRACTIONS)

    def _outputs(self, body: Body) -> tuple[int | None, ...]:
        """Build every layer and return the outputs. Raises LayerFailed or Stop."""
        document = self.network.document
        values = self.values.of_network(self.network)
        if not self.complaints.problems:
            # what is too large is refused before it is built, as far as that is known
            problem = excess(body, SizeCounter(document.blocks, values))
            if problem:
                self.complaints.note(problem)
                raise Stop
        scope = values | {"index": 0, "count": 1}
        rules = Rules(self.values.inits(document, scope), self.network.as_specified())
        given = {one.name: Result((i,)) for i, one in enumerate(self.inputs, -1)}
        source = Result(tuple(range(-1, len(self.inputs) - 1)))
        for one in self.inputs[1:]:
            self._arrive(one)
        names = {"input": source, **given}
        frame = Frame(document, rules, scope, "", None, names, source, aux=False)
        return self.bodies.unroll(body, frame).outputs

    def _arrive(self, given: NetworkInput) -> None:
        """Add a further input of the network to the nodes."""
        op = FurtherInput(given.shape, given.elements)
        stated = self.network.inputs_stated
        mark = stated.mark if stated else self.network.mark
        entry = Layer(None, mark, "op")
        facts = Facts(op, (), given.shape)
        node = Node(given.name, op, (), facts, entry, None, False, None, None)
        self.nodes.add(node, carried(op, (), self.nodes))

    def _check_whole(self, graph: Graph, body: Body) -> None:
        """Note what is wrong with a graph whose layers are all right."""
        for problem in structure_problems(graph):
            self.complaints.note(problem)
        if not graph.nodes:
            self.complaints.add(
                body.mark,
                "missing",
                f"{self.network.name} has no layers: a `when` or a `repeat` drops every one",
            )

    def _with_sides(self, mark: Mark, merged: tuple[int, ...]) -> list[Problem]:
        """Return the problems, with sides of the input that fit as a hint at the merge.

        There branches of different sides meet.
        """

        from archprof.language.fitting import side_hint  # which only an error needs

        def fits(shape: Shape) -> bool:
            other = build(self.network.replaced(input=shape), self.allowance, tries=False)
            return all(problem.rule not in ("shape", "limit") for problem in other.problems)

        hint = ""
        if len(self.nodes.list) <= MAX_TRIED:
            hint = side_hint(self.nodes.list, merged, self.nodes.input, fits)
        if not hint:
            return self.complaints.problems
        problems = []
        for problem in self.complaints.problems:
            if problem.rule == "shape" and problem.mark == mark:
                problem = problem.replaced(hint=hint)
            problems.append(problem)
        return problems
