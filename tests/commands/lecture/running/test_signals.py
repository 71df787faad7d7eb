"""What depth does to signals and gradients, in plain and in residual networks."""

from __future__ import annotations

from pathlib import Path

import pytest

from archprof.problem import ProblemError
from tests.commands.lecture.running.outcomes import outcome_of

WIDTH = 32
HE = ", init: {weight: {kaiming_normal: fan_in}, bias: 0}"
XAVIER = ", init: {weight: {xavier_normal: 1}, bias: 0}"


def plain(depth: int, init: str = "", norm: bool = False, size: int = WIDTH) -> str:
    """The spec of layers behind each other: linear, batch norm or none, ReLU."""
    layers = []
    for i in range(depth):
        layers.append(f"l{i}: {{op: linear, out: {WIDTH}{init}}}")
        if norm:
            layers.append(f"n{i}: {{op: batch_norm1d}}")
        layers.append(f"r{i}: {{op: relu}}")
    return f"{{spec: {{input: {size}, layers: {{{', '.join(layers)}}}}}}}"


def residual(depth: int, init: str = "", norm: bool = False, size: int = WIDTH) -> str:
    """The spec of branches batch norm or none, ReLU, linear, each added to what it receives."""
    layers = [f"l: {{op: linear, out: {WIDTH}{init}}}"]
    before = "l"
    for i in range(depth):
        source = f", from: {before}"
        if norm:
            layers.append(f"n{i}: {{op: batch_norm1d, from: {before}}}")
            source = ""
        layers.append(f"r{i}: {{op: relu{source}}}")
        layers.append(f"l{i}: {{op: linear, out: {WIDTH}{init}}}")
        layers.append(f"a{i}: {{op: add, from: [l{i}, {before}]}}")
        before = f"a{i}"
    return f"{{spec: {{input: {size}, layers: {{{', '.join(layers)}}}}}}}"


NETWORKS = f"""
  plain: {plain(20)}
  plain_he: {plain(20, HE)}
  plain_xavier: {plain(20, XAVIER)}
  plain_norm: {plain(20, norm=True)}
  residual: {residual(20)}
  residual_he: {residual(20, HE)}
  one: {plain(1)}
  deep_line: {plain(24, HE, norm=True, size=1)}
  short_line: {plain(1, HE, norm=True, size=1)}
  residual_line: {residual(24, HE, norm=True, size=1)}
  factors: {{spec: {{input: 1, blocks: {{unit: {{layers: {{f: {{op: scale_by, factor: 1.0e+7}},
    l: {{op: linear, out: 1}}}}}}}}, layers: {{units: {{block: unit, repeat: 60}}}}}}}}
  scaled: {{spec: {{input: 4, layers: {{a: {{op: linear, out: 4}},
    s: {{op: scale_by, factor: $by}}, z: {{op: linear, out: 4}}}}}}}}
  straight: {{spec: {{input: 1, layers: {{l: {{op: linear, out: 1}}}}}}}}
  huge: {{spec: {{input: 3x9000x9000, layers: {{c: {{op: conv2d, out: 3, kernel: 3}},
    d: {{op: conv2d, out: 3, kernel: 3}}}}}}}}
"""


