"""A latency model measured: whole variants, and the distinct layers of many, timed on purpose."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from archprof.analysis.analysis import Analysis
from archprof.commands.measure.planning.measurement_plan import Plan
from archprof.commands.measure.planning.progress import Lines, working
from archprof.commands.sweep.device_options import DeviceOptions
from archprof.commands.sweep.measured_variants import (
    Data,
    measure_variants,
    milliseconds,
    variants_plan,
)
from archprof.problem import Mark, ProblemError
from archprof.sweeping.latency.errors import Twice
from archprof.sweeping.latency.layers import LayerWork, distinct_nodes, layers_of
from archprof.sweeping.latency.model import (
    LatencyConditions,
    LatencyModel,
    MeasuredVariant,
    fitted,
)
from archprof.sweeping.latency.side_by_side import side_by_side
from archprof.sweeping.single import SingleVariant, drawn_variants
from archprof.units import number_of

if TYPE_CHECKING:
    from archprof.commands.measure.running.workload import Case
    from archprof.sweeping.space.space import Space

LEAST = 8
"""Variants: half of them are held back, and of fewer no error can be told."""

SAMPLED = 10
"""For each measured variant so many more are drawn, whose layers are timed: no whole of them is."""


def fit_latency(space: Space, count: int, options: DeviceOptions, seed: int = 0) -> LatencyModel:
    """Return a latency model of a space from `count` measured variants, half of them held back.

    The layers of those held back are not timed, so that as many of theirs are looked up as of any
    variant of the space. They are measured a second time at the end: no model can be nearer to a
    variant than the variant is to itself. Raises ProblemError for too few variants and as
    `variants_plan` does, KeyboardInterrupt after Ctrl-C.
    """
    _refuse_few(count)
    drawn = drawn_variants(space, count * (1 + SAMPLED), seed)
    whole, more = drawn[:count], drawn[count:]
    _refuse_few(len(whole))
    used, held_back = whole[::2], whole[1::2]
    data = _complete(measure_variants(space, whole, options))
    timed = _timed_layers(space, [*used, *more], variants_plan(space, whole[:1], options))
    again = _complete(measure_variants(space, held_back, options))
    measured = [_measured(variant, data["run"], i) for i, variant in enumerate(whole)]
    second = [milliseconds(again["run"], i) for i in range(len(held_back))]
    return fitted(
        _conditions(space, data["run"]),
        space.name,
        data["run"]["manifest"],
        timed,
        [one for one in measured[::2] if one is not None],
        [one for one in measured[1::2] if one is not None],
        [
            Twice(one.milliseconds, other)
            for one, other in zip(measured[1::2], second, strict=True)
            if one is not None and other is not None
        ],
    )


def _refuse_few(count: int) -> None:
    if count < LEAST:
        message = f"found {count}, expected at least {LEAST}: half of the variants are held back"
        raise ProblemError.of(Mark("--fit"), "option", message, f"--fit {LEAST}, of a larger space")


def _complete(data: Data) -> Data:
    """Return what was measured. Raises KeyboardInterrupt where Ctrl-C ended it."""
    if not data["run"]["complete"]:
        raise KeyboardInterrupt
    return data


def _measured(variant: SingleVariant, run: Data, place: int) -> MeasuredVariant | None:
    found = milliseconds(run, place)
    return None if found is None else MeasuredVariant(layers_of(variant.analysis), found)


def _timed_layers(
    space: Space, variants: Sequence[SingleVariant], plan: Plan
) -> dict[LayerWork, float]:
    """Return the seconds of each distinct layer of some variants."""
    from archprof.commands.measure.running.measuring import measuring

    analyses = [variant.analysis for variant in variants]
    works = {work.key: work for analysis in analyses for work in layers_of(analysis)}
    found: dict[LayerWork, float] = {}
    with measuring(plan.request) as where, working(_timing(0, len(works))):
        lines = Lines()
        for case, places in _cases(space, analyses, plan.groups[0][0]):
            lines.say(_timing(len(found), len(works)))
            try:
                times = where.layer_times(case).times
            except RuntimeError:  # torch's, where these layers cannot run: they are estimated
                continue
            seconds = {layer.node: layer.busy for layer in times.layers}
            found |= {works[key]: seconds[place] for key, place in places if place in seconds}
    return found


def _cases(
    space: Space, analyses: Iterable[Analysis], like: Case
) -> Iterator[tuple[Case, Sequence[tuple[str, int]]]]:
    """Yield networks of distinct layers under the conditions of another case, and by key which of
    their nodes those layers are.
    """
    nodes = distinct_nodes(analysis.graph for analysis in analyses)
    for part in side_by_side(nodes, space.network, space.conditions.batch):
        yield like._replace(graph=part.graph), tuple(part.places.items())


def _timing(done: int, all_of_them: int) -> str:
    return f"timing {number_of(all_of_them, 'distinct layer')}, {done} done"


def _conditions(space: Space, run: Data) -> LatencyConditions:
    device, row = run["manifest"]["device"], run["measurements"][0]
    on_cpu = device["type"] == "cpu"
    return LatencyConditions(
        device["type"],
        device["name"],
        space.conditions.dtype,
        space.conditions.batch,
        row["memory_format"],
        row["mode"],
        run["manifest"]["flags"]["threads"] if on_cpu else None,
    )
