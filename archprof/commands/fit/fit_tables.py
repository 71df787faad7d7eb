"""Answers as tables: the peak by kind, what helps, several devices, and several inputs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from archprof import units
from archprof.commands.fit.answering import Answer
from archprof.commands.fit.fitting import Help, LargestBatch, Question, ShardedFit
from archprof.commands.fit.planning import Checkpoints
from archprof.commands.fit.step_time import least_time
from archprof.commands.fit.subjects import PeakMoment
from archprof.show.resized import resized_data, resized_notes
from archprof.show.table import Line, Table, TableColumn, lines
from archprof.training.overhead import verdict
from archprof.training.plans import CheckpointPlan

Notes = list[tuple[str, str]]
SHOWN_PARTS = 4  # of a plan of checkpoints


def fit_tables(answers: Sequence[Answer]) -> list[Table]:
    """Return the tables of one answer, or one table of several inputs."""
    if len(answers) > 1:
        return [_sweep(answers)]
    (found,) = answers
    tables = [_peak(found)]
    if found.helps:
        tables.append(_helps(found))
    if found.sharded:
        tables.append(_sharded(found))
    return tables


def fit_lines(answers: Sequence[Answer], width: int, more: Sequence[Table] = ()) -> Iterator[Line]:
    """Yield the tables and `more` line by line, then the code of a plan of checkpoints."""
    for i, table in enumerate([*fit_tables(answers), *more]):
        if i:
            yield []
        yield from lines(table, width)
    (*_, last) = answers
    if len(answers) == 1 and last.checkpoints is not None:
        code = last.checkpoints.code
        yield from ([(line, "")] for line in ("", *code.splitlines()) if code)


def _title(question: Question, with_input: bool = True) -> str:
    """Return the network and its conditions in a line."""
    graph, words = question.graph, question.words
    parts = [graph.network.name]
    if with_input and question.row is not None:
        parts.append(f"row {question.row:,}")
    if with_input:
        parts.append(units.shape(graph.input))
    if words is None:
        parts += ["inference", question.dtype]
    else:
        parts += [f"training with {words.optimizer}", question.dtype]
        if words.amp:
            parts.append(f"AMP {words.amp}")
        if words.freeze:
            parts.append(f"frozen: {' '.join(words.freeze)}")
        if words.checkpoint:
            parts.append(f"checkpointed: {words.checkpoint}")
        if words.accumulate > 1:
            parts.append(f"{words.accumulate} batches for an update")
    memory = "" if question.memory is None else f"{units.size(question.memory)} of "
    return " · ".join([*parts, f"{memory}{question.device}"])


def _peak(found: Answer) -> Table:
    peak = found.peak
    rows = [
        [kind, units.size(size), units.share(size, peak.bytes)]
        for kind, size in peak.kinds.items()
        if size
    ]
    rows.append([f"batch {peak.batch:,}", _bytes(found, peak.bytes), units.share(1, 1)])
    columns = [
        TableColumn("Peak", right=False),
        TableColumn("Bytes", unit="bytes"),
        TableColumn("Share"),
    ]
    return Table(columns, rows, _title(found.question), list(_notes(found)), totals=1)


def _bytes(found: Answer, value: int) -> str:
    """Return bytes as text, a lower bound as one."""
    text = units.size(value)
    return units.at_least(text) if found.unknown else text


def _notes(found: Answer) -> Iterator[tuple[str, str]]:
    """Yield what there is to say below the peak."""
    question = found.question
    if found.largest is not None:
        yield "largest", _largest(found.largest)
    if question.batch is not None and found.verdict is not None:
        yield "batch", f"{question.batch:,}: {found.verdict}"
    yield "peak", _place(found.peak)
    if found.breaks is not None:
        yield "breaks", _breaks(found, found.breaks)
    if found.checkpoints is not None:
        yield "again", _again(found.checkpoints.plan)
        yield from _limits_of_plans(found, found.checkpoints)
    if found.peak.alive:
        alive = (f"{one.layer} {units.size(one.bytes)} ({one.kind})" for one in found.peak.alive)
        yield "alive", f"most: {', '.join(alive)}"
    yield "beside", _beside(found)
    yield from _arithmetic(found)
    if found.unknown:
        yield "unknown", f"{units.unknown_of(found.unknown)}: all bytes are lower bounds"
    if not found.monotone:
        yield "note", "a smaller batch took more than a larger one: search near the answer too"
    yield from resized_notes(resized_data(question.graph), question.graph.input)


def _again(plan: CheckpointPlan) -> str:
    """Return what runs again, and its effect."""
    if not plan.again:
        return f"nothing: {plan.effect}"
    named = ", ".join(map(str, plan.again[:SHOWN_PARTS]))
    more = len(plan.again) - SHOWN_PARTS
    rest = f" and {units.number_of(more, 'more part')}" if more > 0 else ""
    return f"{named}{rest}; {plan.effect}"


def _limits_of_plans(found: Answer, checkpoints: Checkpoints) -> Iterator[tuple[str, str]]:
    """Yield why no plan helps more, where a batch does not fit or one part is most of a network."""
    longest, batch = checkpoints.longest, found.question.batch
    if longest is None:
        return
    refused = batch is not None and found.verdict != "fits"
    if refused or 2 * longest.layers > checkpoints.layers:
        says = f"none was found with which batch {batch:,} fits for sure; " if refused else ""
        says += "a part begins and ends where one value alone goes on, and the longest is"
        yield "plan", f"{says} {longest}, of {checkpoints.layers:,} layers in all"


def _largest(largest: LargestBatch) -> str:
    if largest.possible == 0:
        return "not even 1 image fits"
    if largest.sure is None:
        return f"what fits for sure is unknown; up to {largest.possible:,} may fit"
    if largest.sure == 0:
        return f"nothing fits for sure; up to {largest.possible:,} may fit"
    if largest.sure == largest.possible:
        return f"batch {largest.sure:,} fits"
    return f"batch {largest.sure:,} fits for sure, up to {largest.possible:,} may fit"


def _batches(largest: LargestBatch) -> list[str]:
    """Return both batches as cells."""
    sure = units.UNKNOWN if largest.sure is None else units.exact(largest.sure)
    return [sure, units.exact(largest.possible)]


def _place(peak: PeakMoment) -> str:
    """Return where a peak is: its phase, its layer, its kernel."""
    return ", ".join(part for part in (peak.phase, peak.layer, peak.kernel) if part)


def _breaks(found: Answer, breaks: PeakMoment) -> str:
    memory = found.question.memory or 0
    said = verdict(found.overhead, breaks.bytes, memory)
    most = units.size(found.overhead.most(breaks.bytes))
    same = _place(breaks) == _place(found.peak)
    place = "the same kernel" if same else _place(breaks)
    return f"batch {breaks.batch:,} {said}: up to {most} in all, at {place}"


def _beside(found: Answer) -> str:
    peak, overhead = found.peak.bytes, found.overhead
    least = units.size(overhead.least(peak) - peak)
    most = units.size(overhead.most(peak) - peak)
    return f"{least} to {most}, which no rule tells: {overhead.basis}"


def _arithmetic(found: Answer) -> Iterator[tuple[str, str]]:
    flops, rate = found.arithmetic, found.question.rate
    if flops is None:
        return
    parts = [
        f"{units.count(count)} {name}"
        for name, count in flops._asdict().items()
        if count or name != "recomputed"
    ]
    total = units.count(flops.all)
    most = units.at_least(total) if found.unknown else total
    yield "FLOPs", f"{most} for a step: {', '.join(parts)}"
    if rate is None:
        return
    least, reached = least_time(flops, rate), units.count(round(rate.flops_per_s))
    yield (
        "time",
        f"at least {units.duration(least.step_ms)} for a step, at {reached} FLOPs per second"
        f" ({rate.source}); one of t ms has an MFU of {units.three_digits(least.model_ms)}/t",
    )


def _helps(found: Answer) -> Table:
    batch = found.peak.batch
    columns = [
        TableColumn("Change", right=False, wraps=True),
        TableColumn("Fits", unit="images"),
        TableColumn("May fit", unit="images"),
        TableColumn(f"Peak at {batch:,}", unit="bytes"),
        TableColumn("Again"),
        TableColumn("Cost", right=False, wraps=True),
    ]
    rows = [_help_row(one) for one in found.helps]
    notes = [("Again", "FLOPs that are computed a second time, as a share of both passes'")]
    return Table(columns, rows, "What would help", notes)


def _help_row(one: Help) -> list[str]:
    return [
        one.change,
        *_batches(one.largest),
        units.size(one.peak),
        f"{100 * one.recomputed:.1f}%" if one.recomputed else "-",
        one.cost,
    ]


def _sharded(found: Answer) -> Table:
    question = found.question
    columns = [
        TableColumn("Scheme", right=False),
        TableColumn("Weights", unit="bytes"),
        TableColumn("Gradients", unit="bytes", drop=2),
        TableColumn("State", unit="bytes", drop=2),
        TableColumn("Gathered", unit="bytes", drop=3),
        TableColumn("Rest", unit="bytes", drop=2),
        TableColumn("Device", unit="bytes"),
        TableColumn("Sends", unit="bytes"),
    ]
    if question.memory is not None:
        columns += [TableColumn("Fits", unit="images"), TableColumn("May fit", unit="images")]
    rows = [_sharded_row(one) for one in found.sharded]
    title = f"{question.devices:,} devices, batch {found.peak.batch:,} on each · computed, not run"
    notes = [
        ("Device", "a device's tensors at its peak; of ZeRO-3 with the largest layer whole"),
        ("Rest", "activations, the batch, and what an update makes meanwhile"),
        ("Sends", "each device in a step, by Rajbhandari et al. 2020 (arXiv:1910.02054)"),
    ]
    return Table(columns, rows, title, notes)


def _sharded_row(one: ShardedFit) -> list[str]:
    device = one.device
    parts = (device.weights, device.gradients, device.state, device.gathered, device.rest)
    row: list[str] = [one.scheme.called]
    row += [units.size(size) for size in (*parts, sum(device), one.sent)]
    if one.largest is not None:
        row += _batches(one.largest)
    return row


def _sweep(answers: Sequence[Answer]) -> Table:
    first = answers[0].question
    columns = [TableColumn("Input", right=False)]
    if first.row is not None:
        columns.insert(0, TableColumn("Row"))
    if first.memory is not None:
        columns += [TableColumn("Fits", unit="images"), TableColumn("May fit", unit="images")]
    columns += [
        TableColumn("Batch"),
        TableColumn("Peak", unit="bytes"),
        TableColumn("Where", right=False, wraps=True),
    ]
    rows = [_sweep_row(found) for found in answers]
    notes: Notes = [("beside", answers[0].overhead.basis)]
    return Table(columns, rows, _title(first, with_input=False), notes)


def _sweep_row(found: Answer) -> list[str]:
    question = found.question
    row: list[str] = [] if question.row is None else [units.exact(question.row)]
    row.append(units.shape(question.graph.input))
    if found.largest is not None:
        row += _batches(found.largest)
    peak = found.peak
    return [*row, units.exact(peak.batch), _bytes(found, peak.bytes), _place(peak)]
