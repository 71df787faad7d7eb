"""What can be run on a compiled network to decide a claim: names and arguments.

`commands/lecture/running/experiments.py` runs them.
"""

from __future__ import annotations

from typing import NamedTuple


class Declared(NamedTuple):
    """An experiment that a file of claims may name: arguments, result, and how it is written."""

    required: tuple[str, ...]
    gives: str
    usage: str
    optional: tuple[str, ...] = ()

    @property
    def arguments(self) -> tuple[str, ...]:
        """The arguments, those that are required first."""
        return self.required + self.optional


EXPERIMENTS: dict[str, Declared] = {
    "equal": Declared(
        ("left", "right"),
        "equal or different: two networks with the same weights in order and the same random"
        " input, the right one's `identity` layers passing on what they receive",
        "{run: equal, left: NETWORK, right: NETWORK}: the same weights in order, cut to each one's"
        " shapes, and the same random input",
        optional=("input", "identity"),
    ),
    "depends": Declared(
        ("network", "changed"),
        "depends or independent: whether the output for an image is another one when something"
        " else is changed",
        "{run: depends, network: NETWORK, changed: batch, mode: training}",
        optional=("mode",),
    ),
    "ones": Declared(
        ("network", "mode", "measure"),
        "a number: of the output for an input of ones the share of zeros, the mean or the largest",
        "{run: ones, network: NETWORK, mode: training, measure: zeros}",
    ),
    "killed": Declared(
        ("network", "layer", "weights"),
        "not updated or updated: the weights attached to a unit of `layer` that is set to zero",
        "{run: killed, network: NETWORK, layer: dropout, weights: fc1}",
    ),
    "convolves": Declared(
        ("op", "kernel"),
        "cross-correlation, convolution, cross-correlation and convolution, or neither",
        "{run: convolves, op: conv2d, kernel: 3}",
    ),
    "frobenius": Declared(
        ("rows", "columns", "i", "j"),
        "equal, different or outside: the sum of the squares of W[i][j] up to `i` and `j`, and the"
        " squared Frobenius norm of W",
        "{run: frobenius, rows: 3, columns: 5, i: 3, j: 5}",
    ),
    "flow": Declared(
        ("network", "of"),
        "vanishing, steady or exploding, at initialisation: activations from the first layer to the"
        " last, or gradients from the last to the first",
        "{run: flow, network: NETWORK, of: gradients}",
        optional=("first", "last"),
    ),
    "shatters": Declared(
        ("network",),
        "white noise or correlated, at initialisation: the gradients of neighbouring inputs",
        "{run: shatters, network: NETWORK}",
    ),
    "moves": Declared(
        ("formula",),
        "equal, proportional, inversely proportional or different: by how much a step of SGD"
        " changes weights, ‖dW‖/‖W‖, and a formula of h, W and G",
        "{run: moves, formula: h*G/W}",
    ),
    "clips": Declared(
        ("rule", "formula"),
        "equal or different: the elements of a clipped gradient, and a formula of G, limit, norm"
        " and weight",
        "{run: clips, rule: norm, formula: 'G*min(1, limit/norm)'}",
    ),
    "normalises": Declared(
        ("network", "layer"),
        "over which of batch, channels and space its output has mean 0 and variance 1 in training:"
        " channels; batch and space; …",
        "{run: normalises, network: NETWORK, layer: PATH}",
    ),
    "field": Declared(
        ("network",),
        "pixels that the gradient of one central unit of the output reaches, as 7x7",
        "{run: field, network: NETWORK}",
    ),
    "standardises": Declared(
        ("channels", "out", "kernel"),
        "equal or different: the filters that scaled_std_conv2d convolves with, and the formula of"
        " each filter's W, mean, sigma and N, times its gain",
        "{run: standardises, channels: 64, out: 32, kernel: 3, formula: (W -"
        " mean)/(sqrt(N)*sigma)}",
        optional=("formula",),
    ),
    "saturates": Declared(
        ("dtype",),
        "the least whole difference of two logits at which softmax is exactly 1, or never",
        "{run: saturates, dtype: float32}",
    ),
    "gain": Declared(
        ("op",),
        "1 / the standard deviation of the activation of a standard normal, by numerical"
        " integration; with a formula of pi, equal or different",
        '{run: gain, op: relu}, {run: gain, op: relu, formula: "sqrt(2/(1 - 1/pi))"}',
        optional=("formula",),
    ),
    "continuous": Declared(
        ("op",),
        "continuous or discontinuous: whether the largest step between neighbours shrinks with the"
        " grid",
        "{run: continuous, op: gelu}",
    ),
    "smooth": Declared(
        ("op",), "smooth or kinked: the same of its derivative", "{run: smooth, op: relu}"
    ),
    "slope": Declared(
        ("op",),
        "rising (its derivative never falls: convex), falling, rising and falling, or constant",
        "{run: slope, op: gelu}",
    ),
    "follows": Declared(
        ("op", "formula"),
        "equal or different: the activation and a formula of x and Phi(x), the normal"
        " distribution's",
        "{run: follows, op: gelu, formula: x*Phi(x)}",
    ),
    "runs": Declared(
        ("network", "inputs"),
        "runs, or `fails at` the first input it does not run at",
        "{run: runs, network: NETWORK, inputs: [3x224x224, 3x320x320]}",
    ),
    "identity": Declared(
        ("network", "zeroed"),
        "identity or different: a block whose branch has zero weights in these layers, on a random"
        " input, nonnegative where so said",
        "{run: identity, network: NETWORK, zeroed: [bn2]}",
        optional=("nonnegative",),
    ),
}
"""The experiments by the name that `run` takes."""

