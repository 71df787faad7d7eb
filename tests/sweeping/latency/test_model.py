"""The latency model: planted times come out, what is held back judges, what differs is refused."""

from typing import Any

import pytest

from archprof.problem import ProblemError
from archprof.sweeping.latency.errors import HeldBack, Spread, Twice
from archprof.sweeping.latency.layers import LayerWork
from archprof.sweeping.latency.model import (
    LatencyConditions,
    LatencyModel,
    MeasuredVariant,
    Prediction,
    fitted,
)

CONDITIONS = LatencyConditions("cpu", "a processor", "float32", 1, "contiguous", "eager", 1)

SECONDS = {
    LayerWork("a", "conv2d 3x3", 4 * 10**8, 10**6): 4e-3,
    LayerWork("b", "conv2d 3x3", 10**8, 10**6): 1e-3,
    LayerWork("c", "relu", 0, 10**6): 1e-4,
}
A, B, C = SECONDS


def measured(*layers: LayerWork, factor: float = 1.25, each: float = 2e-6) -> MeasuredVariant:
    """A whole that takes 1.25 times its layers, and 2 us between two of them."""
    seconds = factor * sum(SECONDS[layer] for layer in layers) + each * len(layers)
    return MeasuredVariant(layers, 1e3 * seconds)


def model(judges: list[MeasuredVariant], **changes: Any) -> LatencyModel:
    variants = [measured(A, C), measured(B, C, C), measured(A, B, C, C, C), measured(B)]
    return fitted(CONDITIONS, "space.yaml", {}, SECONDS, variants, judges).replaced(**changes)


def test_planted_times_come_out() -> None:
    found = model([measured(A, A, B), measured(A, B, B, C)])
    assert found.per_second == pytest.approx(1.25)
    assert found.per_layer == pytest.approx(2e-6, rel=1e-4)
    assert found.error.worst == pytest.approx(0, abs=1e-9)
    prediction = found.predict([A, B, C])
    assert prediction is not None
    # 1.25 * (4 + 1 + 0.1) ms + 3 * 2 us
    assert prediction.latency_ms == pytest.approx(6.381)
    assert prediction.looked_up == 1.0


def test_held_back_variants_are_no_part_of_the_fit() -> None:
    """What is held back takes 10 % and 20 % more than the others say: errors 1/11 and 1/6."""
    first, second = measured(A, A, B), measured(A, B, B, C)
    slower = [
        MeasuredVariant(first.layers, 1.1 * first.milliseconds),
        MeasuredVariant(second.layers, 1.2 * second.milliseconds),
    ]
    found = model(slower)
    assert found.per_second == pytest.approx(1.25)
    assert found.error.median == pytest.approx((1 / 11 + 1 / 6) / 2)
    assert found.error.worst == pytest.approx(1 / 6)
    assert found.error.count == 2
    prediction = found.predict([A])
    assert prediction is not None
    assert prediction.low_ms == pytest.approx(1.1 * prediction.latency_ms)
    assert prediction.high_ms == pytest.approx(1.2 * prediction.latency_ms)


def test_an_untimed_layer_is_estimated_and_counted_as_such() -> None:
    found = model([measured(A)])
    # its kind's layers take 1 ms for 1e8 MACs: 2 ms, beside 1 ms that was timed
    prediction = found.predict([B, LayerWork("new", "conv2d 3x3", 2 * 10**8, 10**6)])
    assert prediction is not None
    assert prediction.looked_up == pytest.approx(1 / 3, rel=1e-3)
    assert prediction.latency_ms == pytest.approx(1.25 * 3 + 0.004, rel=1e-3)


def test_a_layer_of_unknown_arithmetic_makes_the_whole_unknown() -> None:
    unknown = LayerWork("new", "conv2d 3x3", None, 10**6)
    assert model([measured(A)]).predict([A, unknown]) is None
    # and a variant with such a layer is neither fitted nor judged by
    found = model([measured(A), MeasuredVariant((unknown,), 5.0)])
    assert found.error.count == 1


def test_nothing_to_judge_by_is_refused() -> None:
    with pytest.raises(ProblemError, match="no variant is left to judge a latency model by"):
        model([])


def test_predictions_within_the_error_cannot_be_ranked() -> None:
    fast, near, far = (Prediction(ms, 0.8 * ms, 1.25 * ms, 1.0) for ms in (10.0, 15.0, 16.0))
    assert fast.overlaps(near)  # 12.5 and 12
    assert near.overlaps(fast)
    assert not fast.overlaps(far)  # 12.5 and 12.8
    assert not far.overlaps(fast)


@pytest.mark.parametrize(
    ("wanted", "message"),
    [
        ({"device_type": "cuda"}, "is of device type cpu, found cuda"),
        ({"dtype": "float16"}, "is of dtype float32, found float16"),
        ({"batch": 8}, "is of batch 1, found 8"),
    ],
)
def test_other_conditions_are_refused(wanted: dict[str, object], message: str) -> None:
    found = model([measured(A)])
    found.refuse_other(device_type="cpu", dtype="float32", batch=1)
    with pytest.raises(ProblemError, match=message):
        found.refuse_other(**wanted)


def test_the_floor_is_that_of_variants_measured_twice() -> None:
    assert model([measured(A)]).floor is None
    twice = (Twice(10.0, 10.0), Twice(12.0, 10.0), Twice(9.0, 10.0))
    assert model([measured(A)], twice=twice).floor == Spread(
        pytest.approx(0.1), pytest.approx(0.2), 3
    )


def test_the_rank_correlation_is_of_what_was_held_back() -> None:
    held_back = (HeldBack(1.0, 2.0), HeldBack(2.0, 1.0), HeldBack(3.0, 3.0))
    # ranks 1 2 3 against 2 1 3: 1 - 6 * 2 / (3 * 8) = 0.5
    assert model([measured(A)], held_back=held_back).rank_correlation == pytest.approx(0.5)
