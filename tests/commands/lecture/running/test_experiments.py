"""Each experiment beside a twin that must come out otherwise, and what it refuses."""

from __future__ import annotations

import math
from pathlib import Path

import pytest
import torch

from archprof.commands.lecture.claims.experiments import EXPERIMENTS as DECLARED
from archprof.commands.lecture.running import curves, norms
from archprof.commands.lecture.running.experiments import EXPERIMENTS
from archprof.problem import ProblemError
from tests.commands.lecture.running.outcomes import outcome_of

NETWORKS = """
  conv: {spec: {input: 6x4x5, layers: {c: {op: conv2d, out: 3, kernel: 1}}}}
  wider: {spec: {input: 6x4x5, layers: {c: {op: conv2d, out: 4, kernel: 1}}}}
  linear: {spec: {input: 6x4x5, layers: {last: {op: permute, order: [1, 2, 0]},
    l: {op: linear, out: 3}, first: {op: permute, order: [2, 0, 1]}}}}
  turned: {spec: {input: 6x4x4, layers: {last: {op: permute, order: [2, 1, 0]},
    l: {op: linear, out: 3}, first: {op: permute, order: [2, 0, 1]}}}}
  depthwise: {spec: {input: 2x5x5, layers: {c: {op: conv2d, out: 2, kernel: 3, groups: 2,
    bias: false}}}}
  apart: {spec: {input: 2x5x5, layers: {a: {op: slice, stop: 1},
    x: {op: conv2d, out: 1, kernel: 3, bias: false},
    b: {op: slice, from: input, start: 1}, y: {op: conv2d, out: 1, kernel: 3, bias: false},
    both: {op: concat, from: [x, y]}}}}
  swapped: {spec: {input: 2x5x5, layers: {a: {op: slice, stop: 1},
    x: {op: conv2d, out: 1, kernel: 3, bias: false},
    b: {op: slice, from: input, start: 1}, y: {op: conv2d, out: 1, kernel: 3, bias: false},
    both: {op: concat, from: [y, x]}}}}
  three: {spec: {input: 2x8x8, layers: {a: {op: conv2d, out: 2, kernel: 3, padding: 1},
    relu: {op: relu, inplace: true},
    b: {op: conv2d, out: 2, kernel: 3, padding: 1},
    c: {op: conv2d, out: 2, kernel: 3, padding: 1}}}}
  deeper: {spec: {input: 2x8x8, layers: {a: {op: conv2d, out: 2, kernel: 3, padding: 1},
    b: {op: conv2d, out: 2, kernel: 3, padding: 1},
    more: {op: conv2d, out: 2, kernel: 5, padding: 2}}}}
  late: {spec: {input: 2x8x8, layers: {a: {op: conv2d, out: 2, kernel: 3, padding: 1},
    b: {op: conv2d, out: 2, kernel: 3, padding: 1}, relu: {op: relu},
    more: {op: conv2d, out: 2, kernel: 5, padding: 2}}}}
  fully: {spec: {input: 3, layers: {l: {op: linear, out: 3}}}}
  fully_twice: {spec: {input: 3, layers: {l: {op: linear, out: 3}, more: {op: linear, out: 3}}}}
  two: {spec: {input: 2x8x8, layers: {a: {op: conv2d, out: 2, kernel: 3, padding: 1},
    b: {op: conv2d, out: 2, kernel: 3, padding: 1}}}}
  bare: {spec: {input: 2x7x7, layers: {a: {op: conv2d, out: 2, kernel: 3},
    b: {op: conv2d, out: 2, kernel: 3}, c: {op: conv2d, out: 2, kernel: 3}}}}
  pooled: {spec: {input: 3x20x24, layers: {a: {op: conv2d, out: 4, kernel: 3, stride: 2,
    padding: 1}, p: {op: max_pool2d, kernel: 3, stride: 2, padding: 1},
    b: {op: conv2d, out: 4, kernel: [3, 5], padding: [1, 2]}, q: {op: max_pool2d, kernel: 2}}}}
  gated: {spec: {input: 64x8x8, layers: {c: {op: conv2d, out: 1, kernel: 3}, s: {op: sigmoid}}}}
  global: {spec: {input: 3x20x24, layers: {a: {op: conv2d, out: 4, kernel: 3},
    g: {op: group_norm, groups: 2}}}}
  norms: {spec: {input: 6x8x10, layers: {bn: {op: batch_norm2d},
    one: {op: group_norm, groups: 1}, three: {op: group_norm, groups: 3},
    six: {op: group_norm, groups: 6}, ln2d: {op: layer_norm2d}, raw: {op: layer_norm},
    rms: {op: rms_norm}, last: {op: permute, order: [1, 2, 0]},
    ln: {op: layer_norm}, first: {op: permute, order: [2, 0, 1]}, flat: {op: flatten, start: 1},
    tokens: {op: permute, order: [1, 0]},
    token: {op: layer_norm}, lost: {op: reshape, size: [5, -1]}, nowhere: {op: layer_norm}}}}
  block: {spec: {input: 4x6x6, layers: {conv1: {op: conv2d, out: 4, kernel: 3, padding: 1},
    bn1: {op: batch_norm2d}, relu1: {op: relu, inplace: true},
    conv2: {op: conv2d, out: 4, kernel: 3, padding: 1}, bn2: {op: batch_norm2d},
    add: {op: add, from: [bn2, input], inplace: true}, relu2: {op: relu}}}}
  words: {spec: {input: {shape: 5, dtype: int64, below: 9},
    layers: {e: {op: embedding, num: 9, dim: 3}}}}
  pair: {spec: {inputs: {a: 3x4x4, b: 3x4x4}, layers: {s: {op: add, from: [a, b]}}}}
  large: {spec: {input: 3x40000x40000, layers: {norm: {op: layer_norm2d},
    c: {op: conv2d, out: 1, kernel: 3, stride: 20000}}}}
"""


