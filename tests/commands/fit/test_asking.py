"""What is asked: sizes of memories, and inputs."""

import pytest

from archprof.commands.fit.asking import networks


@pytest.mark.parametrize(
    ("net", "inputs", "shapes"),
    [
        ("resnet18", None, [(3, 224, 224)]),
        ("resnet18", ["3x192x160"], [(3, 192, 160)]),
        ("resnet18", ["192"], [(3, 192, 192)]),
        (
            "resnet18",
            ["160..224/32", "3x64x96"],
            [(3, s, s) for s in (160, 192, 224)] + [(3, 64, 96)],
        ),
        ("lenet5", ["32,1x32x32"], [(1, 32, 32)]),
    ],
)
def test_inputs(net: str, inputs: list[str] | None, shapes: list[tuple[int, ...]]) -> None:
    """A lone number is the side of a square with the network's channels."""
    found = [one.graph.input for one in networks(net, inputs, None, None)]
    assert list(dict.fromkeys(found)) == shapes


def test_a_network_is_resized_where_it_can_be() -> None:
    (found,) = networks("vgg11", None, None, None)
    smaller = found.resize((3, 192, 192))
    assert smaller is not None
    assert smaller.input == (3, 192, 192)
    assert found.resize((3, 1, 1)) is None  # of which a pooling leaves nothing
