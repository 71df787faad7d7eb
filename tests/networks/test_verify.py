"""`verify` holds for every shipped network: torch, FlopCounterMode, fvcore and autograd's saved
bytes, and the extent of a gradient.
"""

from collections.abc import Iterable

import pytest

from archprof.commands.verify.oracle import WITNESSES
from archprof.commands.verify.verification import Verification
from archprof.graph.graph import Graph
from archprof.language.find import shipped
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


NETWORKS = [network.name for network in shipped()]
LOOKED_AT = [
    name for name in NETWORKS if shared.NIGHTLY or name in {*CONVOLUTIONAL, *shared.FAMILIES}
]


def asked(graph: Graph, witnesses: Iterable[str]) -> Verification:
    """What these witnesses say of a network."""
    return Verification(
        tuple(check for witness in witnesses for check in WITNESSES[witness](graph)[0])
    )


def test_witnesses_are_the_commands() -> None:
    assert {*WITHOUT_MEMORY, FVCORE, GRADIENT} == WITNESSES.keys()


@pytest.mark.slow
@pytest.mark.usefixtures("no_values")
@pytest.mark.parametrize("name", NETWORKS)
def test_every_witness_on_meta_tensors_agrees(name: str) -> None:
    found = asked(shared.graph(name), WITHOUT_MEMORY)
    assert [(c.witness, c.quantity, c.path, c.ours, c.theirs) for c in found.differing[:8]] == []
    assert {witness for witness, _ in found.quantities} >= {"torch", "FlopCounterMode", "autograd"}
    assert found.holds


@pytest.mark.slow
@pytest.mark.usefixtures("no_values")
@pytest.mark.parametrize("name", NETWORKS)
def test_fvcore_agrees(name: str) -> None:
    """In a real run, of the largest on fewer pixels: a layer's count is the same function of its
    shapes, and FlopCounterMode has it at the network's own.
    """
    found = asked(shared.affordable(name), [FVCORE])
    assert [(c.witness, c.quantity, c.path, c.ours, c.theirs) for c in found.differing[:8]] == []
    assert len(found.checks) > 1
    assert found.holds


@pytest.mark.slow
@pytest.mark.parametrize("name", LOOKED_AT)
def test_the_extent_of_a_gradient_agrees(name: str) -> None:
    """Of a network of each kind; of every one in the nightly profile. What a sibling has more of
    is layers: their fields are followed unit by unit on every run, and each op's window is held
    against torch's by tests/ops.
    """
    found = asked(shared.graph(name), [GRADIENT])
    assert [(c.quantity, c.path, c.ours, c.theirs) for c in found.differing[:8]] == []
    assert len(found.checks) > 2 or name not in CONVOLUTIONAL