def outcome(tmp_path: Path, **arguments: object) -> str:
    """What an experiment over the networks above gives."""
    return outcome_of(NETWORKS, tmp_path, **arguments)


def test_what_is_declared_can_be_run() -> None:
    assert set(EXPERIMENTS) == set(DECLARED)


@pytest.mark.parametrize(
    ("left", "right", "expected"),
    [
        ("conv", "linear", "equal"),  # a 1x1 convolution is a linear layer at each pixel
        ("linear", "conv", "equal"),
        ("conv", "turned", "different"),  # the same weights, height and width swapped
        ("conv", "wider", "different"),  # 28 parameters against 21
        ("three", "two", "different"),
        ("norms", "norms", "equal"),
        ("depthwise", "apart", "equal"),  # each channel by itself, and concatenated
        ("depthwise", "swapped", "different"),
    ],
)
def test_equal(tmp_path: Path, left: str, right: str, expected: str) -> None:
    assert outcome(tmp_path, run="equal", left=left, right=right, input=None) == expected


@pytest.mark.parametrize(
    ("left", "right", "identity", "expected"),
    [
        ("two", "deeper", "more", "equal"),  # Dirac filters pass on what they receive
        ("two", "deeper", ["more"], "equal"),
        ("two", "deeper", "a", "different"),  # the weights of another layer
        ("two", "deeper", None, "different"),  # 74 parameters against 176
        ("two", "late", "more", "different"),  # the ReLU between them stays
        ("fully", "fully_twice", "more", "equal"),
    ],
)
def test_a_deeper_network_emulates_a_shallower_one(
    tmp_path: Path, left: str, right: str, identity: object, expected: str
) -> None:
    found = outcome(tmp_path, run="equal", left=left, right=right, identity=identity)
    assert found == expected


def test_equal_at_another_input(tmp_path: Path) -> None:
    assert outcome(tmp_path, run="equal", left="conv", right="linear", input="6x9x2") == "equal"


