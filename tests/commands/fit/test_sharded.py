"""What each of several devices holds at a moment."""

import archprof
from archprof.autograd.run import Birth
from archprof.commands.fit.sharded import largest_layer, on_device
from archprof.training.sharding import SCHEMES, DeviceBytes


def test_kinds_are_divided_by_the_scheme() -> None:
    """Input 1, weights 20, gradients 40, state 80, saved 16, transient 32 over 4 devices."""
    birth = Birth("backward", "conv", "relu", (1, 20, 40, 80, 16, 32))
    found = [on_device(birth, scheme, 4, layer=7) for scheme in SCHEMES]
    assert found == [
        DeviceBytes(20, 40, 80, 49),
        DeviceBytes(20, 40, 20, 49),
        DeviceBytes(20, 10, 20, 49),
        DeviceBytes(5, 10, 20, 49, 7),
    ]


def test_the_largest_layer() -> None:
    """VGG-11's first linear layer: 25,088 x 4,096 weights and 4,096 biases."""
    graph = archprof.load("vgg11").analyze().graph
    assert largest_layer(graph, 2) == 2 * (25_088 * 4_096 + 4_096)


def test_an_update_makes_its_temporaries_for_its_own_part() -> None:
    """Of 32 bytes that the optimizer makes meanwhile 8 are on each device where the state is
    divided; input 1 and saved 16 are on each.
    """
    birth = Birth("optimizer", "", "_foreach_sqrt", (1, 20, 40, 80, 16, 32))
    rests = [on_device(birth, scheme, 4, layer=7).rest for scheme in SCHEMES]
    assert rests == [49, 25, 25, 25]
