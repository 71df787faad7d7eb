"""Layers whose cost is unknown: None in their rows, and never silently zero in any total."""

from __future__ import annotations

import pytest

from archprof.analysis.analysis import Analysis, analyze
from archprof.analysis.counting import CONVENTIONS
from archprof.analysis.memory import saved_for_backward
from archprof.analysis.totals import Sum, Unknown
from archprof.problem import ProblemError
from tests.small import graph_of, whatever

pytestmark = pytest.mark.usefixtures("opaque")

CONV = "op: conv2d, out: 4, kernel: 3, padding: 1"
SIZE, ELEMENTS = (4, 6, 8), 4 * 6 * 8
MACS, FLOPS = 9 * 4 * ELEMENTS, 2 * 9 * 4 * ELEMENTS + ELEMENTS  # of CONV
LAYERS = {"a": CONV, "u": "op: opaque", "b": CONV}


@pytest.mark.parametrize(
    ("values", "known", "complete"),
    [
        ([], 0, True),
        ([2, 3], 5, True),
        ([2, None, 3], 5, False),
        ([None], 0, False),
        ([0], 0, True),
    ],
)
def test_a_sum_says_whether_it_is_whole(
    values: list[int | None], known: int, complete: bool
) -> None:
    assert Sum.of(values) == Sum(known, complete)


def test_a_layer_whose_cost_is_unknown_has_none() -> None:
    row = analyze(graph_of(LAYERS, SIZE), batch=2).layers[1]
    assert (row.macs, row.flops, row.counted, row.saved_bytes) == (None, None, None, None)
    assert row.intensity is None
    # what follows from shapes is known
    assert (row.params, row.output_bytes) == (0, 2 * 4 * ELEMENTS)
    assert row.bytes_moved == 2 * row.output_bytes


@pytest.mark.parametrize("count", CONVENTIONS)
def test_no_convention_counts_what_is_unknown(count: str) -> None:
    graph = graph_of(LAYERS, SIZE)
    found = analyze(graph, batch=2, count=count)
    a, unknown, b = found.layers
    assert unknown.counted is None
    assert unknown.counted_by(count) is None
    assert a.counted is not None
    assert b.counted is not None
    assert found.totals.counted == a.counted + b.counted
    assert found.totals.unknown.of("counted") == ("u",)
    with pytest.raises(ProblemError, match="the cost of layer `u` \\(opaque\\) is unknown"):
        unknown.known_by(count)
    with pytest.raises(ProblemError, match="the cost of an op `opaque` is unknown"):
        CONVENTIONS[count].known(unknown.node.facts)


def test_totals_are_lower_bounds_that_name_what_they_lack() -> None:
    found = analyze(graph_of(LAYERS, SIZE), batch=2)
    t = found.totals
    assert (t.macs, t.flops) == (2 * 2 * MACS, 2 * 2 * FLOPS)
    assert t.saved_bytes == 2 * 2 * 4 * ELEMENTS  # the inputs of both convolutions
    assert t.training_bytes == 2 * t.weight_bytes + t.saved_bytes
    assert t.unknown == Unknown(("u",), ("u",))
    for name in ("macs", "flops", "counted", "saved_bytes", "training_bytes"):
        assert t.unknown.of(name) == found.lacking(name) == ("u",)
    for name in ("params", "depth", "peak_inference_bytes", "bytes_moved", "weight_bytes"):
        assert t.unknown.of(name) == found.lacking(name) == ()


def test_a_quantity_alone_is_the_same_lower_bound() -> None:
    graph = graph_of(LAYERS, SIZE)
    for name in ("macs", "flops"):
        alone = analyze(graph).quantity(name)
        assert alone == getattr(analyze(graph).totals, name) > 0


def test_known_numbers_are_given_and_unknown_ones_refused() -> None:
    found = analyze(graph_of(LAYERS, SIZE))
    assert found.layers[0].known("macs") == MACS
    assert found.layers[0].known("saved_bytes") == 4 * ELEMENTS
    for quantity in ("macs", "flops", "counted"):
        with pytest.raises(ProblemError, match=r"the cost of layer `u` \(opaque\) is unknown"):
            found.layers[1].known(quantity)
    with pytest.raises(ProblemError, match=r"the saved memory of layer `u` \(opaque\) is unknown"):
        found.layers[1].known("saved_bytes")
    with pytest.raises(ProblemError, match="the cost of layer `u` is unknown"):
        _ = found.known_totals
    with pytest.raises(ProblemError, match="the cost of an op `opaque` is unknown"):
        _ = found.layers[1].node.facts.known_cost


def test_without_unknown_layers_all_totals_are_known() -> None:
    found = analyze(graph_of({"a": CONV, "b": CONV}, SIZE))
    assert found.totals.unknown == Unknown()
    assert found.known_totals == found.totals


def test_auxiliary_heads_lack_in_no_total_of_arithmetic() -> None:
    """Arithmetic leaves them out; what they keep in training counts."""
    layers = {"a": CONV, "h": "op: opaque, aux: true", "b": CONV + ", from: a"}
    found = analyze(graph_of(layers, SIZE))
    assert found.layers[1].macs is None
    assert found.totals.unknown == Unknown((), ("h",))
    with pytest.raises(ProblemError, match="the saved memory of layer `h` is unknown"):
        _ = found.known_totals


def test_what_keeps_nothing_for_certain_is_known_to() -> None:
    """On the bare input an op without weights trains nothing, whatever it would keep."""
    graph = graph_of({"u": "op: opaque", "a": CONV}, SIZE)
    assert saved_for_backward(graph, 1, 4) == [0, 4 * ELEMENTS]
    assert analyze(graph).totals.unknown == Unknown(("u",), ())


def test_the_receptive_field_is_unknown_behind_it() -> None:
    assert analyze(graph_of(LAYERS, SIZE)).totals.extent.sees == "unknown"


@pytest.mark.parametrize(
    ("stated", "answer"),
    [
        (2 * MACS - 1, "more by at least 1"),
        (2 * MACS, "cannot tell"),
        (2 * MACS + 1, "cannot tell"),
    ],
)
def test_what_is_expected_of_a_lower_bound(stated: int, answer: str) -> None:
    found = Analysis(whatever(LAYERS, SIZE, expect=f"{{macs: {stated}, depth: 2}}"))
    (problem,) = found.problems()
    assert problem.message == (
        f"small has macs of at least {2 * MACS:,}, the spec says {stated:,}: {answer}; `u` is"
        " unknown"
    )
