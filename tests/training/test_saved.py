"""What autograd keeps has two answers, an op's `saved` and what its kernels keep: they agree."""

import math

import pytest

from archprof.analysis.analysis import analyze
from tests.networks import shared
from tests.training.tracked import simulated


@pytest.mark.parametrize("name", shared.OF_EACH_KIND)
def test_both_answers_agree(name: str) -> None:
    """The step has besides what the loss keeps: of each vector of class scores their logarithms and
    one number. The inputs, which the first answer counts where a layer keeps them, are the
    caller's: 4 bytes an element unless they say otherwise.
    """
    graph = shared.graph(name)
    batch = 2
    said = analyze(graph, batch=batch).totals.saved_bytes
    outputs = [graph.nodes[i].output for i in (*graph.outputs, *graph.aux_outputs)]
    loss = sum(4 * batch * shape[0] + 4 for shape in outputs if len(shape) == 1)
    inputs = sum(
        batch * math.prod(one.shape) * (one.elements.itemsize or 4) for one in graph.inputs
    )
    kept = simulated(graph, batch).saved - loss
    assert kept in (said, said - inputs)
