"""The compiled module: an ordinary torch module, keys as the spec's paths."""

from __future__ import annotations

import copy
from collections import OrderedDict

import pytest
import torch
from torch import fx, nn

import archprof
from archprof.graph.graph import Graph
from archprof.model.compile import NODE, build
from archprof.problem import ProblemError
from tests.language.expand.graphs import graph as spec_graph
from tests.small import graph_of, whatever

NESTED = {
    "conv": "op: conv2d, out: 4, kernel: 3, padding: 1",
    "scale": "op: scale, size: [4, 1, 1], value: 0.1",
    "head": "op: linear, out: 3, aux: true",
    "again": "op: conv2d, out: 4, kernel: 3, padding: 1, from: [scale]",
    "shared": "op: conv2d, out: 4, kernel: 3, padding: 1, share: again",
    "bn": "op: batch_norm2d",
    "pos": "op: parameter, size: [4, 6, 8], value: 0.5",
    "sum": "op: add, from: [bn, pos]",
}


@pytest.fixture(scope="module")
def resnet18() -> Graph:
    return archprof.load("resnet18").graph


def test_keys_and_values() -> None:
    module = build(graph_of(NESTED, (4, 6, 8)))
    assert set(module.state_dict()) == {
        "conv.weight",
        "conv.bias",
        "scale",
        "again.weight",
        "again.bias",
        "bn.weight",
        "bn.bias",
        "bn.running_mean",
        # nothing twice for `shared`
        "bn.running_var",
        "bn.num_batches_tracked",
        "pos",
        "head.weight",
        "head.bias",
    }
    assert torch.equal(module.get_parameter("scale"), torch.full((4, 1, 1), 0.1))
    assert torch.equal(module.get_parameter("pos"), torch.full((4, 6, 8), 0.5))


def test_names_that_are_no_identifiers_of_python() -> None:
    """torch.fx reads `getattr(self, "block1-0")`; a list that is visited in turns is one module."""
    named = {
        "block1-0": "op: conv2d, out: 4, kernel: 1, bias: false",
        "convs.0": "op: conv2d, out: 4, kernel: 1, bias: false",
        "bns.0": "op: batch_norm2d, affine: false",
        "convs.1": "op: conv2d, out: 4, kernel: 1, bias: false",
        "'0'": "op: scale, size: [4, 1, 1], value: 2",
        "p-0.q": "op: parameter, size: [4, 6, 8], value: 3",
        "sum-1": "op: add, from: [0, p-0.q]",
    }
    module = build(graph_of(named, (4, 6, 8))).eval()
    assert list(module.state_dict()) == [
        "0",
        "block1-0.weight",
        "convs.0.weight",
        "convs.1.weight",
        "bns.0.running_mean",
        "bns.0.running_var",
        "bns.0.num_batches_tracked",
        "p-0.q",
    ]
    assert [name for name, _ in module.get_submodule("convs").named_children()] == ["0", "1"]
    for name in ("block1-0", "convs.0", "convs.1"):
        module.get_parameter(f"{name}.weight").data = torch.eye(4).reshape(4, 4, 1, 1)
    image = torch.ones(2, 4, 6, 8)
    scaled = 2 / (1 + 1e-5) ** 0.5  # a fresh batch norm divides by sqrt(1 + eps)
    assert torch.allclose(module(image), torch.full((2, 4, 6, 8), scaled + 3))


def test_it_is_an_fx_graph_with_a_node_per_layer() -> None:
    graph = graph_of(NESTED, (4, 6, 8))
    module = build(graph, aux_heads=True)
    assert isinstance(module, fx.GraphModule)
    assert [graph.nodes[n.meta[NODE]].path for n in module.graph.nodes if NODE in n.meta] == list(
        NESTED
    )
    assert "self.conv" in module.code
    module.graph.lint()


def test_with_heads_it_gives_them_and_without_it_keeps_their_weights() -> None:
    graph = graph_of(NESTED, (4, 6, 8))
    main, head = build(graph, aux_heads=True)(torch.zeros(2, 4, 6, 8))
    assert (main.shape, head.shape) == ((2, 4, 6, 8), (2, 4, 6, 3))
    without = build(graph)
    assert without(torch.zeros(2, 4, 6, 8)).shape == (2, 4, 6, 8)
    assert set(without.state_dict()) == set(build(graph, aux_heads=True).state_dict())


