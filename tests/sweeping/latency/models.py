"""A latency model made of paper."""

from __future__ import annotations

from typing import Any

from archprof.sweeping.latency.costs import KindCost
from archprof.sweeping.latency.errors import HeldBack, Twice
from archprof.sweeping.latency.model import LatencyConditions, LatencyModel
from archprof.sweeping.latency.predicting import PredictedVariant, predicted_variants
from archprof.sweeping.single import single_variants
from archprof.sweeping.space.space import Space


def paper_model(**changes: Any) -> LatencyModel:
    """Return a model with two timed layers, which is 10 % wrong at worst."""
    model = LatencyModel(
        LatencyConditions("cpu", "a processor", "float32", 1, "contiguous", "eager", 1),
        "tiny_space",
        {"date": "today"},
        {"relu() of 3x8x8": 1e-6, "add() of 3x8x8, 3x8x8": 2e-6},
        {"": KindCost(1e-12, 1e-10, 1e-6), "conv2d 3x3": KindCost(2e-12, 0.0, 1e-6)},
        1.25,
        1e-6,
        (HeldBack(10.0, 11.0), HeldBack(20.0, 20.0), HeldBack(30.0, 27.0)),
        (Twice(11.0, 10.0),),
    )
    return model.replaced(**changes)


def predicted(space: Space, rows: list[int]) -> list[PredictedVariant]:
    """Return rows of a space as the model predicts them."""
    variants = single_variants(space, rows)
    return list(predicted_variants(paper_model(), space.conditions, variants))
