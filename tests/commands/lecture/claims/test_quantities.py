"""What a claim can be about: a step of training."""

import pytest

from archprof.analysis.analysis import analyze
from archprof.commands.lecture.claims.quantities import QUANTITIES, Summed, Whole
from archprof.problem import ProblemError
from tests.small import graph_of

LINEAR = {"fc": "op: linear, out: 2"}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        # input 48, targets 24, weights 40, logarithms 24, loss and count 8, gradients 24 and 24
        ("training_peak_bytes", 192),
        # forward 54, backward 54 and 24 of the loss, each of 10 parameters times and plus
        ("step_flops", 54 + 78 + 20),
    ],
)
def test_a_step_of_a_linear_layer(name: str, value: int) -> None:
    quantity = QUANTITIES[name]
    assert isinstance(quantity, Whole)
    assert quantity.of(analyze(graph_of(LINEAR, (4,)), 3)) == value


def test_what_is_frozen_is_not_trained() -> None:
    """Two layers of 4*2 + 2 and 2*3 + 3 parameters, the first frozen."""
    graph = graph_of({"fc1": "op: linear, out: 2", "fc2": "op: linear, out: 3"}, (4,))
    counts = {}
    for name in ("params", "trained_params"):
        quantity = QUANTITIES[name]
        assert isinstance(quantity, Summed)
        for freeze in ((), ("fc1",)):
            analysis = analyze(graph, freeze=freeze)
            counts[name, freeze] = sum(quantity.of(row, analysis) for row in analysis.layers)
    assert list(counts.values()) == [19, 19, 19, 9]


def test_expected_depth() -> None:
    """Huang et al. 2016, section 3: of L = 54 blocks the l-th survives with 1 - l/L (1 - 0.5), and
    (3 L - 1)/4 = 40.25 are run on average.
    """
    depth, before = 54, "input"
    layers = {}
    for place in range(1, depth + 1):
        layers[f"fc{place}"] = f"op: linear, from: {before}, out: 2"
        layers[f"drop{place}"] = f"op: drop_path, p: {place / depth / 2}"
        layers[f"add{place}"] = f"op: add, from: [drop{place}, {before}]"
        before = f"add{place}"
    quantity = QUANTITIES["expected_layers"]
    assert isinstance(quantity, Summed)
    analysis = analyze(graph_of(layers, (2,)))
    found = sum(quantity.of(row, analysis) for row in analysis.layers)
    assert float(found) == pytest.approx((3 * depth - 1) / 4)


@pytest.mark.usefixtures("opaque")
@pytest.mark.parametrize(
    ("name", "answer"), [("training_peak_bytes", "saved memory"), ("step_flops", "cost")]
)
def test_what_is_not_known_is_not_told(name: str, answer: str) -> None:
    quantity = QUANTITIES[name]
    assert isinstance(quantity, Whole)
    with pytest.raises(ProblemError, match=f"the {answer} of layer `own` is unknown"):
        quantity.of(analyze(graph_of({"own": "op: opaque", **LINEAR}, (4,))))
