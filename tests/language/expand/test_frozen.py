"""`frozen`: who inherits it, who thaws, and what an expression decides."""

from __future__ import annotations

from archprof.language.expand import expand
from archprof.language.loader import load_text
from archprof.language.network import networks

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


def test_buffers_are_no_parameters_that_could_be_frozen() -> None:
    text = "name: a\ninput: 3x8x8\nlayers: {bn: {op: batch_norm2d, frozen: true}}\n"
    (node,) = expand(next(networks(load_text(text)))).nodes
    assert node.frozen == {"weight", "bias"}
    # 3 scales and 3 shifts; mean, variance and a counter are kept up in training all the same
    assert (node.frozen_params, node.untrained, node.buffers) == (6, 6, 7)
