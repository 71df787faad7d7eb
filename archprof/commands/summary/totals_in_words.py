"""The totals of a network in words, each with what it means: the notes below its summary."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from archprof import units
from archprof.analysis.analysis import Analysis, LayerAnalysis
from archprof.analysis.counting import CONVENTIONS
from archprof.analysis.dropped_branches import dropped_branches
from archprof.analysis.receptive import Extent
from archprof.analysis.totals import Sum
from archprof.show.resized import resized_data, resized_notes
from archprof.show.sums import sum_text, total_text, unknown_notes

if TYPE_CHECKING:
    from archprof.training.stochastic_depth import Expected

Note = tuple[str, str]  # its label, and its text

MOST_ALIVE = 4  # layers that are named at the peak of memory
MOST_ROUNDED = 10  # windows that do not divide evenly


def totals_in_words(analysis: Analysis, step: bool = False) -> list[Note]:
    """Return the notes on the totals; with `step` the peak of a step of training too."""
    t = analysis.totals
    params = _number(t.params)
    if t.aux_params:
        where = "in auxiliary heads" if analysis.graph.aux_outputs else "not used in evaluation"
        params += f", of which {units.exact(t.aux_params)} {where}"
    if t.frozen_params:
        params += f"; trainable {_number(t.trainable_params)}, frozen {_number(t.frozen_params)}"
    if t.buffers:
        params += f"; buffers {units.exact(t.buffers)}"
    exact_cost = not t.unknown.cost
    notes = [
        ("params", params),
        ("MACs", f"{_number(t.macs, exact_cost)}: multiply-accumulates, what papers call FLOPs"),
        ("FLOPs", f"{_number(t.flops, exact_cost)}: all arithmetic, 2 per MAC"),
    ]
    if analysis.count not in ("macs", "full"):
        described = CONVENTIONS[analysis.count].described()
        notes.append((analysis.count, f"{_number(t.counted, exact_cost)}: {described}"))
    layers = units.number_of(t.depth, "layer")
    notes.append(("depth", f"{layers} with weights on the longest path"))
    if t.receptive_field:
        notes.append(("field", _field_in_words(t.extent, t.receptive_field)))
    elif t.extent.sees == "unknown":
        notes.append(("field", "not known, the layers have no regular answer"))
    return [
        *notes,
        ("memory", _memory(analysis)),
        ("peak", _peak(analysis)),
        ("training", _training(analysis) + (_peak_of_step(analysis) if step else "")),
        *_dropped(analysis),
        *unknown_notes(t.unknown),
        *resized_notes(resized_data(analysis.graph), analysis.graph.input),
    ]


def _number(value: int, complete: bool = True) -> str:
    """Return a number exactly, and in short where that is shorter; with ≥ where parts lack."""
    exact, short = units.exact(value), units.count(value)
    text = f"{exact} ({short})" if short != exact else str(exact)
    return text if complete else units.at_least(text)


def _memory(analysis: Analysis) -> str:
    t = analysis.totals
    return (
        f"weights {units.size(t.weight_bytes)}; outputs {units.size(t.sum_outputs_bytes)},"
        f" of conv, pool and fc alone {units.size(t.lecture_outputs_bytes)}"
    )


def _peak(analysis: Analysis) -> str:
    peak, nodes = analysis.peak, analysis.graph.nodes

    def name(index: int) -> str:
        return nodes[index].path if index >= 0 else "input"

    alive = sorted(peak.alive, key=lambda item: -item[1])
    parts = [f"{name(i)} {units.size(size)}" for i, size in alive]
    text = (
        f"{units.size(analysis.totals.peak_inference_bytes)} in inference, at {name(peak.node)}:"
        f" the weights and {units.some(parts, MOST_ALIVE)}"
    )
    if peak.inside:
        text += f"; {units.size(peak.inside)} within {name(peak.node)}"
    return text


def _training(analysis: Analysis) -> str:
    t = analysis.totals
    keeper = f"{analysis.optimizer} and EMA" if analysis.ema else analysis.optimizer
    training = total_text(units.size, t, "training_bytes")
    saved = total_text(units.size, t, "saved_bytes")
    return f"{training} with {keeper}, of which {saved} saved for the backward pass"


def _peak_of_step(analysis: Analysis) -> str:
    size = Sum(analysis.training_peak_bytes, not analysis.asked_step.without_bytes)
    peak = analysis.training_step.peak
    where = f"{peak.phase}, {peak.path}" if peak.path else peak.phase
    return f"; a step takes {sum_text(units.size, size)} at its peak, in {where}"


def _dropped(analysis: Analysis) -> list[Note]:
    """Return what dropped branches save, nothing for a network that drops none."""
    found = dropped_branches(analysis)
    if found is None:
        return []
    branches = found.branches
    macs = _on_average(found.macs, units.count, not analysis.totals.unknown.cost)
    saved = _on_average(found.saved_bytes, units.size, not analysis.totals.unknown.saved)
    text = (
        f"{branches.expected:.4g} of {branches.worst} branches run on average; where dropped ones"
        f" are not run, a forward pass has {macs} MACs and saves {saved}; torch runs them all"
    )
    return [("dropped", text)]


def _on_average(of: Expected, text: Callable[[int], str], complete: bool) -> str:
    """Return an expected value and the worst case, lower bounds where parts lack."""
    worst = text(of.worst) if complete else units.at_least(text(of.worst))
    if of.expected is None:
        return f"{units.UNKNOWN} of {worst}"
    average = text(round(of.expected))
    return f"{average if complete else units.at_least(average)} of {worst}"


def _field_in_words(extent: Extent, local: tuple[int, ...]) -> str:
    pixels = f"{units.pair(*local)} pixel{'s' if max(local) > 1 else ''}"
    if extent.sees == "all":
        return (
            f"all of the input, through attention, gates or offsets; {pixels} before them, the"
            " largest local receptive field"
        )
    if extent.sees == "unknown":
        return (
            f"not known, some layers have no regular answer; {pixels} is the largest local"
            " receptive field"
        )
    return f"{pixels}, the largest receptive field of a layer that does not see everything"


def remainders(layers: tuple[LayerAnalysis, ...]) -> list[Note]:
    """Return where a window does not divide evenly, each distinct case once."""
    return _each_once("rounded", [(row.node.path, row.node.facts.notes) for row in layers])


def remarks(layers: tuple[LayerAnalysis, ...]) -> list[Note]:
    """Return what else there is to say of layers: weights shared, frozen or unused."""
    return _each_once("weights", [(row.node.path, row.node.remarks) for row in layers])


def _each_once(label: str, notes: list[tuple[str, tuple[str, ...]]]) -> list[Note]:
    """Return each distinct note once, with the first path that it is of."""
    seen: dict[str, list[str]] = {}
    for path, texts in notes:
        for text in texts:
            seen.setdefault(text, []).append(path)
    found = [(label, f"{units.some(paths, 1)}: {text}") for text, paths in seen.items()]
    if len(found) <= MOST_ROUNDED:
        return found
    shown = MOST_ROUNDED - 1
    rest = f"and {len(found) - shown} more: --columns layer,output,notes"
    return [*found[:shown], (label, rest)]
