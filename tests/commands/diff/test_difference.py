"""What became of a network: states of layers, their attributes, and shares that sum to the
change of the totals, exactly.
"""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import archprof
from archprof.analysis.analysis import Analysis, analyze
from archprof.commands.diff.difference import Change, Difference, difference, shares
from archprof.graph.graph import Graph
from tests.commands.diff.test_matching import net
from tests.small import small_networks, whatever

TOTALS = {
    "params": "params",
    "macs": "macs",
    "flops": "flops",
    "weights": "weight_bytes",
    "outputs": "sum_outputs_bytes",
    "peak": "peak_inference_bytes",
    "saved": "saved_bytes",
    "training": "training_bytes",
}


def between(old: Graph, new: Graph) -> Difference:
    return difference(analyze(old), analyze(new))


def told(found: Difference) -> list[tuple[str, str, dict[str, tuple[object, object]]]]:
    return [
        (c.state, c.layer.row.node.path, {s.name: (s.old, s.new) for s in c.settings})
        for c in found.changes
    ]


def change(found: Difference, path: str) -> Change:
    return next(c for c in found.changes if c.layer.row.node.path == path)


@given(
    small_networks(),
    small_networks(),
    st.sampled_from([(1, "float32", "sgd"), (3, "float16", "adam")]),
)
@settings(max_examples=80)
def test_shares_sum_to_the_change_of_the_totals(
    first: tuple[dict[str, str], tuple[int, ...], str],
    second: tuple[dict[str, str], tuple[int, ...], str],
    how: tuple[int, str, str],
) -> None:
    """Whatever the matching made of them."""
    old, new = (
        analyze(whatever(*one), how[0], how[1], optimizer=how[2]) for one in (first, second)
    )
    found = difference(old, new)
    for name, total in TOTALS.items():
        assert getattr(found.share, name) == getattr(new.totals, total) - getattr(
            old.totals, total
        ), name
    assert found.same + sum(c.new is not None for c in found.changes) == len(new.layers)


@pytest.mark.parametrize("name", ["resnet50", "googlenet", "densenet121", "vit_b_16"])
def test_shares_sum_to_the_totals(name: str) -> None:
    """Auxiliary heads have parameters and are trained, but their arithmetic and outputs do not
    count.
    """
    analysis = archprof.load(name).analyze()
    for quantity, total in TOTALS.items():
        rest = dict(analysis.peak.alive)[-1] if quantity == "peak" else 0  # the input
        assert sum(getattr(share, quantity) for share in shares(analysis)) + rest == getattr(
            analysis.totals, total
        ), quantity


@given(small_networks())
@settings(max_examples=40)
def test_a_network_does_not_differ_from_itself(
    one: tuple[dict[str, str], tuple[int, ...], str],
) -> None:
    found = between(whatever(*one), whatever(*one))
    assert (found.identical, found.changes, found.same) == (True, (), len(one[0]))


STACK = (
    "stem: {op: conv2d, out: 8, kernel: 3, padding: 1}",
    "act: {op: relu}",
    "head: {op: conv2d, out: 4, kernel: 1}",
)


def test_a_wider_layer_and_what_it_feeds() -> None:
    """On 4x8x8: 9*4*8 + 8 weights became 9*4*16 + 16; the head reads 16 channels where it read
    8.
    """
    found = between(net(*STACK), net(STACK[0].replace("8", "16"), *STACK[1:]))
    assert told(found) == [
        ("changed", "stem", {"out": (8, 16)}),
        ("affected", "act", {}),
        ("affected", "head", {}),
    ]
    stem, act, head = found.changes
    assert (stem.share.params, stem.share.macs) == (9 * 4 * 8 + 8, 9 * 4 * 8 * 64)
    assert (act.share.params, act.share.macs, act.share.flops, act.share.outputs) == (
        0,
        0,
        8 * 64,
        8 * 64 * 4,
    )
    assert (head.share.params, head.share.macs) == (8 * 4, 8 * 4 * 64)
    assert [(s.name, s.old, s.new) for s in head.reshaped] == [
        ("input", ((8, 8, 8),), ((16, 8, 8),))
    ]
    assert found.share.params == 9 * 4 * 8 + 8 + 8 * 4


def test_a_larger_window_changes_the_fields_behind_it() -> None:
    found = between(
        net(*STACK),
        net(STACK[0].replace("kernel: 3, padding: 1", "kernel: 5, padding: 2"), *STACK[1:]),
    )
    assert told(found) == [
        ("changed", "stem", {"kernel": ((3, 3), (5, 5)), "padding": ((1, 1), (2, 2))}),
        ("affected", "act", {}),
        ("affected", "head", {}),
    ]
    assert [
        [side.row.sight.axes[0].size for side in (c.old, c.new) if side] for c in found.changes
    ] == [[3, 5]] * 3  # type: ignore[union-attr]


def test_what_is_put_in_between_rewires_nobody() -> None:
    found = between(net(*STACK), net(STACK[0], "bn: {op: batch_norm2d}", *STACK[1:]))
    assert [t for t in told(found) if t[0] != "affected"] == [("added", "bn", {})]
    assert change(found, "bn").share.params == 2 * 8


def test_another_source_is_a_change() -> None:
    long = (
        "a: {op: conv2d, out: 4, kernel: 1}",
        "b: {op: relu}",
        "c: {op: conv2d, out: 4, kernel: 1}",
    )
    found = between(
        net(*long, "sum: {op: add, from: [a, c]}"), net(*long, "sum: {op: add, from: [b, c]}")
    )
    assert told(found)[-1] == ("changed", "sum", {"from": (("a", "c"), ("b", "c"))})


