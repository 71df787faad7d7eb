"""A latency model: times of layers by what they are, costs by kind for the rest, and its error."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

from archprof.problem import Mark, Problem, ProblemError
from archprof.record import Record
from archprof.sweeping.latency.costs import KindCost, estimated, fitted_costs, relative_fit
from archprof.sweeping.latency.errors import (
    HeldBack,
    Margin,
    Spread,
    Twice,
    margin,
    rank_correlation,
)
from archprof.sweeping.latency.layers import LayerWork


class LatencyConditions(Record):
    """For what a model holds. `device`: its name; `threads`: torch's on a CPU, None elsewhere."""

    device_type: str
    device: str
    dtype: str
    batch: int
    memory_format: str
    mode: str
    threads: int | None


class Prediction(Record):
    """How long a variant is predicted to take, never to be shown as measured.

    From `low_ms` to `high_ms` it takes in the model's `margin.covered` of cases. `looked_up`: the
    share of the layers' time that was timed, not estimated.
    """

    latency_ms: float
    low_ms: float
    high_ms: float
    looked_up: float

    def overlaps(self, other: Prediction) -> bool:
        """Whether the two are closer than the model's error: which is faster cannot be told."""
        return self.low_ms <= other.high_ms and other.low_ms <= self.high_ms


class MeasuredVariant(Record):
    """A variant's layers, and how long the whole was measured to take."""

    layers: tuple[LayerWork, ...]
    milliseconds: float


class LatencyModel(Record):
    """How long networks of a space take under some conditions.

    `timed`: seconds by the key of a layer, `costs` by kind for layers that are not there. A whole
    takes `per_second` for each second of its layers, and `per_layer` seconds between two of them.
    `manifest`: the run that measured it, as `archprof bench` writes it; `space`: whose variants.
    """

    conditions: LatencyConditions
    space: str
    manifest: Mapping[str, Any]
    timed: Mapping[str, float]
    costs: Mapping[str, KindCost]
    per_second: float
    per_layer: float
    held_back: tuple[HeldBack, ...]
    twice: tuple[Twice, ...]

    @cached_property
    def error(self) -> Spread:
        """The errors of what was held back."""
        return Spread.of([one.error for one in self.held_back])

    @cached_property
    def floor(self) -> Spread | None:
        """How much the same variant differs from itself, None where none was measured twice."""
        return Spread.of([one.error for one in self.twice]) if self.twice else None

    @cached_property
    def rank_correlation(self) -> float | None:
        """Spearman's correlation of what was held back, None where there is none."""
        return rank_correlation(self.held_back)

    @cached_property
    def margin(self) -> Margin:
        """How far around a prediction the measurement lies."""
        return margin(self.held_back)

    def predict(self, layers: Sequence[LayerWork]) -> Prediction | None:
        """Return what a network with these layers takes, None where a layer's time is unknown."""
        rough = self.rough(layers)
        if rough is None:
            return None
        milliseconds, looked_up = rough
        low, high = self.margin.low * milliseconds, self.margin.high * milliseconds
        return Prediction(milliseconds, low, high, looked_up)

    def rough(self, layers: Sequence[LayerWork]) -> tuple[float, float] | None:
        """Return the milliseconds alone, and the share of them that was looked up."""
        known = unknown = 0.0
        for layer in layers:
            seconds = self.timed.get(layer.key)
            if seconds is not None:
                known += seconds
                continue
            estimate = estimated(layer, self.costs)
            if estimate is None:
                return None
            unknown += estimate
        total = known + unknown
        milliseconds = 1e3 * (self.per_second * total + self.per_layer * len(layers))
        return milliseconds, known / total if total else 1.0

    def refuse_other(self, **wanted: object) -> None:
        """Raise ProblemError where the model is of another device, dtype or batch than wanted."""
        for name, value in wanted.items():
            own = getattr(self.conditions, name)
            if own != value:
                what = name.replace("_", " ")
                message = f"the latency model is of {what} {own}, found {value}"
                hint = f"measure a model with {what} {value}, or predict for {own}"
                raise ProblemError([Problem(Mark(self.space), "latency-model", message, hint)])


def fitted(
    conditions: LatencyConditions,
    space: str,
    manifest: Mapping[str, Any],
    timed: Mapping[LayerWork, float],
    variants: Sequence[MeasuredVariant],
    held_back: Sequence[MeasuredVariant],
    twice: Sequence[Twice] = (),
) -> LatencyModel:
    """Return the model of timed layers, scaled to whole `variants`, judged by those held back.

    Raises ProblemError where nothing is left to judge it by.
    """
    model = LatencyModel(
        conditions,
        space,
        manifest,
        {layer.key: seconds for layer, seconds in timed.items()},
        fitted_costs(timed.items()),
        1.0,
        0.0,
        (),
        tuple(twice),
    )
    model = _scaled(model, variants)
    judged = [
        HeldBack(rough[0], one.milliseconds)
        for one in held_back
        if (rough := model.rough(one.layers)) is not None
    ]
    if not judged:
        message = "no variant is left to judge a latency model by"
        hint = "measure more variants; half of them are held back"
        raise ProblemError([Problem(Mark(space), "latency-model", message, hint)])
    return model.replaced(held_back=tuple(judged))


def _scaled(model: LatencyModel, variants: Sequence[MeasuredVariant]) -> LatencyModel:
    """Return the model whose wholes are nearest to the measured ones."""
    rows, wanted = [], []
    for one in variants:
        rough = model.rough(one.layers)
        if rough is not None:
            rows.append((rough[0], 1e3 * len(one.layers)))
            wanted.append(one.milliseconds)
    if not rows:
        return model
    per_second, per_layer = relative_fit(rows, wanted)
    return model.replaced(per_second=per_second, per_layer=per_layer)