@pytest.mark.parametrize(
    ("layer", "expected"),
    [
        ("ln", "channels"),
        ("ln2d", "channels"),
        ("token", "channels"),
        ("raw", "width"),  # the last dimension of C x H x W: what a forgotten permute does
        ("bn", "batch and space"),
        ("one", "channels and space"),
        ("three", "channels in 3 groups and space"),
        ("six", "space"),  # one group per channel: instance norm
        ("rms", "nothing"),  # divides, and leaves the mean
    ],
)
def test_normalises(tmp_path: Path, layer: str, expected: str) -> None:
    assert outcome(tmp_path, run="normalises", network="norms", layer=layer) == expected


@pytest.mark.parametrize(
    ("network", "expected"),
    [
        ("three", "7x7"),
        ("two", "5x5"),
        ("bare", "7x7"),  # of an input of 7x7
        ("gated", "3x3"),  # where a large sum of 576 pixels would have no gradient left
        (
            "pooled",
            "19x27",
        ),  # 3, 3 + 2*2 = 7, 7 + (3 - 1)*4 = 15 and 7 + (5 - 1)*4 = 23, and 4 more
    ],
)
def test_field(tmp_path: Path, network: str, expected: str) -> None:
    assert outcome(tmp_path, run="field", network=network) == expected


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([-1, 1], True),  # the mean is 0, the variance 1
        ([-0.9999, 0.9999], True),  # 0.9998, as an epsilon of a norm makes it
        ([-0.999, 0.999], False),  # 0.998
        ([-1.001, 1.001], False),  # 1.002
        ([0, 0], False),
        ([-0.99999, 1.00001], False),  # a mean of 0.00001
        ([0, 2], False),
    ],
)
def test_mean_0_and_variance_1(values: list[float], expected: bool) -> None:
    column = torch.tensor(values, dtype=torch.float64).view(-1, 1)
    assert norms._standard(column, (0,)) is expected
    # of every index of the other axes
    both = torch.cat([column, torch.tensor([[-1.0], [1.0]], dtype=torch.float64)], 1)
    assert norms._standard(both, (0,)) is expected


def test_standardises(tmp_path: Path) -> None:
    of = {"channels": 5, "out": 4, "kernel": 3}
    assert outcome(tmp_path, run="standardises", **of) == "equal"
    assert outcome(tmp_path, run="standardises", channels=8, out=1000, kernel=5) == "equal"
    assert (
        outcome(tmp_path, run="standardises", formula="(W - mean)/(sqrt(N)*sigma)", **of) == "equal"
    )
    assert outcome(tmp_path, run="standardises", formula="(W - mean)/sigma", **of) == "different"
    assert outcome(tmp_path, run="standardises", formula="W/(sqrt(N)*sigma)", **of) == "different"
    assert (
        outcome(tmp_path, run="standardises", formula="(W - mean)/(sqrt(N - 1)*sigma)", **of)
        == "different"
    )


@pytest.mark.parametrize(
    ("op", "expected"),
    [
        ("relu", math.sqrt(2 / (1 - 1 / math.pi))),  # E = 1/sqrt(2 pi), E of the square = 1/2
        ("leaky_relu", 1 / math.sqrt((1 + 0.01**2) / 2 - 0.99**2 / (2 * math.pi))),
        # the constants of Brock et al. are estimates from samples: right to three digits
        ("sigmoid", 4.8056),
        ("gelu", 1.7015),
        ("silu", 1.7881),
        ("tanh", 1.5939),
    ],
)
def test_gain(tmp_path: Path, op: str, expected: float) -> None:
    found = float(outcome(tmp_path, run="gain", op=op))
    assert found == pytest.approx(expected, rel=1e-10 if "relu" in op else 2e-3)


@pytest.mark.parametrize(
    ("formula", "expected"), [("sqrt(2/(1 - 1/pi))", "equal"), ("sqrt(2/(1 + 1/pi))", "different")]
)
def test_gain_by_a_formula(tmp_path: Path, formula: str, expected: str) -> None:
    """Of ReLU the mean square is 1/2 and the mean 1/sqrt(2 pi)."""
    assert outcome(tmp_path, run="gain", op="relu", formula=formula) == expected


