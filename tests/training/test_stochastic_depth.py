"""Dropped branches: against every subset of them, and against the paper's own number."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import product

import pytest

from archprof.analysis.analysis import analyze
from archprof.analysis.dropped_branches import dropped_branches
from archprof.graph.graph import Graph
from archprof.language.expand import expand
from archprof.language.loader import load_text
from archprof.language.network import networks
from archprof.training import stochastic_depth
from archprof.training.stochastic_depth import Chances, conditions, survivals
from tests.small import graph_of

# Two residual blocks, the second with a drop path inside its branch and two readers of one tensor;
# a third branch beside the second, of which `shared` is read by both.
NESTED = {
    "stem": "op: conv2d, out: 4, kernel: 1",
    "a": "op: conv2d, out: 4, kernel: 3, padding: 1",
    "drop_a": "op: drop_path, p: 0.25",
    "x": "op: add, from: [stem, drop_a]",
    "b": "op: conv2d, from: x, out: 4, kernel: 3, padding: 1",
    "b_inner": "op: conv2d, out: 4, kernel: 1",
    "drop_inner": "op: drop_path, p: 0.5",
    "b_sum": "op: add, from: [b, drop_inner]",
    "b_act": "op: sigmoid",
    "drop_b": "op: drop_path, p: 0.2",
    "c": "op: conv2d, from: b, out: 4, kernel: 1",
    "drop_c": "op: drop_path, p: 0.1",
    "y": "op: add, from: [x, drop_b, drop_c]",
    "last": "op: conv2d, out: 2, kernel: 1",
}


def small() -> Graph:
    return graph_of(NESTED, (4, 4, 4))


def run(graph: Graph, dropped: Iterable[int]) -> set[int]:
    """The nodes from which a path leads to an output through no dropped drop path."""
    gone = set(dropped)
    wanted = {i for i in graph.outputs if i not in gone}
    for i in reversed(range(len(graph.nodes))):
        if i in wanted:
            wanted.update(s for s in graph.nodes[i].inputs if s >= 0 and s not in gone)
    return wanted


def subsets(graph: Graph) -> Iterable[tuple[set[int], float]]:
    """Every choice of drop paths that drop: which nodes are run, and how probable it is."""
    paths = [(i, node.op.p) for i, node in enumerate(graph.nodes) if node.kind == "drop_path"]
    for choice in product((False, True), repeat=len(paths)):
        chance = 1.0
        for (_, rate), drops in zip(paths, choice, strict=True):
            chance *= rate if drops else 1 - rate
        gone = [i for (i, _), drops in zip(paths, choice, strict=True) if drops]
        yield run(graph, gone), chance


def test_every_node_is_run_as_often_as_in_all_subsets() -> None:
    graph = small()
    chances = Chances(graph, survivals(graph))
    for i, node in enumerate(graph.nodes):
        often = sum(chance for nodes, chance in subsets(graph) if i in nodes)
        assert float(chances.of([i])) == pytest.approx(often), node.path


def test_any_of_two_nodes() -> None:
    graph = small()
    chances = Chances(graph, survivals(graph))
    count = len(graph.nodes)
    for i, j in product(range(count), repeat=2):
        often = sum(chance for nodes, chance in subsets(graph) if {i, j} & nodes)
        assert float(chances.of([i, j])) == pytest.approx(often)


def test_what_decides() -> None:
    graph = small()
    paths = [node.path for node in graph.nodes]
    found = {
        path: {" ".join(sorted(paths[d] for d in term)) for term in condition}
        for path, condition in zip(paths, conditions(graph), strict=True)
    }
    assert {path: terms for path, terms in found.items() if terms != {""}} == {
        "a": {"drop_a"},
        "drop_a": {"drop_a"},
        "b": {"drop_b", "drop_c"},
        "b_inner": {"drop_b drop_inner"},
        "drop_inner": {"drop_b drop_inner"},
        "b_sum": {"drop_b"},
        "b_act": {"drop_b"},
        "drop_b": {"drop_b"},
        "c": {"drop_c"},
        "drop_c": {"drop_c"},
    }


def test_sums_are_those_of_all_subsets() -> None:
    graph = small()
    batch = 3
    found = dropped_branches(analyze(graph, batch))
    assert found is not None
    macs = [node.facts.known_cost.macs * batch for node in graph.nodes]
    flops = [node.facts.known_cost.flops * batch for node in graph.nodes]
    expected = [0.0, 0.0, 0.0]
    for nodes, chance in subsets(graph):
        expected[0] += chance * sum(macs[i] for i in nodes)
        expected[1] += chance * sum(flops[i] for i in nodes)
        expected[2] += chance * _kept(nodes, batch)
    assert found.macs == (sum(macs), pytest.approx(expected[0]))
    assert found.flops == (sum(flops), pytest.approx(expected[1]))
    everything = set(range(len(graph.nodes)))
    assert found.saved_bytes == (_kept(everything, batch), pytest.approx(expected[2]))
    assert found.branches == (4, pytest.approx(0.75 + 0.5 + 0.8 + 0.9))


def _kept(nodes: set[int], batch: int) -> int:
    """The bytes that autograd keeps where these nodes are run: tensors of 4x4x4 by hand.

    A convolution keeps its input, sigmoid its output, a drop path a number for each sample. The
    image is stem's; x is b's; b is both b_inner's and c's; y is last's.
    """
    order = list(NESTED)
    keeps = {
        "stem": "image",
        "a": "stem",
        "b": "x",
        "b_inner": "b",
        "b_act": "b_act",
        "c": "b",
        "last": "y",
    }
    tensors = {keeps[order[i]] for i in nodes if order[i] in keeps}
    numbers = sum(order[i].startswith("drop") for i in nodes)
    return (len(tensors) * 4 * 4 * 4 + numbers) * 4 * batch


def test_the_papers_expected_number_of_blocks() -> None:
    """ResNet-110 has L = 54 blocks; by the linear rule p_l = 1 - l/L*(1 - 0.5), and the expected
    number of blocks is (3L - 1)/4 = 40.25 (section 3 of the paper: "about 40 of 54").
    """
    block = """