def test_several_outputs_are_a_tuple() -> None:
    first, second = build(graph_of({"a": "op: relu", "b": "op: flatten"}, (4, 6, 8), "[a, b]"))(
        torch.zeros(2, 4, 6, 8)
    )
    assert (first.shape, second.shape) == ((2, 4, 6, 8), (2, 192))


def test_meta_allocates_nothing(resnet18: Graph) -> None:
    module = build(resnet18, device="meta")
    assert {t.device.type for t in (*module.parameters(), *module.buffers())} == {"meta"}
    assert module(torch.empty(8, 3, 224, 224, device="meta")).shape == (8, 1000)


SWIN = {
    "cut": "op: window_partition, window: 2",
    "table": "op: parameter, size: [9, 2]",
    "bias": "op: relative_position_bias, window: 2",
    "mask": "op: window_mask, height: 4, width: 4, shift: 1, buffer: true, from: [cut]",
}


def test_it_follows_the_device_that_torch_makes_tensors_on() -> None:
    graph = graph_of(NESTED | {"flat": "op: flatten, from: [sum]"}, (4, 6, 8))
    swin = graph_of(SWIN, (4, 4, 8), "[bias, mask]")
    for one in (graph, swin):
        with torch.device("meta"):
            module = build(one)
        tensors = [*module.parameters(), *module.buffers()]
        assert {tensor.device.type for tensor in tensors} == {"meta"}
        assert tensors
    assert {t.device.type for t in build(graph).parameters()} == {"cpu"}
    with torch.device("meta"):  # what is requested comes before what is around
        assert {t.device.type for t in build(graph, device="cpu").parameters()} == {"cpu"}


def test_the_library_follows_it_too() -> None:
    with torch.device("meta"):
        module = archprof.load("resnet18").build()
        assert module(torch.empty(2, 3, 224, 224)).shape == (2, 1000)
    assert {t.device.type for t in module.parameters()} == {"meta"}


def test_dtype() -> None:
    module = build(graph_of(NESTED, (4, 6, 8)), dtype=torch.float64)
    assert {p.dtype for p in module.parameters()} == {torch.float64}
    assert module.get_buffer("bn.num_batches_tracked").dtype == torch.int64


def test_a_graph_with_problems_is_refused() -> None:
    with pytest.raises(ProblemError, match="does not fit"):
        build(whatever({"x": "op: conv2d, out: 4, kernel: 9"}, (3, 4, 4)))


def test_copies_and_pickles(resnet18: Graph) -> None:
    module = build(graph_of(NESTED, (4, 6, 8))).eval()
    image = torch.rand(1, 4, 6, 8)
    assert torch.equal(copy.deepcopy(module)(image), module(image))


def test_export(resnet18: Graph) -> None:
    module = build(resnet18).eval()
    batch = torch.export.Dim("batch", min=1, max=64)
    exported = torch.export.export(
        module, (torch.zeros(2, 3, 64, 64),), dynamic_shapes=({0: batch},)
    )
    images = torch.rand(3, 3, 64, 64)
    found = exported.module()(images)
    torch.testing.assert_close(found, module(images))
    assert found.shape == (3, 1000)
    assert not torch.equal(found[0], found[1])  # each image its own
    assert exported.state_dict.keys() == module.state_dict().keys()


@pytest.mark.slow
def test_compile(resnet18: Graph) -> None:
    module = build(resnet18).eval()
    images = torch.rand(2, 3, 64, 64)
    found = torch.compile(module, backend="eager", fullgraph=True)(images)
    torch.testing.assert_close(found, module(images))
    assert found.shape == (2, 1000)
    assert not torch.equal(found[0], found[1])


def test_a_class_token_exports_with_any_batch() -> None:
    graph = graph_of(
        {
            "token": "op: parameter, size: [1, 8]",
            "x": "op: concat, from: [token, input]",
            "l": "op: linear, out: 4",
        },
        (6, 8),
    )
    module = build(graph).eval()
    exported = torch.export.export(
        module,
        (torch.zeros(2, 6, 8),),
        dynamic_shapes=({0: torch.export.Dim("batch", min=1, max=64)},),
    )
    tokens = torch.rand(5, 6, 8)
    torch.testing.assert_close(exported.module()(tokens), module(tokens))


