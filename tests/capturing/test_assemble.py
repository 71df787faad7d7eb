"""A tape to a graph: which layers there are, which of them count a weight, what they are given."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional

from archprof.analysis.analysis import analyze
from archprof.capturing.call import Call
from archprof.graph.graph import Graph, Node
from archprof.model.modules import MultiheadSelfAttention
from archprof.problem import ProblemError
from tests.captured import Computes, captured, layer, totals

IMAGE = (1, 4, 6, 8)


def remarks(node: Node) -> tuple[str, ...]:
    return node.remarks


def paths(graph: Graph) -> list[str]:
    return [node.path for node in graph.nodes]


# --- weights ---


class Twice(nn.Module):
    """One convolution that is called twice."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(4, 4, 3, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        result: Tensor = self.conv(self.conv(x))
        return result


def test_a_module_called_twice_is_paid_once_and_works_twice() -> None:
    graph = captured(Twice(), IMAGE)
    assert paths(graph) == ["conv", "conv_1"]
    first, second = graph.nodes
    assert second.shares == 0
    assert (first.params, second.params) == (4 * 4 * 9 + 4, 0)
    assert remarks(first) == ()
    assert (
        remarks(second) == ("`conv` is counted in `conv`",)
        or "counted in `conv`" in remarks(second)[0]
    )
    found = analyze(graph).totals
    assert found.params == 4 * 4 * 9 + 4
    assert found.macs == 2 * (4 * 6 * 8 * 4 * 9)


class Tied(nn.Module):
    """Two linear layers with one weight, each with a bias of its own."""

    def __init__(self) -> None:
        super().__init__()
        self.first, self.second = nn.Linear(5, 5), nn.Linear(5, 5)
        self.second.weight = self.first.weight

    def forward(self, x: Tensor) -> Tensor:
        result: Tensor = self.second(self.first(x))
        return result


def test_tied_weights_are_paid_once_and_the_second_layer_says_so() -> None:
    graph = captured(Tied(), (1, 5))
    first, second = graph.nodes
    assert paths(graph) == ["first", "second"]
    assert (first.params, second.params) == (5 * 5 + 5, 5)
    assert remarks(second) == ("`first.weight` is counted in `first`",)
    assert analyze(graph).totals.params == 5 * 5 + 5 + 5
    assert analyze(graph).totals.macs == 2 * 5 * 5


def test_a_frozen_weight_counts_and_is_said_to_be_frozen() -> None:
    module = nn.Sequential(nn.Linear(5, 5), nn.Linear(5, 5))
    module[0].requires_grad_(False)
    graph = captured(module, (1, 5))
    assert [remarks(node) for node in graph.nodes] == [("frozen",), ()]
    assert analyze(graph).totals.params == 2 * (5 * 5 + 5)


class Unused(nn.Module):
    """A head that only training uses, and a token that nothing uses."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Conv2d(4, 2, 1, bias=False)
        self.head = nn.Linear(3, 7)
        self.token = nn.Parameter(torch.zeros(1, 1, 9))

    def forward(self, x: Tensor) -> Any:
        x = self.stem(x)
        return (x, self.head(x.mean(1))) if self.training else x


def test_weights_that_nothing_uses_have_rows_of_their_own() -> None:
    graph = captured(Unused(), IMAGE)
    unused = {node.path: node.params for node in graph.nodes if node.kind == "unused"}
    assert unused == {"head": 3 * 7 + 7, "token": 9}
    assert all(node.aux for node in graph.nodes if node.kind == "unused")
    found = analyze(graph).totals
    assert found.params == 4 * 2 + 3 * 7 + 7 + 9
    assert found.aux_params == 3 * 7 + 7 + 9


def test_a_parameter_used_as_a_tensor_is_a_layer_of_its_name() -> None:
    module = Computes(
        lambda token, x: torch.cat([token.expand(1, -1, -1), x], 1), torch.ones(1, 1, 6)
    )
    graph = captured(module, (1, 4, 6))
    token = layer(graph, "parameter")
    assert (token.path, token.output, token.params) == ("weights.0", (1, 6), 6)
    assert analyze(graph).totals.params == 6


class WithBuffer(nn.Module):
    """A table of places that is not a parameter, in the state dict or not."""

    def __init__(self, persistent: bool):
        super().__init__()
        self.register_buffer("places", torch.zeros(3, dtype=torch.int64), persistent=persistent)

    def forward(self, x: Tensor) -> Tensor:
        return x[:, self.places]


@pytest.mark.parametrize("persistent", [True, False])
def test_a_buffer_counts_its_own_bytes(persistent: bool) -> None:
    graph = captured(WithBuffer(persistent), (1, 5))
    buffer = layer(graph, "buffer")
    assert (buffer.path, buffer.params, buffer.buffers) == ("places", 0, 3)
    assert buffer.facts.weights[""].persistent == persistent
    found = analyze(graph).totals
    assert (found.params, found.buffers, found.weight_bytes) == (0, 3, 3 * 8)


class Borrowed(nn.Module):
    """A function of another module's weight."""

    def __init__(self) -> None:
        super().__init__()
        self.held = nn.Linear(5, 7)

    def forward(self, x: Tensor) -> Tensor:
        return functional.linear(x, self.held.weight, self.held.bias)


