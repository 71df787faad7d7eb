"""What every op claims, in every case of the table: against torch, fvcore, autograd and
arithmetic.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from fractions import Fraction
from functools import cache
from itertools import product
from typing import Any

import pytest
import torch
from torch import Tensor, fx

from archprof.analysis.memory import peak_inference, saved_for_backward
from archprof.commands.measure.running.measured_memory import trace
from archprof.commands.verify.oracle import WITNESSES, verify
from archprof.commands.verify.saved_witness import saved_by_node
from archprof.commands.verify.skeleton import stand_in
from archprof.commands.verify.skeleton_functions import FUNCTIONS
from archprof.commands.verify.verification import Verification
from archprof.graph.graph import Graph, Node
from archprof.graph.storage import storages
from archprof.model.compile import NODE, assemble
from archprof.model.inputs import zeros
from archprof.model.namespace import TORCH
from archprof.ops import OPS
from archprof.ops.answers import Function
from archprof.ops.base import Shape
from archprof.ops.rates import RATES
from archprof.ops.reading import New, Raster, Reading, Same, Taps
from archprof.ops.reshape import Flatten
from tests.ops.cases import OF_TOKENS, SEVERAL, SINGLE, networks
from tests.small import graph_of

Law = Callable[[dict[str, str], Shape], None]
Cases = list[tuple[dict[str, str], Shape]]


def in_cases(of: Callable[[str], Cases], ops: Iterable[str] = OPS) -> Callable[[Law], Any]:
    """Try a law in these cases of each op: an op is one test, which fails with all the cases that
    break the law.
    """

    def tried(law: Law) -> Any:
        @pytest.mark.parametrize("op", ops)
        def test(op: str) -> None:
            broken = []
            for layers, size in of(op):
                try:
                    law(layers, size)
                except AssertionError as error:
                    error.add_note(f"in {layers} on {size}")
                    broken.append(error)
            if broken:
                raise ExceptionGroup(op, broken)

        return test

    return tried


def alone(op: str) -> Cases:
    """The cases of an op with one input as the only layer of a network."""
    return [({"x": f"op: {op}, {settings}".rstrip(", ")}, size) for settings, size in SINGLE[op]]


in_every_case = in_cases(networks)

UNPREDICTED = {"lstm"}
"""Ops for which a kernel of oneDNN makes a tensor of its own, whose size is its secret."""
CHOSEN = {"attention", "product", "linear", "normalization", "pooling"}
"""The families in whose ops torch chooses among kernels by dtype, number of samples and order in
memory, or keeps what is of another dtype. An op of any other keeps and makes tensors of its own
dtype, each as many bytes per sample or per batch: for these, two numbers of samples tell the ones
from the others, and one number in the second dtype shows the bytes of an element.
"""


def built(layers: dict[str, str], size: Shape) -> Graph:
    return _built(tuple(layers.items()), size)


@cache
def _built(layers: tuple[tuple[str, str], ...], size: Shape) -> Graph:
    return graph_of(dict(layers), size)


def dtypes_and_batches(graph: Graph) -> list[tuple[torch.dtype, int]]:
    """What a case is tried with, and how many samples of it."""
    if {node.op.family for node in graph.nodes if node.path == "x"} & CHOSEN:
        return list(product((torch.float32, torch.float64), (1, 2, 3)))
    return [(torch.float32, 1), (torch.float32, 2), (torch.float64, 2)]


def test_the_table_names_every_op() -> None:
    assert set(SINGLE) | set(SEVERAL) | set(OF_TOKENS) == set(OPS)


@in_every_case
def test_witnesses_agree(layers: dict[str, str], size: Shape) -> None:
    """All witnesses; behind layers that keep something, or move elements in memory, autograd alone,
    because no other number depends on them.
    """
    graph = built(layers, size)
    if "before" in layers and all(node.facts.saved is not None for node in graph.nodes):
        verification = Verification(tuple(WITNESSES["autograd's saved tensors"](graph)[0]))
    else:
        verification = verify(graph)
    assert verification.checks
    assert not verification.differing, "\n".join(map(str, verification.differing))


@in_every_case
def test_weights_are_torchs_own(layers: dict[str, str], size: Shape) -> None:
    graph = built(layers, size)
    module = assemble(graph, device="meta")
    expected = {
        key: (weight.shape, weight.itemsize)
        for node in graph.nodes
        for key, weight in keyed(node)
        if weight.persistent
    }
    assert {
        k: (tuple(t.shape), None if t.is_floating_point() else t.element_size())
        for k, t in module.state_dict().items()
    } == expected
    assert {key for node in graph.nodes for key, w in keyed(node) if w.trainable} == set(
        dict(module.named_parameters())
    )


def known(found: Counter[int], graph: Graph) -> list[int | None]:
    """What autograd keeps because of each node, None where an op does not say it: oneDNN alone
    knows what its recurrent layer keeps.
    """
    unknown = [node.facts.saved is None for node in graph.nodes]
    assert {graph.nodes[i].kind for i, each in enumerate(unknown) if each} <= {"lstm"}
    return [None if each else found[i] for i, each in enumerate(unknown)]


def keyed(node: Node) -> Iterator[tuple[str, Any]]:
    for name, weight in node.facts.weights.items():
        yield f"{node.path}.{name}" if name else node.path, weight


@in_every_case
def test_what_is_no_module_is_a_function(layers: dict[str, str], size: Shape) -> None:
    graph = built(layers, size)
    for node in graph.nodes:
        made = node.op.build(TORCH, tuple(graph.shape_of(i) for i in node.inputs))
        assert isinstance(made, torch.nn.Module) == node.op.is_module, node.kind
        assert isinstance(made, Function) != node.op.is_module, node.kind


@in_every_case
def test_memory_is_shared_and_laid_out_as_said(layers: dict[str, str], size: Shape) -> None:
    graph = built(layers, size)
    for training in (False, True):
        module = assemble(graph).train(training)
        if not training:
            module.requires_grad_(False)
        run = _Keeping(module)
        (batch,) = zeros(graph, 2)
        run.run(batch)
        held = storages(graph, 2, training)
        owners = {batch.untyped_storage()._cdata: -1} | {
            p.untyped_storage()._cdata: -2 for p in (*module.parameters(), *module.buffers())
        }
        for i, node in enumerate(graph.nodes):
            tensor = run.tensors[i]
            assert owners.setdefault(tensor.untyped_storage()._cdata, i) == held.owner[i], node.path
            assert tensor.shape[0] == held.samples[i]
            assert meaningful(tuple(tensor.shape), tensor.stride()) == meaningful(
                held.layout[i].shape, held.layout[i].strides
            ), node.path


def meaningful(shape: tuple[int, ...], strides: tuple[int, ...]) -> list[tuple[int, int, int]]:
    """The strides along dimensions that have more than one element: the others are never walked."""
    return [(d, n, s) for d, (n, s) in enumerate(zip(shape, strides, strict=True)) if n > 1]


class _Keeping(fx.Interpreter):
    def __init__(self, module: fx.GraphModule):
        super().__init__(module, garbage_collect_values=False)
        self.tensors: dict[int, Tensor] = {}

    def run_node(self, n: fx.Node) -> Any:
        result = super().run_node(n)
        if NODE in n.meta:
            self.tensors[n.meta[NODE]] = result
        return result


@in_every_case
def test_saved_bytes_on_the_cpu(layers: dict[str, str], size: Shape) -> None:
    graph = built(layers, size)
    # what is kept per sample and what per batch; a single sample out of order may still be seen as
    # a matrix
    for dtype, batch in dtypes_and_batches(graph):
        if batch == 1 and "batch_norm" in layers["x"]:
            continue  # of one pixel, or a single vector, it has no variance
        module = assemble(graph).to(dtype).train()
        found = saved_by_node(module, zeros(graph, batch, dtype=dtype))
        assert known(found, graph) == saved_for_backward(graph, batch, dtype.itemsize)


@in_every_case
def test_memory_while_a_layer_runs(layers: dict[str, str], size: Shape) -> None:
    """All tensors alive at once while the layer is at work, what it makes for itself among them,
    against a real run.
    """
    graph = built(layers, size)
    for dtype, batch in dtypes_and_batches(graph):
        assert_memory(graph, dtype, batch)


def assert_memory(graph: Graph, dtype: torch.dtype, batch: int) -> None:
    module = assemble(graph).to(dtype).eval().requires_grad_(False)
    (images,) = zeros(graph, batch, dtype=dtype)
    predicted = [i for i in graph.main if graph.nodes[i].kind not in UNPREDICTED]
    found = trace([("forward", lambda: module(images))], module, images).layers
    weights = sum(
        {
            t.untyped_storage()._cdata: t.untyped_storage().nbytes()
            for t in (*module.parameters(), *module.buffers())
        }.values()
    )
    assert {i: found[i] for i in predicted} == {
        i: peak_inference(graph, weights, batch, dtype.itemsize, {i}).bytes for i in predicted
    }


@in_cases(networks, [op for op in OPS if "attention" in op])
def test_memory_in_half_precision(layers: dict[str, str], size: Shape) -> None:
    """Attention's math copies to float32 and back.

    Norms are left out: the CPU keeps their statistics in half precision, a GPU does not.
    """
    graph = built(layers, size)
    for batch in (1, 2, 3):
        assert_memory(graph, torch.bfloat16, batch)


@in_every_case
def test_saved_bytes_in_half_precision(layers: dict[str, str], size: Shape) -> None:
    """On the meta device, which computes as a GPU does: the CPU keeps a norm's statistics in
    half precision as well. But it knows no fused attention.
    """
    graph = built(layers, size)
    if "order" in layers and "group_norm" in layers["x"]:
        return  # which only the CPU takes with its channels last
    # and it runs recurrent layers step by step, where the CPU multiplies all inputs at once
    on_cpu = ("attention", "op: gru", "op: rnn", "op: lstm")
    device = "meta"
    if any(word in layer for layer in layers.values() for word in on_cpu):
        device = "cpu"
    found = saved_by_node(
        assemble(graph, device=device).bfloat16().train(),
        zeros(graph, 2, device, torch.bfloat16),
    )
    assert known(found, graph) == saved_for_backward(graph, 2, 2)


@in_cases(alone, SINGLE)
def test_a_unit_reads_what_is_said(layers: dict[str, str], size: Shape) -> None:
    """The elements of the input that one output element's gradient reaches, against `reads`:
    nothing outside, and every edge of every window.
    """
    graph = built(layers, size)
    node = graph.nodes[0]
    module = assemble(graph).double().eval()
    for parameter in module.parameters():
        torch.nn.init.uniform_(parameter, 0.5, 1)
    source = (
        torch.rand(1, *size, dtype=torch.float64, generator=torch.Generator().manual_seed(0)) + 0.5
    )
    source.requires_grad_()
    output = module(source.clone())[0]
    (reading,) = node.facts.reads
    for unit in {
        tuple(n // 2 for n in node.output),
        tuple(0 for _ in node.output),
        tuple(n - 1 for n in node.output),
    }:
        if output.requires_grad:
            (gradient,) = torch.autograd.grad(
                output[unit], source, retain_graph=True, allow_unused=True
            )
        else:
            gradient = None  # a constant
        reached = (
            gradient[0].nonzero()
            if gradient is not None
            else torch.empty(0, len(size), dtype=torch.int64)
        )
        if reading is None:
            continue
        spans = read_by(reading, unit, size)
        if any(last < first for first, last in spans):
            assert not len(reached)
            continue
        for d, (first, last) in enumerate(spans):
            if not len(reached):  # padding, or nothing at all
                assert node.kind.startswith(("pad", "conv_transpose"))
                continue
            around = (
                node.kind in ("pad", "blur_pool2d")
                or node.op.given().get("padding_mode") == "circular"
            )
            if around and not 0 <= first <= last < size[d]:
                continue  # what stands around may be an element from inside
            found = int(reached[:, d].min()), int(reached[:, d].max())
            assert max(first, 0) <= found[0] <= found[1] <= min(last, size[d] - 1)
            windowed = any(isinstance(entry, Taps) and entry.dim == d for entry in reading)
            # one element of a max pool's window gets the gradient, and one phase of an unshuffle's
            # a channel
            if (
                windowed
                and "max_pool" not in node.kind
                and node.kind != "pixel_unshuffle"
                and 0 <= first <= last < size[d]
            ):
                assert found == (first, last)


def read_by(reading: Reading, unit: tuple[int, ...], size: Shape) -> list[tuple[int, int]]:
    """First and last index along each dimension of the input; a last before the first where
    nothing is read.
    """
    spans = [(0, n - 1) for n in size]
    for entry, o in zip(reading, unit, strict=True):
        if isinstance(entry, Same):
            spans[entry.dim] = (o, o)
        elif isinstance(entry, Taps):
            turns, phase = divmod(o, len(entry.taps))
            tap = entry.taps[phase]
            spans[entry.dim] = (
                (tap[0] + turns * entry.step, tap[1] + turns * entry.step) if tap else (0, -1)
            )
        elif isinstance(entry, Raster):
            for d in reversed(entry.dims):
                o, index = divmod(o, size[d])
                spans[d] = (index, index)
    return spans


FUNCTIONS_OF_FORMULAS: dict[str, Callable[..., Any]] = {
    "floor": math.floor,
    "ceil": math.ceil,
    "max": max,
    "min": min,
}


@in_every_case
def test_workings_give_the_numbers(layers: dict[str, str], size: Shape) -> None:
    node = next(n for n in built(layers, size).nodes if n.path == "x")
    workings = node.op.working(node.facts.inputs, node.output)
    numbers = {
        "params": node.facts.params,
        "macs": node.facts.cost.macs,
        "flops": node.facts.cost.flops,
    }
    assert set(numbers) <= set(workings)
    for name, working in workings.items():
        expected = numbers[name] if name in numbers else axis(node, name)
        values = {k: Fraction(v) for k, v in working.values.items()}
        assert (
            eval(working.formula, {"__builtins__": {}}, {**FUNCTIONS_OF_FORMULAS, **values})
            == expected
        ), name
        # and once more with the numbers put in, as it is printed
        assert (
            eval(working.substituted(), {"__builtins__": {}}, FUNCTIONS_OF_FORMULAS) == expected
        ), name


def axis(node: Node, name: str) -> int:
    """The size of the output that a line of a shape's working gives."""
    if name.startswith("dim "):
        return node.output[int(name.split()[1])]
    if name == "features" and isinstance(node.op, Flatten):
        return node.output[node.op.start % len(node.facts.inputs[0])]
    if name == "features":
        return node.output[-1]
    behind = {1: ("length",), 2: ("height", "width"), 3: ("depth", "height", "width")}
    axes = ("channels", *behind.get(len(node.output) - 1, ()))
    return dict(zip(axes, node.output, strict=True))[name]


