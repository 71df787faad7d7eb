"""Parts of a network by themselves: what they add gives what the whole network has."""

from __future__ import annotations

import pytest

from archprof.allowance import ensured
from archprof.analysis.analysis import Analysis, analyze
from archprof.analysis.part import FieldStep, Inseparable, PartTotals, part
from archprof.graph.state import State, of_input
from archprof.language.expand import expand
from archprof.language.expand.builder import build_part
from archprof.language.loader import load_text
from archprof.language.network import Network, networks
from archprof.ops.base import Shape

CONV = "op: conv2d, out"
CHAINS: dict[str, tuple[str, list[str]]] = {
    "convolutions": (
        "3x17x19",
        [
            f"{CONV}: 4, kernel: 3, stride: 2, padding: 1",
            "op: batch_norm2d",
            "op: relu, inplace: true",
            f"{CONV}: 6, kernel: [3, 1], dilation: 2",
            "op: max_pool2d, kernel: 2",
            f"{CONV}: 2, kernel: 1",
        ],
    ),
    "views": (
        "4x6x8",
        [
            "op: permute, order: [1, 2, 0]",
            "op: relu",
            "op: slice, dim: 0, start: 1",
            "op: sigmoid",
            "op: flatten",
            "op: linear, out: 5",
        ],
    ),
    "a view of the input": (
        "4x6x8",
        ["op: identity", "op: permute, order: [0, 2, 1]", f"{CONV}: 2, kernel: 3", "op: gelu"],
    ),
    "all of the image": (
        "3x8x8",
        [f"{CONV}: 4, kernel: 3", "op: adaptive_avg_pool2d, size: 1", f"{CONV}: 2, kernel: 1"],
    ),
    "a vector": ("12", ["op: linear, out: 8", "op: relu", "op: layer_norm", "op: linear, out: 3"]),
    "tokens": (
        "7x12",
        ["op: linear, out: 8", "op: multihead_attention, heads: 2", "op: select, index: 0"],
    ),
}


def network_of(size: str, layers: list[str]) -> Network:
    body = "".join(f"  l{i}: {{{layer}}}\n" for i, layer in enumerate(layers))
    (network,) = networks(load_text(f"name: n\ninput: {size}\nlayers:\n{body}"))
    return network


def parts_of(network: Network, begins: State, batch: int, dtype: str) -> list[PartTotals]:
    """Return the parts of a chain, layer by layer, each from the state that the one before left."""
    found = []
    assert network.document.body is not None
    for layer in network.document.body.layers:
        with ensured() as allowance:
            graph, elements = build_part(
                network, network.document, layer, {}, begins, None, False, allowance
            )
        assert not graph.problems
        found.append(part(Analysis(graph, batch, dtype), elements))
        begins = found[-1].ends
    return found


def input_of(network: Network, batch: int, itemsize: int) -> State:
    shape = whole(network, 1, "float32").graph.input
    return of_input(shape, len(shape) - 1, batch, itemsize)


def whole(network: Network, batch: int, dtype: str) -> Analysis:
    return analyze(expand(network), batch, dtype)


@pytest.mark.parametrize(("batch", "dtype", "itemsize"), [(1, "float32", 4), (3, "float16", 2)])
@pytest.mark.parametrize("name", CHAINS)
def test_parts_add_up(name: str, batch: int, dtype: str, itemsize: int) -> None:
    """Sums add; the peak is the largest, over the input and the weights; depths go on."""
    network = network_of(*CHAINS[name])
    analysis = whole(network, batch, dtype)
    begins = input_of(network, batch, itemsize)
    found = parts_of(network, begins, batch, dtype)
    assert tuple(map(sum, zip(*(one.sums for one in found), strict=True))) == analysis.sums
    totals = analysis.totals
    given = begins.evaluation.bytes
    assert max(one.peak for one in found) + given + totals.weight_bytes == (
        totals.peak_inference_bytes
    )
    assert sum(one.depth for one in found) == totals.depth
    assert all(one.start <= one.depth for one in found)
    assert found[-1].ends.shape == analysis.graph.nodes[-1].output