CHOICES: dict[str, tuple[str, ...]] = {
    "changed": ("batch", "mode", "chance", "channels", "place", "shift"),
    "mode": ("training", "evaluation"),
    "measure": ("zeros", "mean", "largest"),
    "of": ("activations", "gradients"),
    "rule": ("norm", "adaptive"),
    "dtype": ("float16", "bfloat16", "float32", "float64"),
}
"""The arguments that take one of these words."""
COUNTS = ("channels", "out", "kernel", "rows", "columns", "i", "j")
"""The arguments that are whole numbers of at least 1."""
PATHS = ("zeroed", "identity")
"""The arguments that are a layer's path, or a list of them."""

MEANINGS: dict[str, str] = {
    "network": "The network that is run.",
    "left": "One of the two networks that are compared.",
    "right": "The other one, whose `identity` layers pass on what they receive.",
    "input": "The input's shape; without it, the network's own.",
    "identity": "Layers that pass on what they receive.",
    "changed": "What else is changed: other images, the mode, chance, other channels, or places.",
    "mode": "The mode in which the network runs.",
    "measure": "What is measured of the output.",
    "layer": "The path of the layer that is looked at.",
    "weights": "The layer whose weights may be updated.",
    "op": "The op that is tried by itself.",
    "kernel": "The kernel's side.",
    "rows": "The rows of the matrix W.",
    "columns": "The columns of the matrix W.",
    "i": "The last row that is summed.",
    "j": "The last column that is summed.",
    "of": "What flows: activations forwards, or gradients backwards.",
    "first": "The layer to begin with; without it, the first that has weights.",
    "last": "The layer to end with; without it, the last that has weights.",
    "formula": "The lecture's formula, which is compared.",
    "rule": "How the gradient is clipped: by its norm, or by each unit's weights.",
    "channels": "The channels of the input.",
    "out": "The channels of the output.",
    "dtype": "The type of the logits.",
    "inputs": "The input's shapes that are tried, in order.",
    "zeroed": "The layers whose weights are zero.",
    "nonnegative": "Whether no element of the input is below zero.",
}
"""What each argument is, for editors."""
