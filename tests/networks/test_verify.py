"""`verify` holds for shipped networks of each kind: torch, FlopCounterMode, fvcore and autograd's
saved bytes, and the extent of a gradient.
"""

from collections.abc import Iterable

import pytest

from archprof.commands.verify.oracle import WITNESSES
from archprof.commands.verify.verification import Verification
from archprof.graph.graph import Graph
from tests.effort import NIGHTLY
from tests.networks import shared

WITHOUT_MEMORY = [
    "torch modules",
    "torch shapes and FLOPs",
    "autograd's saved tensors",
    "receptive fields unit by unit",
]
FVCORE = "fvcore"
GRADIENT = "extent of the gradient"
CONVOLUTIONAL = [
    "alexnet",
    "alexnet_owt",
    "vgg11",
    "vgg16_bn",
    "googlenet",
    "googlenet_bn",
    "resnet18",
    "resnet50",
    "resnet50_v1",
    "resnext50_32x4d",
    "convnext_tiny",
    "densenet121",
    "mobilenet_v2",
    "inception_v3",
    "resnetv2_50",
    "resnet20",
    "nf_resnet50",
    "unet_padded",
]

LARGE = {
    "amoebanet_a",
    "inception_resnet_v2",
    "inception_v4",
    "nasnetamobile",
    "retinanet_resnet50_fpn",
    "unet3d",
    shared.ENSEMBLE,
}
"""Whose gradients take 10 to 30 seconds, and whose layers other networks have as well."""

GRADIENTS = [name for name in shared.OF_EACH_BRANCH if NIGHTLY or name not in LARGE]


def asked(graph: Graph, witnesses: Iterable[str]) -> Verification:
    """What these witnesses say of a network."""
    return Verification(
        tuple(check for witness in witnesses for check in WITNESSES[witness](graph)[0])
    )


def test_witnesses_are_the_commands() -> None:
    assert {*WITHOUT_MEMORY, FVCORE, GRADIENT} == WITNESSES.keys()


@pytest.mark.slow
@pytest.mark.usefixtures("no_values")
@pytest.mark.parametrize("name", shared.OF_EACH_BRANCH)
def test_every_witness_on_meta_tensors_agrees(name: str) -> None:
    found = asked(shared.graph(name), WITHOUT_MEMORY)
    assert [(c.witness, c.quantity, c.path, c.ours, c.theirs) for c in found.differing[:8]] == []
    witnesses = {"torch", "FlopCounterMode", "autograd"}
    if any(node.kind == "lstm" for node in shared.graph(name).nodes):
        witnesses -= {"autograd"}  # what oneDNN keeps is its secret
    assert {witness for witness, _ in found.quantities} >= witnesses
    assert found.holds


@pytest.mark.slow
@pytest.mark.usefixtures("no_values")
@pytest.mark.parametrize("name", shared.OF_EACH_BRANCH)
def test_fvcore_agrees(name: str) -> None:
    """In a real run, of the largest on fewer pixels: a layer's count is the same function of its
    shapes, and FlopCounterMode has it for every network at its own.
    """
    found = asked(shared.affordable(name), [FVCORE])
    assert [(c.witness, c.quantity, c.path, c.ours, c.theirs) for c in found.differing[:8]] == []
    assert len(found.checks) > 1
    assert found.holds


@pytest.mark.slow
@pytest.mark.parametrize("name", GRADIENTS)
def test_the_extent_of_a_gradient_agrees(name: str) -> None:
    """Every network's fields are followed unit by unit as well, by another witness."""
    found = asked(shared.graph(name), [GRADIENT])
    assert [(c.quantity, c.path, c.ours, c.theirs) for c in found.differing[:8]] == []
    assert len(found.checks) > 2 or name not in CONVOLUTIONAL