@pytest.mark.parametrize("name", ["convolutions", "all of the image", "views"])
def test_fields_go_on(name: str) -> None:
    """The first and last pixel move by the part's times the distance of units, which grows."""
    network = network_of(*CHAINS[name])
    sights = whole(network, 1, "float32").sights
    first, last, step = [0, 0], [0, 0], [1, 1]
    for sight, one in zip(
        sights, parts_of(network, input_of(network, 1, 4), 1, "float32"), strict=True
    ):
        for axis, how in enumerate(one.steps):
            if how is None:
                assert sight.axes[axis] in ("whole", "nothing")
                continue
            first[axis] += how.first * step[axis]
            last[axis] += how.last * step[axis]
            step[axis] *= how.step
            field = sight.axes[axis]
            assert not isinstance(field, str)
            assert (field.phases, field.step) == (((first[axis], last[axis]),), step[axis])


def test_one_part() -> None:
    """A padded 3x3 at stride 2 over 3x8x8, for two images in float32."""
    network = network_of("3x8x8", [f"{CONV}: 4, kernel: 3, stride: 2, padding: 1"])
    begins = input_of(network, 2, 4)
    assert (begins.evaluation.bytes, begins.evaluation.given) == (2 * 3 * 8 * 8 * 4, True)
    assert (begins.axes, begins.units, begins.dims) == (
        ("field", "field"),
        (8, 8),
        ((), (0,), (1,)),
    )
    (one,) = parts_of(network, begins, 2, "float32")
    # floor((8 + 2 - 3)/2) + 1 = 4: outputs of 4*4*4 numbers
    assert one.sums.macs == 2 * 3 * 3 * 3 * 4 * 4 * 4
    assert (one.peak, one.depth, one.start, one.reach) == (2 * 4 * 4 * 4 * 4, 1, 0, (3, 3))
    assert one.steps == (FieldStep(-1, 1, 2),) * 2
    ends = one.ends
    assert (ends.shape, ends.units, ends.kept) == ((4, 4, 4), (4, 4), False)
    assert (ends.evaluation.bytes, ends.evaluation.given) == (2 * 4 * 4 * 4 * 4, False)
    assert ends.lying(training=True) is ends.training
    assert ends.lying(training=False) is ends.evaluation


def test_what_is_kept_already() -> None:
    """A ReLU keeps its output; a view of it is in the same memory, and what keeps it again adds
    nothing.
    """
    network = network_of(
        "4x6x6", [f"{CONV}: 4, kernel: 1", "op: relu", "op: flatten", "op: linear, out: 2"]
    )
    conv, relu, flatten, linear = parts_of(network, input_of(network, 1, 4), 1, "float32")
    assert [one.ends.kept for one in (conv, relu, flatten)] == [False, True, True]
    # the convolution keeps its input, the ReLU its output, which is all that the linear layer reads
    assert [one.sums.saved_bytes for one in (conv, relu, flatten, linear)] == [576, 576, 0, 0]


def test_the_input_in_other_order_is_given_yet() -> None:
    network = network_of("4x6x8", ["op: permute, order: [0, 2, 1]", "op: relu"])
    permuted, relu = parts_of(network, input_of(network, 1, 4), 1, "float32")
    assert (permuted.ends.evaluation.given, permuted.peak) == (True, 0)
    assert (relu.ends.evaluation.given, relu.peak) == (False, 4 * 6 * 8 * 4)


@pytest.mark.parametrize(
    ("size", "layer", "why"),
    [
        ((3, 8, 8), "op: parameter, size: [4]", "it gives what does not depend on the input"),
        ((3, 8, 8), "op: interpolate, factor: 2", "the fields of its units are not alike"),
        (
            (3, 8, 8),
            "op: conv_transpose2d, out: 2, kernel: 3, stride: 2",
            "the fields of its units",
        ),
    ],
)
def test_what_is_no_part(size: Shape, layer: str, why: str) -> None:
    network = network_of("x".join(map(str, size)), [layer])
    with pytest.raises(Inseparable, match=why):
        parts_of(network, of_input(size, 2, 1, 4), 1, "float32")


def test_a_vector_sees_what_is_not_known() -> None:
    network = network_of("12", ["op: linear, out: 8"])
    begins = input_of(network, 1, 4)
    assert (begins.dims, begins.axes, begins.units) == (((),), ("unknown",), (0,))


def test_the_whole_image_is_no_field() -> None:
    network = network_of("3x8x8", ["op: adaptive_avg_pool2d, size: 1"])
    (one,) = parts_of(network, input_of(network, 1, 4), 1, "float32")
    assert (one.ends.axes, one.ends.units, one.steps) == (("whole", "whole"), (0, 0), (None, None))