def test_a_layer_that_read_the_input_and_reads_a_layer() -> None:
    pair = ("a: {op: conv2d, out: 4, kernel: 1}", "b: {op: relu}")
    found = between(
        net(*pair, "sum: {op: add, from: [b, input]}"), net(*pair, "sum: {op: add, from: [b, a]}")
    )
    assert change(found, "sum").settings == (("from", ("b", "input"), ("b", "a")),)
    found = between(
        net(*pair, "sum: {op: add, from: [b, a]}"), net(*pair, "sum: {op: add, from: [b, input]}")
    )
    assert change(found, "sum").settings == (("from", ("b", "a"), ("b", "input")),)


def test_one_source_more_is_a_change() -> None:
    long = (
        "a: {op: conv2d, out: 4, kernel: 1}",
        "b: {op: relu}",
        "c: {op: conv2d, out: 4, kernel: 1}",
    )
    found = between(
        net(*long, "sum: {op: add, from: [a, c]}"), net(*long, "sum: {op: add, from: [a, b, c]}")
    )
    assert change(found, "sum").settings == (("from", ("a", "c"), ("a", "b", "c")),)


def test_what_stands_in_for_a_first_layer_that_is_gone_is_no_other_source() -> None:
    gone, kept, more = "gone: {op: tanh}", "kept: {op: relu, from: input}", "more: {op: gelu}"
    old = net(
        gone,
        kept,
        more,
        "conv: {op: conv2d, out: 2, kernel: 1, from: gone}",
        "add: {op: concat, from: [conv, more]}",
    )
    new = net(
        kept,
        more,
        "conv: {op: conv2d, out: 2, kernel: 1, from: more}",
        "add: {op: concat, from: [conv, more]}",
    )
    assert [one for one in told(between(old, new)) if one[0] != "affected"] == [
        ("removed", "gone", {})
    ]


def test_another_op_in_its_place() -> None:
    found = between(net(*STACK), net(STACK[0], "act: {op: gelu}", STACK[2]))
    assert change(found, "act").settings[0] == ("op", "relu", "gelu")
    assert change(found, "act").share.flops == (5 - 1) * 8 * 64  # GELU by erf 5 per element, ReLU 1


def test_a_rename_alone() -> None:
    found = between(net(*STACK), net("first: " + STACK[0].partition(": ")[2], *STACK[1:]))
    assert told(found) == [("renamed", "first", {})]
    assert not found.identical  # state dicts differ
    assert not any(found.share)


def test_how_weights_start_and_whose_they_are() -> None:
    pair = ("a: {op: conv2d, out: 4, kernel: 1}", "b: {op: conv2d, out: 4, kernel: 1}")
    shared = between(net(*pair), net(pair[0], "b: {op: conv2d, out: 4, kernel: 1, share: a}"))
    assert told(shared)[-1] == ("changed", "b", {"share": (None, "a")})
    assert shared.share.params == -(4 * 4 + 4)
    started = between(
        net(*pair), net(pair[0], "b: {op: conv2d, out: 4, kernel: 1, init: {weight: 0}}")
    )
    assert told(started) == [("changed", "b", {"init": (None, {"weight": 0})})]


def test_another_input() -> None:
    """The caller holds 4*8*8 floats more; the path is the same."""
    found = between(net(*STACK), net(*STACK, size="4x8x16"))
    assert found.input.peak == 4 * 8 * 8 * 4
    assert {c.state for c in found.changes} == {"affected"}
    assert (
        found.share.peak
        == found.new.totals.peak_inference_bytes - found.old.totals.peak_inference_bytes
    )


def test_parameters_of_one_family() -> None:
    load = archprof.load
    found = difference(load("resnet50").analyze(), load("resnet101").analyze())
    assert found.parameters == (("depths", [3, 4, 6, 3], [3, 4, 23, 3]),)
    assert {
        c.layer.row.node.path.rpartition(".")[0].partition(".downsample")[0]
        for c in found.changes
        if c.state == "added"
    } == {f"layer3.{i}" for i in range(6, 23)}
    assert found.share.params == 44_549_160 - 25_557_032  # torchvision's


def test_a_peak_too_scattered_to_list(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the peak does not list is laid to the input, so that the sum still holds."""
    from archprof.analysis.memory import Peak

    def scattered(analysis: Analysis) -> Analysis:
        monkeypatch.setitem(
            analysis.__dict__, "peak", Peak(analysis.peak.node, analysis.peak.bytes, ())
        )
        return analysis

    old, new = (
        scattered(analyze(net(*STACK))),
        scattered(analyze(net(STACK[0].replace("8", "16"), *STACK[1:]))),
    )
    assert (
        difference(old, new).share.peak
        == new.totals.peak_inference_bytes - old.totals.peak_inference_bytes
    )


def test_what_is_frozen() -> None:
    """The convolution's 4*3 weights and 4 biases have no gradients any more, 4 bytes each; and it
    keeps its input of 3*2*2 no more.
    """
    layers = {"c": "op: conv2d, out: 4, kernel: 1", "d": "op: conv2d, out: 4, kernel: 1, share: c"}
    old = whatever({"stem": "op: conv2d, out: 4, kernel: 1", **layers}, (3, 2, 2))
    frozen = {"c": layers["c"] + ", frozen: true"}
    new = whatever(
        {"stem": "op: conv2d, out: 4, kernel: 1, frozen: true", **layers, **frozen}, (3, 2, 2)
    )
    found = between(old, new)
    assert told(found) == [
        ("changed", "stem", {"frozen": (False, True)}),
        ("changed", "c", {"frozen": (False, True)}),
        ("affected", "d", {}),
    ]
    stem = change(found, "stem")
    assert (stem.share.saved, stem.share.training) == (-48, -48 - 4 * (4 * 3 + 4))