def test_gain_of_what_is_known() -> None:
    assert curves.normal_gain(lambda x: x) == pytest.approx(1, rel=1e-12)
    # Var X^2 = 3 - 1
    assert curves.normal_gain(lambda x: x * x) == pytest.approx(1 / math.sqrt(2), rel=1e-12)
    assert curves.normal_gain(lambda x: 3 * x + 5) == pytest.approx(1 / 3, rel=1e-12)


@pytest.mark.parametrize(
    ("op", "shape"),
    [
        *((op, "kinked") for op in ("relu", "relu6", "leaky_relu", "hardswish", "hardsigmoid")),
        *((op, "smooth") for op in ("gelu", "silu", "sigmoid", "tanh")),
    ],
)
def test_activations_are_continuous_and_some_have_kinks(
    tmp_path: Path, op: str, shape: str
) -> None:
    assert outcome(tmp_path, run="continuous", op=op) == "continuous"
    assert outcome(tmp_path, run="smooth", op=op) == shape


@pytest.mark.parametrize(
    ("curve", "continuous", "smooth"),
    [
        (lambda x: (x > 0).double(), False, None),
        (lambda x: x + 0.05 * (x > 1 / 3).double(), False, None),  # a small step off the grid
        (lambda x: x.abs().sqrt(), True, False),  # as steep as one likes at 0
        (lambda x: (x - 1 / 3).abs(), True, False),
        (lambda x: x * x.abs(), True, True),  # its second derivative jumps, its first does not
        (torch.zeros_like, True, None),
    ],
)
def test_steps_and_kinks_that_no_activation_has(
    curve: curves.Curve, continuous: bool, smooth: bool | None
) -> None:
    assert curves.steps_shrink(curve) is continuous
    if smooth is not None:
        assert curves.steps_shrink(curves.derivative(curve)) is smooth


def test_the_grids_on_which_curves_are_sampled(monkeypatch: pytest.MonkeyPatch) -> None:
    """From -8 to 8 in steps of 1/16 and 1/65536, and of 1/64; a gain from -12 to 12 in steps of
    1/1000.
    """
    seen: list[tuple[float, float, int]] = []

    def curve(x: torch.Tensor) -> torch.Tensor:
        seen.append((float(x[0]), float(x[-1]), len(x)))
        return x

    curves.steps_shrink(curve)
    curves.direction(curve)
    curves.normal_gain(curve)
    assert seen == [
        (-8, 8, 16 * 16 + 1),
        (-8, 8, 16 * 65536 + 1),
        (-8, 8, 16 * 64 + 1),
        (-12, 12, 24 * 1000 + 1),
    ]
    seen.clear()
    monkeypatch.setattr(curves, "_curve", lambda arguments: curve)
    assert curves.follows(Formula()) == "equal"  # type: ignore[arg-type]
    assert seen == [(-8, 8, 16 * 64 + 1)]


class Formula:
    """Arguments of an experiment whose formula is x; Phi stands for the normal distribution."""

    def text(self, name: str) -> str:
        assert name == "formula"
        return "x + 0*Phi(x)"

    def worked(self, formula: str, letters: dict[str, list[float]]) -> torch.Tensor:
        assert formula == "x + 0*Phi"
        values = dict(zip(letters["x"], letters["Phi"], strict=True))
        # Phi(0) = 1/2; 68.27 % lie within one standard deviation, 95.45 % within two
        found = [values[x] for x in (-8, -2, -1, 0, 1, 2, 8)]
        assert found == pytest.approx(
            [0, 0.0227501, 0.1586553, 0.5, 0.8413447, 0.9772499, 1], abs=1e-7
        )
        return torch.tensor(letters["x"], dtype=torch.float64)