blocks:
  unit:
    params: {rate: }
    layers:
      conv1: {op: conv2d, out: $channels, kernel: 3, padding: 1}
      conv2: {op: conv2d, out: $channels, kernel: 3, padding: 1}
      drop: {op: drop_path, p: $rate}
      add: {op: add, from: [input, drop]}
"""
    text = (
        f"name: net\ninput: 2x4x4{block}layers:\n"
        "  body: {block: unit, repeat: 54, with: {rate: ($index + 1) / 54 * 0.5}}\n"
    )
    graph = expand(next(networks(load_text(text))))
    found = dropped_branches(analyze(graph))
    assert found is not None
    assert found.branches == (54, pytest.approx(40.25))
    # two convolutions of 9*2*2 weights on 4*4 pixels in each block
    one = 2 * 9 * 2 * 2 * 4 * 4
    assert found.macs == (54 * one, pytest.approx(40.25 * one))


def test_rates_of_zero_and_one() -> None:
    layers = {
        "a": "op: conv2d, out: 4, kernel: 1",
        "keep": "op: drop_path, p: 0",
        "x": "op: add, from: [input, keep]",
        "b": "op: conv2d, out: 4, kernel: 1",
        "lose": "op: drop_path, p: 1",
        "y": "op: add, from: [x, lose]",
    }
    found = dropped_branches(analyze(graph_of(layers, (4, 4, 4))))
    assert found is not None
    one = 4 * 4 * 4 * 4  # weights times pixels
    assert found.branches == (1, 0)
    assert found.macs == (2 * one, one)


def test_a_network_without_drop_paths_has_none() -> None:
    conv = "op: conv2d, out: 4, kernel: 1"
    assert dropped_branches(analyze(graph_of({"a": conv}, (4, 4, 4)))) is None
    never = graph_of({"a": conv, "d": "op: drop_path, p: 0"}, (4, 4, 4))
    assert dropped_branches(analyze(never)) is None


@pytest.mark.parametrize("limit", ["MOST_TERMS", "MOST_CASES"])
def test_what_takes_too_long_is_unknown(monkeypatch: pytest.MonkeyPatch, limit: str) -> None:
    monkeypatch.setattr(stochastic_depth, limit, 1)
    found = dropped_branches(analyze(small()))
    assert found is not None
    assert found.branches == (4, pytest.approx(2.95))
    assert found.macs.worst > 0
    assert (found.macs.expected, found.flops.expected, found.saved_bytes.expected) == (None,) * 3


def test_a_long_series_ends_soon() -> None:
    layers = {f"d{i}": "op: drop_path, p: 0.1" for i in range(3_000)}
    found = dropped_branches(analyze(graph_of(layers, (4, 4, 4))))
    assert found is not None
    assert found.branches == (3_000, pytest.approx(2_700))
    assert found.macs == (0, None)


def test_one_long_series_beside_a_short_one_is_too_tangled() -> None:
    layers = {"stem": "op: sigmoid"}
    layers |= {f"d{i}": "op: drop_path, p: 0.1" for i in range(stochastic_depth.MOST_TERMS + 1)}
    layers |= {
        "short": "op: drop_path, from: stem, p: 0.1",
        "sum": f"op: add, from: [d{stochastic_depth.MOST_TERMS}, short]",
    }
    found = dropped_branches(analyze(graph_of(layers, (4, 4, 4))))
    assert found is not None
    assert found.macs.expected is None


def test_a_layer_of_unknown_cost_is_left_out() -> None:
    graph = small()
    whole = dropped_branches(analyze(graph))
    branch = next(node for node in graph.nodes if node.path == "c")
    macs, flops = branch.facts.known_cost.macs, branch.facts.known_cost.flops
    branch.facts.__dict__["cost"] = None  # which it keeps once it was asked
    found = dropped_branches(analyze(graph))
    assert whole is not None
    assert found is not None
    same = [node.path for node in graph.nodes if node.facts is branch.facts]
    assert (whole.macs.worst - found.macs.worst) == macs * len(same)
    assert (whole.flops.worst - found.flops.worst) == flops * len(same)


def test_the_input_as_an_output_decides_on_nothing() -> None:
    graph = small()
    more = graph.replaced(outputs=(-1, *graph.outputs))
    last = graph.nodes[-1]
    ended = more.replaced(nodes=(*graph.nodes, last._replace(inputs=(len(graph.nodes) - 2,))))
    ended = ended.replaced(outputs=(-1, len(graph.nodes) - 1))
    assert conditions(more) == conditions(graph)
    assert conditions(ended)[:-1] == conditions(graph)
