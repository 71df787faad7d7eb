"""`frozen`: who inherits it, who thaws, and what an expression decides."""

from __future__ import annotations

import pytest

from archprof.language.expand import expand
from archprof.language.loader import load_text
from archprof.language.network import networks
from archprof.problem import ProblemError

SPEC = """name: net
input: 8x8x8
params: {stages: 1}
blocks:
  unit:
    layers:
      conv: {op: conv2d, out: 8, kernel: 1}
      bn: {op: batch_norm2d, frozen: false}
      relu: {op: relu}
  pair: {layers: [{block: unit, repeat: 2}]}
layers:
  stem: {op: conv2d, out: 8, kernel: 1, frozen: true}
  plain: {op: conv2d, out: 8, kernel: 1}
  stages: {block: pair, repeat: 3, frozen: $index < $stages}
  group:
    frozen: true
    layers:
      inner: {layers: [{op: conv2d, out: 8, kernel: 1, repeat: 2}]}
      thawed: {frozen: false, layers: [{op: conv2d, out: 8, kernel: 1}]}
  tied: {op: conv2d, out: 8, kernel: 1, share: stem}
"""


def frozen(**overrides: int) -> list[str]:
    """The paths of the layers whose parameters are frozen, each as a whole."""
    network = next(networks(load_text(SPEC))).replaced(overrides=overrides)
    graph = expand(network)
    assert not graph.problems
    assert all(node.frozen in (frozenset(), node.facts.trainable) for node in graph.nodes)
    return [node.path for node in graph.nodes if node.frozen]


def test_what_is_inside_inherits_and_thaws() -> None:
    assert frozen() == [
        "stem",
        "stages.0.0.conv",
        "stages.0.1.conv",
        "group.inner.0",
        "group.inner.1",
        "tied",
    ]


def test_a_parameter_decides() -> None:
    units = [f"stages.{i}.{j}.conv" for i in range(2) for j in range(2)]
    assert frozen(stages=2) == ["stem", *units, "group.inner.0", "group.inner.1", "tied"]
    assert frozen(stages=0) == ["stem", "group.inner.0", "group.inner.1", "tied"]


def test_a_whole_network_is_frozen() -> None:
    text = (
        "name: tuned\ninput: 3x64x64\nlayers:\n"
        "  backbone: {network: resnet18, frozen: true}\n  head: {op: linear, out: 10}\n"
    )
    nodes = expand(next(networks(load_text(text)))).nodes
    trained = [node.path for node in nodes if node.trained]
    assert trained == ["head"]


def test_some_parameters_are_named() -> None:
    """Whatever is around it; what shares the weights has them frozen too."""
    text = (
        "name: a\ninput: 3x8x8\nlayers:\n"
        "  c: {op: conv2d, out: 3, kernel: 1, frozen: [bias]}\n"
        "  d: {op: conv2d, out: 3, kernel: 1, share: c}\n"
        "  g: {frozen: true, layers: {n: {op: batch_norm2d, frozen: [weight]}}}\n"
    )
    c, d, n = expand(next(networks(load_text(text)))).nodes
    assert (c.frozen, d.frozen, n.frozen) == ({"bias"}, {"bias"}, {"weight"})
    assert (c.trained, c.frozen_params, n.frozen_params) == ({"weight"}, 3, 3)
    assert c.remarks == ("frozen: bias",)


@pytest.mark.parametrize(
    ("layer", "says"),
    [
        (
            "{op: conv2d, out: 3, kernel: 1, bias: false, frozen: [bias]}",
            "4:59: error: `c` has no parameter 'bias' that could be frozen [kind]",
        ),
        ("{op: relu, frozen: [weight]}", "  hint: leave `frozen` out"),
        ("{op: batch_norm2d, frozen: [running_mean]}", "  hint: it has `bias`, `weight`"),
        ("{op: batch_norm2d, frozen: []}", "`frozen` is [], expected names of parameters [kind]"),
        ("{op: batch_norm2d, frozen: [1]}", "`frozen` is [1], expected names of parameters"),
        ("{op: batch_norm2d, frozen: bias}", "`frozen` is 'bias', expected true or false"),
        ("{frozen: [bias], layers: [{op: relu}]}", "expected true or false beside `layers`"),
    ],
)
def test_names_of_no_parameter(layer: str, says: str) -> None:
    text = f"name: a\ninput: 3x8x8\nlayers:\n  c: {layer}\n"
    try:
        found = str(ProblemError(expand(next(networks(load_text(text)))).problems))
    except ProblemError as error:
        found = str(error)
    assert says in found


def test_buffers_are_no_parameters_that_could_be_frozen() -> None:
    text = "name: a\ninput: 3x8x8\nlayers: {bn: {op: batch_norm2d, frozen: true}}\n"
    (node,) = expand(next(networks(load_text(text)))).nodes
    assert node.frozen == {"weight", "bias"}
    # 3 scales and 3 shifts; mean, variance and a counter are kept up in training all the same
    assert (node.frozen_params, node.untrained, node.buffers) == (6, 6, 7)
