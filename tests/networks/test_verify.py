"""`verify` holds for every shipped network: torch, FlopCounterMode, fvcore, autograd's saved bytes and a gradient, to the integer."""

import pytest

import archprof
from archprof.runtime.oracle import verify
from archprof.spec.loader import shipped

WITNESSES = {"torch", "FlopCounterMode", "fvcore", "autograd"}


@pytest.mark.slow
@pytest.mark.parametrize("name", [network.name for network in shipped()])
def test_every_witness_agrees(name: str) -> None:
    found = verify(archprof.load(name).graph)
    assert [(c.witness, c.quantity, c.path, c.ours, c.theirs) for c in found.differing[:8]] == []
    assert {witness for witness, _ in found.quantities} >= WITNESSES
    for witness, quantity in found.quantities:
        assert found.of(witness, quantity), (witness, quantity)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["alexnet", "vgg11", "googlenet_bn", "resnet18", "resnet50", "convnext_tiny"])
def test_a_convolutional_networks_field_is_confirmed_by_a_gradient(name: str) -> None:
    found = verify(archprof.load(name).graph)
    assert found.of("gradient", "receptive_field")
    assert len(found.of("gradient")) > 4