def test_how_small_a_jump_is_seen() -> None:
    """A straight line has steps of 1/16 and 1/65536. With a jump of c the finer grid's largest is
    c + 1/65536, and (1/16 + c)/64 at most where nothing is seen: c <= (1/1024 - 1/65536)*64/63,
    which is 0.00097656.
    """

    def jump(size: float) -> curves.Curve:
        return lambda x: x + size * (x > 1 / 3).double()

    assert curves.steps_shrink(jump(0.000975))
    assert not curves.steps_shrink(jump(0.000978))


def test_steps_of_rounding_have_no_direction() -> None:
    """Steps of 1/64 times a slope: from 1e-9 on they count."""
    for slope, direction in ((60e-9, "constant"), (70e-9, "rising"), (-70e-9, "falling")):
        assert curves.direction(lambda x, slope=slope: slope * x) == direction  # type: ignore[misc]


@pytest.mark.parametrize(
    ("op", "expected"),
    [("relu", "rising"), ("gelu", "rising and falling"), ("sigmoid", "rising and falling")],
)
def test_slope(tmp_path: Path, op: str, expected: str) -> None:
    assert outcome(tmp_path, run="slope", op=op) == expected


def test_directions() -> None:
    assert curves.direction(lambda x: -x.exp()) == "falling"
    assert curves.direction(lambda x: 0 * x) == "constant"
    assert curves.direction(torch.sin) == "rising and falling"


@pytest.mark.parametrize(
    ("op", "formula", "expected"),
    [
        ("gelu", "x*Phi(x)", "equal"),
        ("silu", "x*Phi(x)", "different"),
        ("relu", "max(0, x)", "equal"),
        ("relu", "max(0, x) + 1/1000000", "different"),
        ("gelu", "max(0, x)", "different"),
        ("hardswish", "x*min(max(x + 3, 0), 6)/6", "equal"),
    ],
)
def test_follows(tmp_path: Path, op: str, formula: str, expected: str) -> None:
    assert outcome(tmp_path, run="follows", op=op, formula=formula) == expected


@pytest.mark.parametrize(
    ("network", "inputs", "expected"),
    [
        ("resnet18", ["3x224x224", "3x320x288", "3x64x64"], "runs"),
        ("resnet18", ["3x224x224", "1x224x224"], "fails at 1x224x224"),
        # its fully connected layers fit one size
        ("alexnet", ["3x227x227", "3x320x320"], "fails at 3x320x320"),
        ("three", "2x50x60", "runs"),
    ],
)
def test_runs(tmp_path: Path, network: str, inputs: object, expected: str) -> None:
    assert outcome(tmp_path, run="runs", network=network, inputs=inputs) == expected


