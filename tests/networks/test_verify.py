"""`verify` holds for every shipped network: torch, FlopCounterMode, fvcore and autograd's saved
bytes, and the extent of a gradient.
"""

import pytest

from archprof.commands.verify.oracle import WITNESSES
from archprof.commands.verify.verification import Verification
from archprof.language.find import shipped
from tests.networks import shared

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


def asked(name: str, witnesses: list[str]) -> Verification:
    """What these witnesses say of a network."""
    return Verification(
        tuple(check for witness in witnesses for check in WITNESSES[witness](shared.graph(name))[0])
    )


@pytest.mark.slow
@pytest.mark.parametrize("name", [network.name for network in shipped()])
def test_every_witness_on_meta_tensors_agrees(name: str) -> None:
    found = asked(name, [witness for witness in WITNESSES if witness != GRADIENT])
    assert [(c.witness, c.quantity, c.path, c.ours, c.theirs) for c in found.differing[:8]] == []
    assert {witness for witness, _ in found.quantities} >= {
        "torch",
        "FlopCounterMode",
        "fvcore",
        "autograd",
    }
    assert found.holds


@pytest.mark.slow
@pytest.mark.parametrize("name", [network.name for network in shipped()])
def test_the_extent_of_a_gradient_agrees(name: str) -> None:
    found = asked(name, [GRADIENT])
    assert [(c.quantity, c.path, c.ours, c.theirs) for c in found.differing[:8]] == []
    assert len(found.checks) > 2 or name not in CONVOLUTIONAL
