"""What autograd keeps has two answers, an op's `saved` and what its kernels keep: they agree."""

import pytest

from archprof.analysis.analysis import analyze
from archprof.language.expand import expand
from archprof.language.find import shipped
from tests.training.tracked import simulated

GRAPHS = {network.name: network for network in shipped()}


@pytest.mark.parametrize("name", sorted(GRAPHS))
def test_both_answers_agree(name: str) -> None:
    """The step has besides what the loss keeps: of each vector of class scores their logarithms and
    one number. The image, which the first answer counts where a layer keeps it, is the caller's.
    """
    graph = expand(GRAPHS[name])
    batch = 2
    said = analyze(graph, batch=batch).totals.saved_bytes
    outputs = [graph.nodes[i].output for i in (*graph.outputs, *graph.aux_outputs)]
    loss = sum(4 * batch * shape[0] + 4 for shape in outputs if len(shape) == 1)
    image = graph.input_bytes(batch, itemsize=4)
    kept = simulated(graph, batch).saved - loss
    assert kept in (said, said - image)
