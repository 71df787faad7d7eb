"""`archprof fit`: whether a network fits into a memory, at which batch, and what would help."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from archprof.cli.declared import Option
from archprof.cli.options import (
    Dtype,
    DtypeOption,
    Format,
    FormatOption,
    Input,
    Net,
    Output,
    Set,
    Submodule,
)
from archprof.cli.ranges import refused
from archprof.cli.training_options import StepAmp, StepCheckpoint, StepFreeze, memory_bytes

if TYPE_CHECKING:
    from archprof.training.training_conditions import TrainingWords

MOST_DEVICES = 1_000_000

Memory = Annotated[
    str | None,
    Option(
        metavar="SIZE",
        help="The device's memory, such as 24GiB: the largest batch is searched.",
        show_default=False,
    ),
]
AskedBatch = Annotated[
    int | None,
    Option(
        min=1,
        max=1_000_000,
        metavar="N",
        help="Images at a time, for which the peak is shown.",
        show_default="the largest that fits, or 1",
    ),
]
OptimizerName = Annotated[
    str | None,
    Option(
        "--optimizer",
        metavar="NAME",
        help=(
            "With --train: sgd, momentum, nesterov, adam, adamw, rmsprop, adafactor, lion or"
            " adam8bit; behind it fused, foreach, single, amsgrad, decay, clip, ema, master, zeroed"
            " or first, as in adamw,fused,ema."
        ),
        show_default="sgd",
    ),
]
Accumulate = Annotated[
    int,
    Option(
        min=1,
        max=1_000_000,
        metavar="N",
        help="With --train: batches whose gradients are added up for one update.",
    ),
]
Devices = Annotated[
    int,
    Option(
        min=1,
        max=MOST_DEVICES,
        metavar="N",
        help="With --train: devices that share the work, on paper: data parallel, ZeRO, FSDP.",
    ),
]
DeviceKind = Annotated[
    str,
    Option(
        metavar="NAME",
        help="By whose rules, and with whose overhead: cuda or cpu.",
    ),
]
Peaks = Annotated[
    str | None,
    Option(
        metavar="RATE",
        help=(
            "For the least time of a step: FLOPs per second such as 312T, or the device (cpu, cuda)"
            " of which `archprof device` has kept the peaks."
        ),
        show_default=False,
    ),
]
TimelineOption = Annotated[
    str | None,
    Option(
        "--timeline",
        metavar="N",
        help=(
            "With --train: the step moment by moment: all kernels that make a tensor, or the N"
            " after which most is alive."
        ),
        show_default=False,
    ),
]


def fit(
    net: Net,
    memory: Memory = None,
    train: Annotated[bool, Option("--train", help="A step of training, not an inference.")] = False,
    optimizer: OptimizerName = None,
    amp: StepAmp = None,
    freeze: StepFreeze = None,
    checkpoint: StepCheckpoint = None,
    accumulate: Accumulate = 1,
    devices: Devices = 1,
    device: DeviceKind = "cuda",
    input: Input = None,
    batch: AskedBatch = None,
    dtype: DtypeOption = Dtype.float32,
    set: Set = None,
    submodule: Submodule = None,
    peaks: Peaks = None,
    timeline: TimelineOption = None,
    format: FormatOption = Format.table,
    output: Output = None,
) -> int:
    """Whether a network fits into a memory: the largest batch, the peak and what is alive there,
    what would help, and what each help costs.

    Example: archprof fit resnet50 --memory 24GiB --train --optimizer adamw
    """
    from archprof.commands.fit.answering import answer
    from archprof.commands.fit.asking import networks
    from archprof.commands.fit.fit_tables import fit_lines, fit_tables
    from archprof.commands.fit.fitting import Question
    from archprof.commands.fit.planning import allow_plans
    from archprof.commands.fit.step_time import peak_rate
    from archprof.commands.fit.timeline import how_many, timeline_data, timeline_table
    from archprof.ops.elements import DTYPES
    from archprof.show import terminal
    from archprof.show.table import put, put_lines
    from archprof.training.training_conditions import TrainingWords, known_device

    known_device(device)
    words = TrainingWords(
        optimizer or "sgd",
        amp or "",
        DTYPES[dtype.value],
        tuple(freeze or ()),
        checkpoint or "",
        accumulate,
        device,
    )
    if not train:
        _refuse_training(words, devices, peaks, timeline)
    most = None if timeline is None else how_many(timeline)
    room = None if memory is None else memory_bytes(memory)
    rate = None if peaks is None else peak_rate(peaks, amp or dtype.value)
    answers = []
    found = networks(net, input, set, submodule)
    allow_plans(words if train else None, len(found))
    for one in found:
        question = Question(
            one.graph,
            words if train else None,
            dtype.value,
            device,
            room,
            batch,
            devices,
            one.resize,
            rate,
            row=one.row,
        )
        answers.append(answer(question, advise=len(found) == 1))
    if format is Format.json:
        import json

        from archprof.commands.fit.fit_data import fit_data

        data = fit_data(answers)
        if timeline is not None:
            for entry, given in zip(data["answers"], answers, strict=True):
                entry["timeline"] = timeline_data(given, most)
        terminal.emit(json.dumps(data, indent=1), output)
        return 0
    moments = [] if timeline is None else [timeline_table(given, most) for given in answers]
    if format is Format.table:
        put_lines(fit_lines(answers, terminal.width(), moments), output)
    elif format is Format.html:
        from archprof.commands.fit.fit_page import fit_page

        terminal.emit(fit_page(answers, [*fit_tables(answers), *moments]), output)
    else:
        put([*fit_tables(answers), *moments], format.value, output)
    return 0


def _refuse_training(
    words: TrainingWords, devices: int, peaks: str | None, timeline: str | None
) -> None:
    """Raise ProblemError for an option that only a step of training has."""
    given = {
        "--optimizer": words.optimizer != "sgd",
        "--amp": words.amp,
        "--freeze": words.freeze,
        "--checkpoint": words.checkpoint,
        "--accumulate": words.accumulate > 1,
        "--devices": devices > 1,
        "--peaks": peaks is not None,
        "--timeline": timeline is not None,
    }
    for option, is_given in given.items():
        if is_given:
            hint = "--train, or leave it out"
            if option == "--amp":
                hint = f"--train, or --dtype {words.amp} for an inference"
            raise refused(option, "an inference has none, and --train is not given", hint)
