"""The witnesses agree with a right analysis, and name the layer of a wrong one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from archprof.commands.verify.oracle import WITNESSES, verify
from archprof.commands.verify.verification import Check, Verification
from archprof.graph.graph import Graph
from archprof.ops.activation import Relu
from archprof.ops.answers import Cost, Saved, Weight
from archprof.ops.base import PointwiseOp
from archprof.ops.convolution import Conv2d
from archprof.ops.linear import Linear
from archprof.ops.merge import Add
from archprof.ops.normalization import BatchNorm2d, GroupNorm
from archprof.ops.pooling import MaxPool2d
from archprof.ops.reading import New
from archprof.ops.reshape import Flatten
from archprof.ops.sliding import taps
from archprof.problem import ProblemError
from tests.small import graph_of, small_networks, whatever

NETWORK = {
    "conv": "op: conv2d, out: 8, kernel: 3, padding: 1, bias: false",
    "bn": "op: batch_norm2d",
    "relu": "op: relu, inplace: true",
    "pool": "op: max_pool2d, kernel: 3, stride: 2, padding: 1",
    "head": "op: linear, out: 3, aux: true",
    "deep": "op: conv2d, out: 8, kernel: 3, padding: 1",
    "sum": "op: add, from: [deep, pool], inplace: true",
    "last": "op: relu",
    "flat": "op: flatten",
    "fc": "op: linear, out: 5",
}


def network() -> Graph:
    return graph_of(NETWORK, (3, 16, 20))


@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(small_networks())
def test_any_network_is_confirmed(small: tuple[dict[str, str], tuple[int, ...], str]) -> None:
    verification = verify(whatever(*small))
    assert verification.checks
    assert not verification.differing, "\n".join(map(str, verification.differing))


def test_every_witness_speaks_of_every_layer_and_of_the_whole() -> None:
    verification = verify(network())
    assert verification.holds
    assert verification.quantities == (
        ("torch", "params"),
        ("torch", "buffers"),
        ("torch", "output_shape"),
        ("FlopCounterMode", "flops"),
        ("fvcore", "flops"),
        ("autograd", "saved_bytes"),
        ("unit by unit", "field height"),
        ("unit by unit", "field width"),
        ("unit by unit", "receptive_field"),
        ("gradient", "field height"),
        ("gradient", "field width"),
        ("gradient", "receptive_field"),
    )
    for witness, quantity in verification.quantities[:6]:
        layers = [check.path for check in verification.of(witness, quantity) if check.path]
        if witness == "fvcore":  # of the main path, the sum and the flattening being functions
            assert set(layers) == {*NETWORK, "(functions)"} - {"sum", "head"}
        else:
            assert layers == list(NETWORK)
    assert {check.quantity for check in verification.totals} == {
        "params",
        "buffers",
        "flops",
        "saved_bytes",
        "receptive_field",
    }
    assert verification.layers["conv"]["torch", "params"] == Check(
        "torch", "params", "conv", 9 * 3 * 8, 9 * 3 * 8
    )


def test_progress_is_told() -> None:
    told: list[str] = []
    verify(graph_of({"x": "op: relu"}, (3, 4, 4)), told.append)
    assert told == list(WITNESSES)


def test_a_network_with_problems_is_not_verified() -> None:
    with pytest.raises(ProblemError):
        verify(whatever({"x": "op: conv2d, out: 4, kernel: 9"}, (3, 4, 4)))


@pytest.mark.parametrize(
    ("layers", "size"),
    [
        ({"x": "op: linear, out: 3"}, (12,)),
        ({"f": "op: flatten", "x": "op: linear, out: 3"}, (3, 4, 4)),
    ],
)
def test_without_a_local_field_nothing_is_claimed(
    layers: dict[str, str], size: tuple[int, ...]
) -> None:
    verification = verify(graph_of(layers, size))
    assert verification.holds
    assert not verification.of("gradient")
    assert verification.notes == ("receptive field: no layer has a local one",)


# --- a wrong analysis ---

Answer = Callable[..., Any]


def wrong(
    monkeypatch: pytest.MonkeyPatch, op: type, question: str, answer: Callable[[Answer], Answer]
) -> Verification:
    monkeypatch.setattr(op, question, answer(getattr(op, question)))
    return verify(network())


def blamed(verification: Verification) -> set[tuple[str, str, str]]:
    return {(check.witness, check.quantity, check.path) for check in verification.differing}


def test_a_forgotten_bias(monkeypatch: pytest.MonkeyPatch) -> None:
    found = wrong(
        monkeypatch,
        Linear,
        "weights",
        lambda true: lambda self, *inputs: {"weight": true(self, *inputs)["weight"]},
    )
    assert blamed(found) == {
        ("torch", "params", "fc"),
        ("torch", "params", "head"),
        ("torch", "params", ""),
    }


def test_a_forgotten_buffer(monkeypatch: pytest.MonkeyPatch) -> None:
    found = wrong(
        monkeypatch,
        BatchNorm2d,
        "weights",
        lambda true: (
            lambda self, *inputs: (
                true(self, *inputs) | {"running_var": Weight((1,), trainable=False)}
            )
        ),
    )
    assert blamed(found) == {("torch", "buffers", "bn"), ("torch", "buffers", "")}


def test_a_wrong_shape(monkeypatch: pytest.MonkeyPatch) -> None:
    found = wrong(
        monkeypatch,
        Add,
        "output_shape",
        lambda true: lambda self, *inputs: (inputs[0][0], inputs[0][2], inputs[0][1]),
    )
    assert {("torch", "output_shape", "sum"), ("torch", "output_shape", "last")} <= blamed(found)
    assert ("torch", "output_shape", "deep") not in blamed(found)


def test_a_network_that_torch_refuses(monkeypatch: pytest.MonkeyPatch) -> None:
    found = wrong(
        monkeypatch,
        Relu,
        "output_shape",
        lambda true: lambda self, *inputs: (*inputs[0][:-1], inputs[0][-1] + 3),
    )
    assert {
        ("torch shapes and FLOPs", "runs", ""),
        ("fvcore", "runs", ""),
        ("autograd's saved tensors", "runs", ""),
    } <= blamed(found)
    assert not found.holds
    assert any(
        "shapes cannot be multiplied" in note or "reduction dim" in note for note in found.notes
    )


def test_wrong_macs(monkeypatch: pytest.MonkeyPatch) -> None:
    found = wrong(
        monkeypatch, MaxPool2d, "cost", lambda true: lambda self, inputs, output: Cost(1, 2)
    )
    assert blamed(found) == {
        ("FlopCounterMode", "flops", "pool"),
        ("FlopCounterMode", "flops", ""),
        ("fvcore", "flops", "pool"),
        ("fvcore", "flops", ""),
    }


def test_a_wrong_convention(monkeypatch: pytest.MonkeyPatch) -> None:
    found = wrong(
        monkeypatch,
        BatchNorm2d,
        "cost",
        lambda true: lambda self, inputs, output: true(self, inputs, output)._replace(fvcore=7),
    )
    assert blamed(found) == {("fvcore", "flops", "bn"), ("fvcore", "flops", "")}


@pytest.mark.parametrize(
    ("op", "kept", "path"),
    [
        (BatchNorm2d, (Saved("input"),), "bn"),  # without its statistics
        # indices of 4 bytes
        (MaxPool2d, (Saved("input"), Saved("own", elements=8 * 8 * 10, itemsize=4)), "pool"),
        # right for two samples: not seen, as it is right
        (
            MaxPool2d,
            (Saved("input"), Saved("own", elements=8 * 8 * 10 * 2, itemsize=8, per_sample=False)),
            None,
        ),
    ],
)
def test_wrong_saved_tensors(
    monkeypatch: pytest.MonkeyPatch, op: type, kept: tuple[Saved, ...], path: str | None
) -> None:
    found = wrong(monkeypatch, op, "saved", lambda true: lambda self, inputs, output: kept)
    expected = (
        {("autograd", "saved_bytes", path), ("autograd", "saved_bytes", "")} if path else set()
    )
    assert blamed(found) >= expected
    assert {witness for witness, _, _ in blamed(found)} == ({"autograd"} if path else set())


def test_a_view_taken_for_a_copy(monkeypatch: pytest.MonkeyPatch) -> None:
    found = wrong(monkeypatch, Flatten, "storage", lambda true: lambda self, training=False: "new")
    assert blamed(found) == {("autograd", "saved_bytes", "fc"), ("autograd", "saved_bytes", "")}


def test_a_wrong_stride(monkeypatch: pytest.MonkeyPatch) -> None:
    found = wrong(
        monkeypatch,
        MaxPool2d,
        "reads",
        lambda true: (
            lambda self, inputs, output: ((New(), taps(1, 3, 1, 1, 1), taps(2, 3, 1, 1, 1)),)
        ),
    )
    assert {
        ("gradient", "field height", "pool"),
        ("gradient", "field width", "pool"),
        ("gradient", "receptive_field", ""),
    } <= blamed(found)
    assert ("gradient", "field height", "conv") not in blamed(found)


def test_a_wrong_padding_shifts_the_field(monkeypatch: pytest.MonkeyPatch) -> None:
    found = wrong(
        monkeypatch,
        Conv2d,
        "reads",
        lambda true: (
            lambda self, inputs, output: ((New(), taps(1, 3, 1, 0, 1), taps(2, 3, 1, 1, 1)),)
        ),
    )
    assert ("gradient", "field height", "conv") in blamed(found)
    assert ("gradient", "field width", "conv") not in blamed(found)


def test_a_norm_that_sees_everything_taken_for_a_local_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(GroupNorm, "reads", PointwiseOp.reads)
    graph = graph_of(
        {"conv": "op: conv2d, out: 8, kernel: 3, padding: 1", "gn": "op: group_norm, groups: 2"},
        (3, 16, 20),
    )
    assert {("gradient", "field height", "gn"), ("gradient", "field width", "gn")} <= blamed(
        verify(graph)
    )
