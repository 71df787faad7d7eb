"""Networks side by side: stages by resolution, and what changed from one to the next."""

import archprof
from archprof.analysis.analysis import analyze
from archprof.commands.compare.comparison import kinds, stages, structure_difference
from tests.small import graph_of


def test_stages_of_resnet50_are_the_papers() -> None:
    """He et al.

    2015, Table 1: 112, 56, 28, 14, 7, then the classifier; the stem's convolution stands alone at
    112.
    """
    found = stages(archprof.load("resnet50").analyze())
    outputs = [
        (2, (64, 112, 112)),
        (4, (256, 56, 56)),
        (8, (512, 28, 28)),
        (16, (1024, 14, 14)),
        (32, (2048, 7, 7)),
        (None, (1000,)),
    ]
    assert [(s.factor, s.output) for s in found] == outputs
    assert sum(s.macs for s in found) == 4_089_184_256
    assert sum(s.params for s in found) == 25_557_032
    assert found[0].macs == 7 * 7 * 3 * 64 * 112 * 112


def test_squeeze_and_excitation_counts_where_it_stands() -> None:
    """A gate works on 1x1, but belongs to its block's resolution."""
    assert all(
        s.layers > 3 or s.factor in (2, None) for s in stages(archprof.load("googlenet").analyze())
    )


def test_googlenet_became_torchvisions() -> None:
    """5x5 became 3x3, local response norm went, batch norm came, and the receptive field shrank."""
    first, second = archprof.load("googlenet").analyze(), archprof.load("googlenet_bn").analyze()
    found = structure_difference(first, second)
    assert found.parameters == (("batch_norm", False, True),)
    kernels = next(c for c in found.changes if c.settings[0][0] == "kernel" and c.kind == "conv2d")
    assert kernels.settings == (
        ("kernel", (5, 5), (3, 3)),
        ("padding", (2, 2), (1, 1)),
        ("bias", True, False),
    )
    # nine inception modules, branch3: (25 - 9) * r5 * c5 weights and c5 biases fewer
    widths = [
        (16, 32),
        (32, 96),
        (16, 48),
        (24, 64),
        (24, 64),
        (32, 64),
        (32, 128),
        (32, 128),
        (48, 128),
    ]
    assert len(kernels.paths) == 9
    assert kernels.params == -sum(16 * r * c + c for r, c in widths)
    gone, new = (
        {kind: n for kind, n, _, _ in only} for only in (found.only_first, found.only_second)
    )
    assert gone["local_response_norm"] == 2
    assert new["batch_norm2d"] == 59  # 57 on the inference path, one in each auxiliary head
    assert (first.totals.receptive_field, second.totals.receptive_field) == ((715, 715), (379, 379))


def test_a_network_does_not_differ_from_itself() -> None:
    analysis = archprof.load("resnet18").analyze()
    found = structure_difference(analysis, analysis)
    assert (found.parameters, found.changes, found.only_first, found.only_second) == (
        (),
        (),
        (),
        (),
    )
    assert found.shared == len(analysis.layers)


def test_a_renamed_layer_is_neither_gone_nor_new() -> None:
    """The same convolutions under other names, the second with another kernel, and one more."""
    old = {
        "stem": "op: conv2d, out: 8, kernel: 3, padding: 1",
        "act": "op: relu",
        "body": "op: conv2d, out: 8, kernel: 3, padding: 1",
    }
    new = {
        "first": "op: conv2d, out: 8, kernel: 3, padding: 1",
        "act": "op: relu",
        "second": "op: conv2d, out: 8, kernel: 5, padding: 2",
        "last": "op: conv2d, out: 9, kernel: 1",
    }
    found = structure_difference(*(analyze(graph_of(net, (3, 6, 6))) for net in (old, new)))
    assert (found.shared, found.renamed) == (1, 2)
    assert found.only_first == ()
    assert found.only_second == (("conv2d 1x1", 1, 8 * 9 + 9, 8 * 9 * 36),)
    (change,) = found.changes
    assert change.paths == ("body",)
    assert change.settings == (("kernel", (3, 3), (5, 5)), ("padding", (1, 1), (2, 2)))
    # 8 channels to 8, 25 - 9 weights more for each, at each of 6x6 pixels
    assert (change.params, change.macs) == (16 * 64, 16 * 64 * 36)


def test_kinds_tell_depthwise_from_grouped() -> None:
    counted = kinds(
        [archprof.load("convnext_tiny").analyze(), archprof.load("resnext50_32x4d").analyze()]
    )
    assert counted["conv2d 7x7 depthwise"] == [18, 0]  # 3 + 3 + 9 + 3 blocks
    assert counted["conv2d 3x3 grouped"] == [0, 16]  # 3 + 4 + 6 + 3 blocks


def test_what_is_frozen_is_a_change_and_no_other_structure() -> None:
    layers = {"a": "op: conv2d, out: 4, kernel: 1", "r": "op: relu", "b": "op: linear, out: 2"}
    first = graph_of(layers, (4, 2, 2))
    second = graph_of(layers | {"a": layers["a"] + ", frozen: true"}, (4, 2, 2))
    found = structure_difference(analyze(first), analyze(second))
    (change,) = found.changes
    assert (change.kind, change.settings, change.paths) == (
        "conv2d",
        (("frozen", False, True),),
        ("a",),
    )
    assert found.same