def test_weights_of_a_module_that_is_not_called_are_paid_where_they_are() -> None:
    graph = captured(Borrowed(), (1, 5))
    (node,) = graph.nodes
    assert (node.kind, node.path, node.params) == ("linear", "held", 5 * 7 + 7)


class Switched(nn.Module):
    """A part that runs without gradients, which torch.export puts into a graph of its own."""

    def __init__(self) -> None:
        super().__init__()
        self.first, self.second = nn.Linear(5, 6), nn.Linear(6, 7)

    def forward(self, x: Tensor) -> Tensor:
        with torch.no_grad():
            x = self.first(x)
        result: Tensor = self.second(x)
        return result


def test_what_runs_without_gradients_counts() -> None:
    graph = captured(Switched(), (1, 5))
    assert paths(graph) == ["first", "second"]
    found = analyze(graph).totals
    assert (found.macs, found.params) == (5 * 6 + 6 * 7, 5 * 6 + 6 + 6 * 7 + 7)


# --- inputs and outputs ---


def test_further_inputs_are_layers_and_arrive_with_the_image() -> None:
    graph = captured(Computes(lambda x, y: x * y), (1, 5), (1, 5))
    arrived, product = graph.nodes
    assert (arrived.kind, arrived.op.arrives, graph.input) == ("input", True, (5,))
    assert product.inputs == (-1, 0)


def test_an_input_of_integers_has_their_bytes() -> None:
    """7 numbers of 8 bytes whatever the network's dtype, which the table keeps for its gradient."""
    graph = captured(nn.Embedding(100, 4), torch.zeros(1, 7, dtype=torch.int64))
    for dtype in ("float32", "float16"):
        analysis = analyze(graph, batch=3, dtype=dtype)
        assert analysis.totals.saved_bytes == 3 * 7 * 8
        assert dict(analysis.peak.alive)[-1] == 3 * 7 * 8


def test_every_output_is_one() -> None:
    graph = captured(Computes(lambda x: {"a": x + 1, "b": [x * 2, x]}), (1, 5))
    assert graph.outputs == (0, 1, -1)


def test_a_tensor_that_the_module_made_is_a_constant() -> None:
    table = torch.ones(5)
    graph = captured(Computes(lambda x: x + table.to(x.device)), (1, 5))
    assert "constant" in [node.kind for node in graph.nodes]
    assert analyze(graph).totals.params == 0


def test_a_network_without_a_tensor_is_refused() -> None:
    with pytest.raises(ProblemError, match="it takes no tensor"):
        captured(Computes(lambda: torch.ones(3)))


def test_the_batch_is_left_out_of_shapes() -> None:
    graph = captured(Computes(lambda x: x.flatten(1).unflatten(1, (4, 48))), IMAGE)
    assert [node.output for node in graph.nodes] == [(4 * 6 * 8,), (4, 48)]


# --- modules that are one op ---


class LayerNorm2d(nn.LayerNorm):
    """As torchvision's ConvNeXt and timm have it."""

    def forward(self, x: Tensor) -> Tensor:
        x = functional.layer_norm(
            x.permute(0, 2, 3, 1), self.normalized_shape, self.weight, self.bias, self.eps
        )
        return x.permute(0, 3, 1, 2)


def test_a_norm_between_permutations_is_one_layer() -> None:
    graph = captured(nn.Sequential(LayerNorm2d(4, eps=1e-6), LayerNorm2d(4)), IMAGE)
    assert [(n.path, n.kind, n.params) for n in graph.nodes] == [
        ("0", "layer_norm2d", 8),
        ("1", "layer_norm2d", 8),
    ]
    assert [getattr(n.op, "eps") for n in graph.nodes] == [1e-6, 1e-5]  # noqa: B009
    assert graph.nodes[0].instance is None


