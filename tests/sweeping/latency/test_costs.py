"""Costs by kind: planted ones come out, and none is below zero."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archprof.sweeping.latency.costs import ALL, KindCost, estimated, fitted_costs, relative_fit
from archprof.sweeping.latency.layers import LayerWork

CONV = KindCost(2e-12, 1e-10, 5e-6)
NORM = KindCost(0.0, 3e-10, 4e-6)


def layer(kind: str, macs: int | None, moved: int) -> LayerWork:
    return LayerWork(f"{kind} {macs} {moved}", kind, macs, moved)


WORK = [(10**6, 10**5), (10**8, 10**6), (5 * 10**8, 10**5), (10**7, 4 * 10**6), (0, 10**4)]


def planted() -> list[tuple[LayerWork, float]]:
    convs = [layer("conv2d 3x3", *work) for work in WORK]
    norms = [layer("batch_norm2d", 0, moved) for _, moved in WORK]
    return [
        *((one, CONV.seconds(one) or 0.0) for one in convs),
        *((one, NORM.seconds(one) or 0.0) for one in norms),
    ]


def test_planted_costs_come_out() -> None:
    found = fitted_costs(planted())
    assert set(found) == {ALL, "conv2d 3x3", "batch_norm2d"}
    for kind, cost in (("conv2d 3x3", CONV), ("batch_norm2d", NORM)):
        one = found[kind]
        assert one.per_mac == pytest.approx(cost.per_mac, rel=1e-6)
        assert one.per_byte == pytest.approx(cost.per_byte, rel=1e-6)
        assert one.per_layer == pytest.approx(cost.per_layer, rel=1e-6)


def test_an_untimed_layer_is_estimated_by_its_kind() -> None:
    new = layer("conv2d 3x3", 3 * 10**7, 2 * 10**6)
    # 3e7 MACs of 2 ps, 2e6 bytes of 0.1 ns, 5 us: 60 us + 200 us + 5 us
    assert estimated(new, fitted_costs(planted())) == pytest.approx(265e-6, rel=1e-6)


def test_an_unknown_kind_is_estimated_by_all_and_unknown_work_by_nothing() -> None:
    costs = {ALL: KindCost(0.0, 0.0, 1e-6), "relu": KindCost(0.0, 0.0, 2e-6)}
    assert estimated(layer("gelu", 0, 8), costs) == 1e-6
    assert estimated(layer("relu", 0, 8), costs) == 2e-6
    assert estimated(layer("relu", None, 8), costs) is None
    assert estimated(layer("relu", 0, 8), {}) is None


def test_a_layer_of_unknown_arithmetic_teaches_nothing() -> None:
    assert fitted_costs([(layer("op", None, 8), 1.0)]) == {}


def test_errors_count_relatively() -> None:
    """One factor for 1 -> 1 and 1 -> 3: with relative errors (f - 1)² + (f/3 - 1)² is least at
    f = (1 + 1/3) / (1 + 1/9) = 1.2, with absolute ones it were 2.
    """
    assert relative_fit([(1,), (1,)], [1, 3]) == pytest.approx([1.2])


WORK_AND_TIME = st.tuples(*[st.integers(0, 10**9)] * 3, st.floats(1e-6, 1e3))


@given(st.lists(WORK_AND_TIME, min_size=1, max_size=8))
def test_no_cost_is_below_zero(timed: list[tuple[int, int, int, float]]) -> None:
    found = relative_fit([row[:3] for row in timed], [row[3] for row in timed])
    assert all(factor >= 0 and math.isfinite(factor) for factor in found)