@pytest.mark.slow
def test_what_is_no_module_is_shared_too() -> None:
    """A learned scale, a constant and a table of biases lie at their owner's path alone."""
    text = (
        "blocks:\n  unit: {layers: {gain: {op: scale, size: [3, 1, 1], value: 2}, more: {op:"
        " parameter, size: [3, 8, 8]}, one: {op: buffer, size: [3, 8, 8], values: 1}, add: {op:"
        " add, from: [gain, more, one]}}}\nlayers:\n  a: {block: unit}\n  b: {block: unit, share:"
        " a}\n"
    )
    module = build(spec_graph(text)).eval()
    assert list(module.state_dict()) == ["a.gain", "a.more", "a.one"]
    # twice 2x + 1, where `more` starts with zeros
    image = torch.rand(2, 3, 8, 8)
    torch.testing.assert_close(module(image), 4 * image + 3)


def test_a_shared_head_is_called_on_every_level() -> None:
    """As one module of torch that is called three times: keys, values and gradients."""
    text = (
        "blocks:\n  head: {layers: {conv: {op: conv2d, out: 3, kernel: 3, padding: 1}, bn: {op:"
        " batch_norm2d}, last: {op: conv2d, out: 2, kernel: 1}}}\nlayers:\n  pool: {op: max_pool2d,"
        " kernel: 2}\n  more: {op: max_pool2d, kernel: 2}\n  head: {block: head, from: input}\n"
        "  head4: {block: head, from: pool, share: head}\n  head5: {block: head, from: more, share:"
        " head}\noutput: [head, head4, head5]\n"
    )
    module = build(spec_graph(text))
    head = nn.Sequential(
        OrderedDict(
            conv=nn.Conv2d(3, 3, 3, padding=1), bn=nn.BatchNorm2d(3), last=nn.Conv2d(3, 2, 1)
        )
    )
    pool = nn.MaxPool2d(2)
    assert [f"head.{key}" for key in head.state_dict()] == list(module.state_dict())
    module.load_state_dict({f"head.{key}": value for key, value in head.state_dict().items()})
    image = torch.rand(2, 3, 8, 8)
    ours = module(image)
    theirs = (head(image), head(pool(image)), head(pool(pool(image))))
    sum(level.square().sum() for level in ours).backward()
    sum(level.square().sum() for level in theirs).backward()
    for own, other in zip(ours, theirs, strict=True):
        torch.testing.assert_close(own, other)
    for key, parameter in head.named_parameters():
        torch.testing.assert_close(module.get_parameter(f"head.{key}").grad, parameter.grad)
    assert int(module.get_buffer("head.bn.num_batches_tracked")) == 3


def test_a_training_step_moves_every_parameter() -> None:
    """Auxiliary heads included: what does not move is not on any path to a loss."""
    network = archprof.load("googlenet", input=(3, 112, 112)).graph
    torch.manual_seed(0)
    module = build(network, aux_heads=True).train()
    optimizer = torch.optim.SGD(module.parameters(), lr=0.1)
    before = {key: p.detach().clone() for key, p in module.named_parameters()}
    outputs = module(torch.rand(2, 3, 112, 112))
    assert len(outputs) == 3
    loss = sum(
        torch.nn.functional.cross_entropy(output, torch.tensor([1, 2])) for output in outputs
    )
    loss.backward()  # type: ignore[union-attr]
    optimizer.step()
    unmoved = [key for key, p in module.named_parameters() if torch.equal(p, before[key])]
    assert unmoved == []


def test_frozen_parameters_want_no_gradient() -> None:
    frozen = {
        "conv": NESTED["conv"] + ", frozen: true",
        "scale": NESTED["scale"] + ", frozen: true",
    }
    again = {"again": NESTED["again"] + ", frozen: true", "pos": NESTED["pos"] + ", frozen: true"}
    module = build(graph_of(NESTED | frozen | again, (4, 6, 8)), aux_heads=True)
    wants = {name: parameter.requires_grad for name, parameter in module.named_parameters()}
    assert {name for name, wanted in wants.items() if not wanted} == {
        "conv.weight",
        "conv.bias",
        "scale",
        "again.weight",
        "again.bias",
        "pos",
    }
    assert {name for name, wanted in wants.items() if wanted} == {
        "head.weight",
        "head.bias",
        "bn.weight",
        "bn.bias",
    }


def test_a_frozen_norm_still_counts_its_batches() -> None:
    layers = {"bn": "op: batch_norm2d, frozen: true", "conv": "op: conv2d, out: 2, kernel: 1"}
    module = build(graph_of(layers, (4, 6, 8)))
    module(torch.ones(2, 4, 6, 8))
    state = module.state_dict()
    assert state["bn.num_batches_tracked"] == 1
    # the mean moves from 0 by a tenth of the way to 1
    assert torch.allclose(state["bn.running_mean"], torch.full((4,), 0.1))