def test_a_class_of_the_same_name_that_computes_something_else_is_not() -> None:
    class Other(LayerNorm2d):
        def forward(self, x: Tensor) -> Tensor:
            return super().forward(x) * 2

    Other.__name__ = Other.__qualname__ = "LayerNorm2d"
    graph = captured(nn.Sequential(Other(4)), IMAGE)
    assert [n.kind for n in graph.nodes] == ["permute", "layer_norm", "permute", "scale_by"]
    assert analyze(graph).totals.params == 8


def test_nor_is_one_of_which_more_than_the_result_is_used() -> None:
    class Other(LayerNorm2d):
        def forward(self, x: Tensor) -> Any:
            inner = x.permute(0, 2, 3, 1)
            normalized = functional.layer_norm(inner, (4,), self.weight, self.bias, self.eps)
            return normalized.permute(0, 3, 1, 2), inner

    Other.__name__ = Other.__qualname__ = "LayerNorm2d"
    graph = captured(nn.Sequential(Other(4)), IMAGE)
    assert [n.kind for n in graph.nodes] == ["permute", "layer_norm", "permute"]


class Attends(nn.Module):
    """torch's own attention, of tokens among themselves or with others."""

    def __init__(self) -> None:
        super().__init__()
        self.attention = nn.MultiheadAttention(8, 2, batch_first=True)

    def forward(self, x: Tensor, other: Tensor | None = None) -> Tensor:
        keys = x if other is None else other
        result: Tensor = self.attention(x, keys, keys, need_weights=False)[0]
        return result


def test_attention_of_tokens_among_themselves_is_one_layer() -> None:
    graph = captured(Attends(), (1, 5, 8))
    (node,) = [n for n in graph.nodes if not n.entry.hidden]  # type: ignore[attr-defined]
    assert (node.kind, node.path, node.op.given()) == (
        "multihead_attention",
        "attention",
        {"heads": 2},
    )
    assert node.params == 3 * 8 * 8 + 3 * 8 + 8 * 8 + 8
    # four projections of 5 tokens, 5*5 scores of 8 channels, and as much with the values
    assert node.facts.known_cost.macs == 4 * 5 * 8 * 8 + 2 * 5 * 5 * 8


def test_torchs_own_attention_keeps_no_copy_of_its_result() -> None:
    """Of each of two samples of 5x8 the input, three times as much in queries, keys and values, the
    result, and a number for each of 5 rows of 2 heads; archprof's own joins the heads by a copy.
    """
    kept = 2 * 4 * (5 * 8 + 3 * 5 * 8 + 5 * 8 + 2 * 5)
    assert analyze(captured(Attends(), (1, 5, 8)), batch=2).totals.saved_bytes == kept
    own = captured(MultiheadSelfAttention(8, 2), (1, 5, 8))
    assert analyze(own, batch=2).totals.saved_bytes == kept + 2 * 4 * 5 * 8


def test_attention_with_others_is_its_operators() -> None:
    graph = captured(Attends(), (1, 5, 8), (1, 7, 8))
    assert "multihead_attention" not in [n.kind for n in graph.nodes]
    assert isinstance(layer(graph, "scaled_dot_product_attention").op, Call)
    found = analyze(graph).totals
    assert found.macs == (5 + 7 + 7 + 5) * 8 * 8 + 2 * 5 * 7 * 8
    assert found.params == 3 * 8 * 8 + 3 * 8 + 8 * 8 + 8


def test_the_users_module_is_as_it_was() -> None:
    module = Unused().train()
    before = {name: (id(p), p.requires_grad) for name, p in module.named_parameters()}
    values = {name: p.clone() for name, p in module.named_parameters()}
    state = torch.random.get_rng_state()
    captured(module, IMAGE)
    assert all(part.training for part in module.modules())
    assert torch.equal(state, torch.random.get_rng_state())
    assert {name: (id(p), p.requires_grad) for name, p in module.named_parameters()} == before
    assert all(torch.equal(p, values[name]) for name, p in module.named_parameters())


def test_totals_of_all_this_together() -> None:
    found = totals(nn.Sequential(Twice(), LayerNorm2d(4), nn.Flatten(), nn.Linear(192, 3)), IMAGE)
    assert found.params == (4 * 4 * 9 + 4) + 8 + (192 * 3 + 3)
    assert found.unknown.cost == ()
