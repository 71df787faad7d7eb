"""What a claim can be about: every number of two layers, and a step of training."""

import pytest

from archprof.analysis.analysis import analyze
from archprof.commands.lecture.claims.quantities import QUANTITIES, Summed, Whole, fact
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


def test_quantities_of_a_convolution_and_its_norm() -> None:
    """Of three images: 36 weights for each of 2 filters, which give 24 elements of an image."""
    layers = {"conv": "op: conv2d, out: 2, kernel: 3", "bn": "op: batch_norm2d"}
    analysis = analyze(graph_of(layers, (4, 5, 6)), 3)
    found = {
        name: quantity.of(analysis)
        if isinstance(quantity, Whole)
        else [quantity.of(row, analysis) for row in analysis.layers]
        for name, quantity in QUANTITIES.items()
        if not name.startswith("flops_")
    }
    assert found == {
        "params": [72 + 2, 2 + 2],
        "biases": [2, 2],
        "weights": [72, 2],
        "trained_params": [74, 4],
        "buffers": [0, 2 + 2 + 1],  # mean, variance and the counter
        "own_params": [0, 0],
        "macs": [36 * 24 * 3, 0],
        "flops": [2 * 2592 + 72, 2 * 72],
        "expected_macs": [2592, 0],
        "expected_layers": [1, 0],
        "elements": [72, 72],
        "output_bytes": [288, 288],
        "weight_bytes": [4 * 74, 4 * 4 + 4 * 4 + 8],  # the counter is int64
        "bytes_moved": [1440 + 296 + 288, 288 + 40 + 288],
        "saved_bytes": [1440, 288 + 2 * 2 * 4],  # inputs, and a mean and a scale of each channel
        "layers": [1, 1],
        "connections": [1, 1],
        "shape": [(2, 3, 4), (2, 3, 4)],
        "channels": [2, 2],
        "height": [3, 3],
        "width": [4, 4],
        "field": [3, 3],
        "input_shape": [(4, 5, 6), (2, 3, 4)],
        "filter": [(3, 3, 4, 2), None],
        "input_channels": [4, 2],
        "input_height": [5, 3],
        "input_width": [6, 4],
        "input_features": [6, 4],
        "kernel": [3, None],
        "stride": [1, None],
        "padding": [0, None],
        "groups": [1, None],
        "out": [2, None],
        "input": (4, 5, 6),
        "depth": 1,
        "aux_params": 0,
        "input_elements": 4 * 5 * 6 * 3,
        "peak_inference_bytes": 296 + 40 + 1440 + 288 + 288,
        "training_bytes": 2 * 4 * 78 + 24 + 1440 + 304,  # weights, gradients, buffers, kept
        # what is alive at once is in tests/training
        "training_peak_bytes": analysis.known_total("training_peak_bytes"),
        "step_flops": analysis.known_total("step_flops"),
    }


def test_channels_of_vectors_are_their_last_axis() -> None:
    """An image has axes that a row of features, or several, does not have."""
    names = ("channels", "height", "width", "field")
    for size in ((5,), (3, 5)):
        analysis = analyze(graph_of(LINEAR, size))
        row = analysis.layers[0]
        assert [fact(name, row, analysis) for name in names] == [2, None, None, None]


def test_a_field_that_is_no_square() -> None:
    analysis = analyze(graph_of({"conv": "op: conv2d, out: 2, kernel: [3, 5]"}, (1, 9, 9)))
    assert fact("field", analysis.layers[0], analysis) == (3, 5)


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