@pytest.mark.parametrize("op", OPS)
def test_settings_survive_a_round_trip(op: str) -> None:
    for layers, size in networks(op):
        node = next(n for n in built(layers, size).nodes if n.path == "x")
        again = type(node.op)(**node.op.given())
        assert again == node.op
        assert hash(again) == hash(node.op)


@pytest.mark.parametrize("op", OPS)
def test_every_op_has_a_positive_stand_in_or_no_field(op: str) -> None:
    """What the gradient witness cannot stand in for must not claim a regular field."""
    for layers, size in networks(op):
        graph = built(layers, size)
        for traced in assemble(graph, device="meta").graph.nodes:
            if NODE not in traced.meta or traced.op == "get_attr":
                continue
            node = graph.nodes[traced.meta[NODE]]
            if traced.op == "call_function":
                known = traced.target in FUNCTIONS
            else:
                module = traced.graph.owning_module.get_submodule(traced.target)
                known = stand_in(type(module), node.op) is not None
            regular = [
                entry
                for reading in node.facts.reads
                if reading
                for entry in reading
                if not isinstance(entry, New)
            ]
            assert known or not regular, node.kind


def test_every_rate_is_of_an_op() -> None:
    names = {name for name in RATES if name not in OPS}
    modes = ("nearest", "linear", "bilinear", "trilinear", "bicubic")
    assert names == {"gelu_tanh", *(f"interpolate_{mode}" for mode in modes)}
