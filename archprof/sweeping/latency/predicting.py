"""Predicted latencies of variants of a space."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from archprof.record import Record
from archprof.sweeping.conditions import SweepConditions
from archprof.sweeping.latency.layers import layers_of
from archprof.sweeping.latency.model import LatencyModel, Prediction
from archprof.sweeping.single import SingleVariant


class PredictedVariant(Record):
    """A variant, and how long it is predicted to take; None where a layer's time is unknown."""

    variant: SingleVariant
    prediction: Prediction | None


def predicted_variants(
    model: LatencyModel, conditions: SweepConditions, variants: Iterable[SingleVariant]
) -> Iterator[PredictedVariant]:
    """Yield variants, analysed under some conditions, with their predictions.

    Raises ProblemError where the model is of another dtype or batch.
    """
    model.refuse_other(dtype=conditions.dtype, batch=conditions.batch)
    for variant in variants:
        yield PredictedVariant(variant, model.predict(layers_of(variant.analysis)))


def undecided(fastest_first: Sequence[Prediction]) -> int:
    """Return how many of the first predictions are closer to the fastest than the model's error.

    Which of them is fastest cannot be told.
    """
    if not fastest_first:
        return 0
    return sum(fastest_first[0].overlaps(other) for other in fastest_first)