@pytest.mark.parametrize(
    ("network", "of", "expected"),
    [
        # torch's own weights have a variance of 1/(3 n): with half of the units shut by ReLU a
        # gradient keeps 1/6 of its square at each layer, 6^-10 = 1e-8 of its norm in 20
        ("plain", "gradients", "vanishing"),
        # 2/n: He et al. 2015 (arXiv 1502.01852) choose it so that both are kept
        ("plain_he", "gradients", "steady"),
        ("plain_he", "activations", "steady"),
        # 1/n, for layers without ReLU: a half is lost at each, 2^-10 = 0.001 of the norm in 20
        ("plain_xavier", "gradients", "vanishing"),
        ("plain_xavier", "activations", "vanishing"),
        # batch norm divides by the variance of a ReLU's output, (1 - 1/pi)/2, where the gradient
        # keeps 1/2: its square grows by pi/(pi - 1) = 1.47 or more (Yang et al. 2019, arXiv
        # 1902.08129), its norm by 1.47^10 = 46 in 20 layers
        ("plain_norm", "gradients", "exploding"),
        ("plain_norm", "activations", "steady"),
        # each branch adds 1/6 of the square: (7/6)^10 = 4.7
        ("residual", "gradients", "steady"),
        # each adds as much as it is given: 2^10 = 1,024
        ("residual_he", "gradients", "exploding"),
        ("residual_he", "activations", "exploding"),
        # 1e7 each: more than float32 has numbers for
        ("factors", "activations", "exploding"),
        ("factors", "gradients", "exploding"),
    ],
)
def test_flow(tmp_path: Path, network: str, of: str, expected: str) -> None:
    assert outcome_of(NETWORKS, tmp_path, run="flow", network=network, of=of) == expected


def test_flow_between_two_layers(tmp_path: Path) -> None:
    """Of 20 layers that lose 1/6 each, two lose (1/6)^(1/2) = 0.41 of the norm, which is more than
    a tenth.
    """
    given = {"run": "flow", "network": "plain", "of": "gradients"}
    assert outcome_of(NETWORKS, tmp_path, **given, first="l0", last="l1") == "steady"
    assert outcome_of(NETWORKS, tmp_path, **given, first="l0", last="l12") == "vanishing"
    # backwards: what grows from the last layer to the first falls from the first to the last
    assert outcome_of(NETWORKS, tmp_path, **given, first="l12", last="l0") == "exploding"


@pytest.mark.parametrize("of", ["activations", "gradients"])
@pytest.mark.parametrize(
    ("by", "expected"),
    [("10.1", "exploding"), ("9.9", "steady"), ("0.101", "steady"), ("0.099", "vanishing")],
)
def test_ten_times_as_much_is_not_steady(tmp_path: Path, by: str, of: str, expected: str) -> None:
    """What a layer multiplies by a number grows as many times, and so does its gradient on the
    way back.
    """
    networks = NETWORKS.replace("factor: $by", f"factor: {by}")
    given = {"run": "flow", "network": "scaled", "of": of, "first": "a", "last": "s"}
    assert outcome_of(networks, tmp_path, **given) == expected


@pytest.mark.parametrize(
    ("network", "expected"),
    [
        ("short_line", "correlated"),
        ("deep_line", "white noise"),
        ("residual_line", "correlated"),  # as deep, with skips
        ("straight", "correlated"),  # its gradient is the same everywhere
    ],
)
def test_shatters(tmp_path: Path, network: str, expected: str) -> None:
    assert outcome_of(NETWORKS, tmp_path, run="shatters", network=network) == expected


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"run": "flow", "network": "one", "of": "gradients"}, "fewer than two layers"),
        (
            {"run": "flow", "network": "plain", "of": "gradients", "first": "l20"},
            "no gradient reaches a layer `l20`",
        ),
        ({"run": "flow", "network": "plain", "of": "weights"}, "`of` is 'weights'"),
        # outputs of 3*(8998*8998 + 8996*8996) numbers, each twice for 4 images of 4 bytes: 14.47
        # GiB, and for 256 points of 8 bytes: 1.81 TiB
        (
            {"run": "flow", "network": "huge", "of": "gradients"},
            "huge needs 14.5 GiB in float32, at most 2.00 GiB",
        ),
        (
            {"run": "shatters", "network": "huge"},
            "huge needs 1.81 TiB in float64, at most 2.00 GiB",
        ),
        ({"run": "shatters", "network": "factors"}, "the gradients of factors overflow"),
    ],
)
def test_what_is_refused(tmp_path: Path, arguments: dict[str, object], message: str) -> None:
    with pytest.raises(ProblemError, match=message):
        outcome_of(NETWORKS, tmp_path, **arguments)
