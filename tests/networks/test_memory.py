"""Predicted memory against torch's tensors: networks of each kind without memory, and of each
family in real runs.
"""

from __future__ import annotations

import math

import pytest
from torch._subclasses.fake_tensor import FakeTensorMode

import archprof
from archprof.analysis.analysis import analyze
from archprof.commands.measure.running.measured_memory import AliveBytes, measure, trace
from archprof.commands.measure.running.workload import Case, prepare
from archprof.graph.graph import Graph
from archprof.model.compile import assemble
from archprof.model.inputs import zeros
from tests.effort import NIGHTLY
from tests.networks import shared

SMALL = {
    "unet": (1, 188, 188),
    "vgg11": (3, 96, 96),
    "googlenet": (3, 96, 96),
    "resnet18": (3, 96, 96),
    "mobilenet_v2": (3, 96, 96),
    "mobilenet_v3_large": (3, 96, 96),
    "efficientnet_b0": (3, 96, 96),
    "deit_tiny_patch16_224": (3, 96, 96),
    "vit_b_16": (3, 96, 96),
    "nasnetamobile": (3, 96, 96),
    "nf_resnet50": (3, 96, 96),
    "resnetv2_50": (3, 96, 96),
    "resnet50": (3, 96, 96),
    "seresnet50": (3, 96, 96),
    "densenet121": (3, 96, 96),
    "convnext_tiny": (3, 96, 96),
    "convmixer_768_32": (3, 56, 56),
    "coatnet_0_rw_224": (3, 96, 96),
    "edgenext_xx_small": (3, 96, 96),
}
"""Inputs on which a run is quick; the others run on their own."""

LONG = {
    "alexnet",
    "convnext_tiny",
    "googlenet",
    "inception_v3",
    "nasnetamobile",
    "resnet50",
    "resnetv2_50",
    "swin_t",
    "unet",
    "vgg11",
    "vit_b_16",
}
"""Whose runs take seconds, while others have their kinds of layers too: at night."""

UNPREDICTED = {"zaremba_small", "zaremba_medium", "zaremba_large"}
"""With an LSTM, for which a kernel of oneDNN makes a tensor whose size is its secret."""

RUN = [name for name in shared.FAMILIES if NIGHTLY or name not in LONG]


def of(name: str) -> Graph:
    return archprof.load(name, input=SMALL.get(name)).graph


@pytest.mark.slow
@pytest.mark.usefixtures("no_values")
@pytest.mark.parametrize("name", [n for n in shared.OF_EACH_BRANCH if n not in UNPREDICTED])
def test_peak_of_a_network_of_each_kind(name: str) -> None:
    """On tensors that have everything but memory: its bytes and its layer, for one image, and of
    a network of each kind for 32: what a layer has per image, and what once, tests/ops hold.
    """
    graph = shared.graph(name)
    with FakeTensorMode():
        module = assemble(graph).eval().requires_grad_(False)
        for batch in (1, 32) if NIGHTLY or name in shared.FAMILIES else (1,):
            images, *others = given = zeros(graph, batch)
            predicted = analyze(graph, batch).peak
            assert trace(
                [("forward", lambda given=given: module(*given))], module, images, others
            ).peak == AliveBytes(predicted.bytes, predicted.node, "forward")


@pytest.mark.slow
@pytest.mark.parametrize("name", RUN)
def test_inference_in_a_real_run(name: str) -> None:
    """Equal to the byte; what the allocator hands out beyond is the scratch of kernels."""
    graph = of(name)
    workload = prepare(Case(graph), "cpu")
    found = measure(workload.parts, workload.module, workload.input)
    predicted = analyze(graph).peak
    assert found.traced.peak == AliveBytes(predicted.bytes, predicted.node, "forward")
    assert found.scratch >= 0


@pytest.mark.slow
@pytest.mark.parametrize("name", RUN)
def test_training_in_a_real_run(name: str) -> None:
    """At the end of the forward pass, the gradients of the step before still there: what is
    predicted, and the outputs, which nobody saves.
    """
    graph = of(name)
    batch = 2
    workload = prepare(Case(graph, batch, train=True), "cpu")
    found = measure(workload.parts, workload.module, workload.input).traced
    outputs = sum(
        4 * batch * math.prod(graph.shape_of(i)) for i in (*graph.outputs, *graph.aux_outputs)
    )
    assert found.forward == analyze(graph, batch).totals.training_bytes + outputs
    assert found.peak.bytes >= found.forward