@pytest.mark.parametrize(
    ("zeroed", "nonnegative", "expected"),
    [
        ("bn2", True, "identity"),
        (["bn2"], None, "different"),  # the ReLU behind the sum takes what is negative
        (["bn1"], True, "different"),
        (["bn2.weight"], True, "different"),  # the bias is left
    ],
)
def test_identity(tmp_path: Path, zeroed: object, nonnegative: bool | None, expected: str) -> None:
    assert (
        outcome(tmp_path, run="identity", network="block", zeroed=zeroed, nonnegative=nonnegative)
        == expected
    )


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"run": "field", "network": "global"}, "grows with the input"),
        ({"run": "field", "network": "resnet18"}, "takes 3x224x224 to 1000"),
        (
            {"run": "field", "network": "large"},
            "large needs 71.5 GiB in float64, at most 2.00 GiB are used",
        ),
        ({"run": "field", "network": "fourty"}, "there is no network called `fourty`"),
        ({"run": "field", "network": 4}, "`network` is 4, expected a text"),
        (
            {"run": "equal", "left": "two", "right": "two", "identity": "c"},
            "there is no `c`",
        ),
        (
            {"run": "equal", "left": "block", "right": "block", "identity": "bn1"},
            "`bn1.weight` has one number per channel",
        ),
        (
            {"run": "normalises", "network": "large", "layer": "norm"},
            # 16 times 3*40000*40000 numbers of 8 bytes, over 2**30
            "`norm` needs 572 GiB in float64, at most 2.00 GiB are used",
        ),
        ({"run": "normalises", "network": "norms", "layer": "lm"}, "there is no layer `lm`"),
        (
            {"run": "normalises", "network": "norms", "layer": "last"},
            "`last` is a permute, which torch has no module for",
        ),
        ({"run": "normalises", "network": "norms", "layer": "nowhere"}, "not known at `nowhere`"),
        (
            {"run": "equal", "left": "words", "right": "words"},
            "words takes other inputs than one of fractions",
        ),
        (
            {"run": "depends", "network": "pair", "changed": "batch"},
            "pair takes other inputs than one of fractions",
        ),
        ({"run": "gain", "op": "conv2d"}, "`conv2d` is not an activation"),
        ({"run": "follows", "op": "relu", "formula": "x*y"}, "the letter y stands for nothing"),
        ({"run": "follows", "op": "relu", "formula": "x*("}, "not an expression"),
        ({"run": "follows", "op": "relu", "formula": "x > 0"}, "gives false, expected a number"),
        # of what is not above 0 a number
        (
            {"run": "follows", "op": "relu", "formula": "x > 0 or x"},
            "gives true, expected a number",
        ),
        ({"run": "runs", "network": "three", "inputs": ["large"]}, "'large' is not an input"),
        ({"run": "runs", "network": "three", "inputs": []}, "`inputs` is empty"),
        ({"run": "identity", "network": "block", "zeroed": ["bn3"]}, "there is no `bn3`"),
        (
            {"run": "identity", "network": "block", "zeroed": ["bn2"], "nonnegative": 1},
            "`nonnegative` is 1, expected true or false",
        ),
        ({"run": "standardises", "channels": 0, "out": 1, "kernel": 1}, "`channels` is 0"),
        (
            {"run": "standardises", "channels": 1025, "out": 1, "kernel": 1},
            "`channels` is 1025, expected a whole number from 1 to 1024",
        ),
        (
            {"run": "standardises", "channels": 1, "out": 1025, "kernel": 1},
            "`out` is 1025, expected a whole number from 1 to 1024",
        ),
        (
            {"run": "standardises", "channels": 1, "out": 1, "kernel": 32},
            "`kernel` is 32, expected a whole number from 1 to 31",
        ),
        (
            {"run": "standardises", "channels": 8, "out": 1001, "kernel": 5},
            "1001 filters of 200 weights are too many",  # 200,200 in all
        ),
        (
            {"run": "standardises", "channels": 1024, "out": 1, "kernel": 3},
            "1 filters of 9216 weights are too many",
        ),
    ],
)
def test_what_is_refused(tmp_path: Path, arguments: dict[str, object], message: str) -> None:
    with pytest.raises(ProblemError) as error:
        outcome(tmp_path, **arguments)
    (problem,) = error.value.problems
    assert message in problem.message
    assert problem.mark.line


def test_the_same_again(tmp_path: Path) -> None:
    """Nothing depends on torch's random state, and torch's random state alone does not decide
    what comes out.
    """
    for seed in (0, 1):
        torch.manual_seed(seed)
        assert outcome(tmp_path, run="gain", op="gelu") == "1.700926243363333"
        assert outcome(tmp_path, run="equal", left="conv", right="linear") == "equal"


@pytest.mark.parametrize(
    ("dtype", "expected"),
    [
        # 1 + exp(-d) is 1 once exp(-d) is below half of the spacing behind 1: of 2^-23 from
        # d = 24 ln 2 = 16.6 on, of 2^-52 from d = 53 ln 2 = 36.7 on
        ("float32", "17"),
        ("float64", "37"),
        # worked out in float32 and rounded: 1/(1 + exp(-d)) is 1 where 1 - it is below half of the
        # spacing before 1, 2^-12 from d = 12 ln 2 = 8.3 on, 2^-9 from d = 9 ln 2 = 6.2 on
        ("float16", "9"),
        ("bfloat16", "7"),
    ],
)
def test_saturates(tmp_path: Path, dtype: str, expected: str) -> None:
    assert outcome(tmp_path, run="saturates", dtype=dtype) == expected
