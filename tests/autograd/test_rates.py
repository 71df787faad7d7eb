"""FLOPs of the backward pass, by hand."""

from archprof.autograd.rates import BACKWARD
from archprof.language.expand import expand
from archprof.language.loader import load_text
from archprof.language.network import networks
from tests.training.tracked import simulated


def test_a_small_network_by_hand() -> None:
    """12 features, 8, a relu, 4 scores, of two samples.

    Multiply-accumulates: of the second layer its weight's gradient, 2*8*4, and its input's, the
    same; of the first its weight's alone, 2*12*8. Beside them: 4 for each score's logarithm (by the
    table), 1 for each output's bias, 1 for each element that the relu lets through.
    """
    text = "name: n\ninput: '12'\nlayers: [{op: linear, out: 8}, {op: relu}, {op: linear, out: 4}]"
    (network,) = networks(load_text(text, "n.yaml"))
    timeline = simulated(expand(network), batch=2)
    assert timeline.backward.macs == 2 * (2 * 8 * 4 + 12 * 8)
    assert timeline.backward.flops == 2 * (4 * 4 + 4 + 8 + 8)
    assert timeline.forward.macs == 2 * (12 * 8 + 8 * 4)


def test_backwards_costs_no_less_than_a_read_of_each_element() -> None:
    assert min(BACKWARD.values()) == 1
