"""A network captured in evaluation and in training, as one graph."""

from __future__ import annotations

from collections.abc import Collection

from archprof.capturing.apart import OnlyTraining
from archprof.capturing.origin import CapturedEntry
from archprof.capturing.tape import Operation, values
from archprof.graph.graph import Facts, Graph, Node
from archprof.graph.order import reachable
from archprof.graph.origin import Entry
from archprof.ops.base import Op, Shape
from archprof.problem import Mark

PATH = "training"
"""What the layer is called that stands for what only training runs."""

Step = tuple[Op, tuple[Shape, ...], tuple[int, ...]]


def with_training(evaluation: Graph, training: Graph) -> Graph:
    """Return the graph of evaluation with what only training runs.

    Where training has the same layers, drop paths and auxiliary heads apart, that is its own graph,
    whose other outputs are auxiliary heads. Elsewhere it stands beside the graph of evaluation, and
    one more layer has what its further layers keep.
    """
    count = len(evaluation.outputs)
    outputs = training.outputs[:count]
    main = reachable(training.nodes, outputs)
    ours, steps = _steps(evaluation, reachable(evaluation.nodes, evaluation.outputs))
    theirs, others = _steps(training, main)
    if steps != others or len(outputs) < count:
        return _beside(evaluation, training)
    heads = reachable(training.nodes, training.outputs) - main
    operations = {
        node.path: node.entry.operation
        for node in evaluation.nodes
        if node.op.family == "identity"  # which are not steps
    }
    operations.update(
        (training.nodes[theirs[i]].path, evaluation.nodes[ours[i]].entry.operation)
        for i in range(len(steps))
    )
    nodes = []
    for i, node in enumerate(training.nodes):
        entry = _of_operation(node.entry, operations.get(node.path, -1))
        nodes.append(node._replace(entry=entry, aux=node.aux or i in heads))
    return evaluation.replaced(
        nodes=tuple(nodes), outputs=outputs, aux_outputs=training.outputs[count:]
    )


def _of_operation(entry: Entry, operation: int) -> Entry:
    """Return a layer's entry as that of another operation."""
    return entry._replace(operation=operation) if isinstance(entry, CapturedEntry) else entry


def _steps(graph: Graph, among: set[int]) -> tuple[list[int], list[Step]]:
    """Return the layers that compute something in evaluation, and what each of them does to which
    of the others.
    """
    order: list[int] = []
    steps: list[Step] = []
    places = {-1: -1}
    for i in sorted(among):
        node = graph.nodes[i]
        if node.op.family == "identity" and node.inputs:
            places[i] = places[node.inputs[0]]
            continue
        places[i] = len(order)
        order.append(i)
        steps.append((node.op, node.facts.inputs, tuple(places[s] for s in node.inputs)))
    return order, steps


def _beside(evaluation: Graph, training: Graph) -> Graph:
    known = {node.path for node in evaluation.nodes}
    if all(node.path in known for node in training.nodes):
        return evaluation.replaced(training=training)
    node = _only_training(evaluation.network.name, known)
    return evaluation.replaced(nodes=(*evaluation.nodes, node), training=training)


def _only_training(name: str, known: set[str]) -> Node:
    path, number = PATH, 1
    while path in known:
        path = f"{PATH}_{number}"
        number += 1
    op = OnlyTraining()
    facts = Facts(op, (), op.output_shape())
    entry = CapturedEntry(Mark(name), remarks=("what only training runs",))
    return Node(path, op, (), facts, entry, None, True, None, None)


def is_counter(operation: Operation, wanted: Collection[int], weights: Collection[int]) -> bool:
    """Whether an operation only counts up a buffer that nothing reads, as a batch norm counts its
    batches.
    """
    counts = operation.operator in ("aten.add_.Tensor", "aten.add_.Scalar")
    unread = not any(number in wanted for number in operation.outputs)
    return counts and unread and all(number in weights for number in values(operation.arguments))
